"""Who calls, and what the token they call with is for."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.core.api.errors import ScopeMissing
from apps.users.models import ApiToken, User

READS = ("GET", "HEAD")


class HasScope(BasePermission):
    """A token needs the scope of the resource; a person in a browser has them all."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        resource = getattr(view, "scope", "")
        if request.method not in view.allowed_methods:
            return True  # there is no such deed, which is said next
        deed = "read" if request.method in READS else "write"
        if resource and not has_scope(request, f"{resource}:{deed}"):
            raise ScopeMissing(f"The token lacks the scope {resource}:{deed}.")
        return True


def has_scope(request: Request, scope: str) -> bool:
    token = request.auth
    return scope in token.scopes if isinstance(token, ApiToken) else True


def user_of(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user
