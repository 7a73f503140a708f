"""People, clients, teams, and the audit trail."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django_otp.plugins.otp_static.models import StaticDevice

from apps.users.admin.audit import AuditEntryAdmin
from apps.users.admin.clients import ClientAdmin
from apps.users.admin.people import UserAdmin
from apps.users.admin.team import MembershipAdmin
from apps.users.models import AuditEntry, Client, Membership, User

# Roles take their place: a group would promise what the roles do not keep.
admin.site.unregister(Group)
# Whoever could write backup codes could sign in as anybody.
admin.site.unregister(StaticDevice)
admin.site.register(User, UserAdmin)
admin.site.register(Client, ClientAdmin)
admin.site.register(Membership, MembershipAdmin)
admin.site.register(AuditEntry, AuditEntryAdmin)
