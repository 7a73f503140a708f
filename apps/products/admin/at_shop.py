"""What belongs to a shop's listings: seen and acted on by the rights for listings."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.core.addresses import address_of
from apps.core.admin import OwnList, ReadOnlyAdmin
from apps.users.roles import CHANGE_LISTING, VIEW_LISTING


class AtShopAdmin(OwnList, ReadOnlyAdmin):
    """Rows are written by services alone; some of them can be acted on."""

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        permission = VIEW_LISTING if deed == "view" else CHANGE_LISTING
        return bool(request.user.has_perm(permission, obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("shop__client")

    def bound(self, view: Callable[..., HttpResponseBase]) -> Any:
        """A view of this class for signed-in people."""
        return self.admin_site.admin_view(view)

    def seen(self, request: HttpRequest, object_id: object) -> Any:
        """The row, if the user may see it; None for any other ID."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, str(object_id))


def may_act(request: HttpRequest, row: Model) -> bool:
    return bool(request.user.has_perm(CHANGE_LISTING, row))


def by_whom(request: HttpRequest) -> dict[str, Any]:
    """Who answers for a deed, as the audit trail notes it."""
    return {"actor": request.user, "address": address_of(request)}
