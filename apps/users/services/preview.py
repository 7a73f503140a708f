"""Looking at the pages as a colleague sees them, without being able to do anything."""

from django.db.models import QuerySet

from apps.users.models import Client, Membership, User
from apps.users.roles import MANAGE_TEAM


def people_seen_by(viewer: User) -> QuerySet[User]:
    """As whom `viewer` may look: superusers as anybody but superusers, who manages a
    team as its members. Asked for one of them, it costs the same whoever it is."""
    people = User.objects.filter(is_active=True, is_superuser=False)
    people = people.exclude(pk=viewer.pk)
    if viewer.is_superuser:
        return people
    teams = Client.objects.visible_to(viewer, MANAGE_TEAM)
    members = Membership.objects.filter(client__in=teams)
    return people.filter(pk__in=members.values("user"))


def as_seen_by(person: User, viewer: User) -> User:
    """`person`, showing only what `viewer` may see, too: a member of two clients does
    not open the other one to whoever manages this one."""
    person.seen_by = viewer
    person.limit_access(person.access.within(viewer.access))
    return person
