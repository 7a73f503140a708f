"""What the lists beside the orders share: who sees a row, who may act on it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from apps.core.addresses import address_of
from apps.core.admin import OwnList, ReadOnlyAdmin
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS, VIEW_ORDER
from apps.users.services.audit import By


class AtShopRows(OwnList, ReadOnlyAdmin):
    """Seen by whoever sees orders at the shop, acted on by who works on them there."""

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        permission = VIEW_ORDER if deed == "view" else PROCESS_ORDERS
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


def by_whom(request: HttpRequest) -> By:
    """Who answers for a deed, as the trail notes it."""
    assert isinstance(request.user, User)
    return By(request.user, address_of(request))


def came_from(request: HttpRequest, name: str) -> str:
    """The page a form says it stands on, if it is one of ours; else the list `name`."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if back and is_ours else reverse(name)
