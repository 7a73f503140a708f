"""Who is at a page that only superusers open."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apps.users.models import User


def superuser_of(request: HttpRequest) -> User:
    """Raises PermissionDenied for anybody else."""
    if not isinstance(request.user, User) or not request.user.is_superuser:
        raise PermissionDenied
    return request.user
