"""Addresses below /api/v1/: oneself and the words for what one may do."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.users.api.audit import AuditEntries
from apps.users.api.me import Me, Permissions, Roles, Scopes
from apps.users.api.tokens import Tokens

router = SimpleRouter(use_regex_path=False)
router.register("tokens", Tokens, "token")
router.register("audit", AuditEntries, "audit")

urlpatterns = [
    path("me/", Me.as_view(), name="me"),
    path("roles/", Roles.as_view(), name="roles"),
    path("permissions/", Permissions.as_view(), name="permissions"),
    path("scopes/", Scopes.as_view(), name="scopes"),
    *router.urls,
]
