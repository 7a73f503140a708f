"""Who sees pages of creators: who sees figures, and creators themselves."""

from django.db.models import Model
from django.http import HttpRequest

from apps.core.admin import ReadOnlyAdmin
from apps.users.models import AnyUser
from apps.users.roles import VIEW_COMMISSION, VIEW_CREATOR


def may_see(user: AnyUser, row: Model | None = None) -> bool:
    """Which rows these are, their querysets say."""
    return any(user.has_perm(name, row) for name in (VIEW_CREATOR, VIEW_COMMISSION))


def is_only_a_creator(user: AnyUser) -> bool:
    """Whether somebody sees nothing here but what is their own."""
    return not user.has_perm(VIEW_CREATOR)


class SeenByCreators(ReadOnlyAdmin):
    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        # A row belongs to whichever of a client's shops; it was looked up as visible.
        return may_see(request.user)
