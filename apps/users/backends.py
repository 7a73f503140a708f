"""How people are known: by their name and password; not what they may do."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import OuterRef, Subquery

from apps.users.models import Authenticator, User


class PasswordBackend(ModelBackend):
    """Django's check of a password; its groups and permissions of users count for
    nothing (platforms.backends.RoleBackend answers those)."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a request, and with them, in the same query, whether they have
        a second factor to show."""
        confirmed = Authenticator.objects.filter(user=OuterRef("pk"), confirmed=True)
        key = Subquery(confirmed.values("pk"))
        # The class says the name as well, for those who are handed such a user.
        users = User.objects.annotate(authenticator_key=key)  # type: ignore[no-redef]
        user = users.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def has_perm(self, *args: Any, **kwargs: Any) -> bool:
        return False

    def has_module_perms(self, *args: Any, **kwargs: Any) -> bool:
        return False

    def get_all_permissions(self, *args: Any, **kwargs: Any) -> set[str]:
        return set()
