"""Team and roles: who may do what where.

page      all the teams somebody may see, and the matrix of roles
member    one person at one client: roles, removal, history
invite    asking somebody, and what becomes of it
rows      people and invitations, put into words
forms     what may be chosen, which is what one holds oneself
admin     the addresses
"""

from apps.users.admin.team.admin import MembershipAdmin

__all__ = ["MembershipAdmin"]
