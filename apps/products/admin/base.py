"""What the pages of the catalogue share: who may see and change a client's rows."""

from django.db.models import Model
from django.http import HttpRequest

from apps.core.admin import ModelAdmin
from apps.users.models import User
from apps.users.roles import CHANGE_PRODUCT, VIEW_PRODUCT


class CatalogueAdmin(ModelAdmin):
    """Rows of a client's catalogue, which is one for all its shops: seen by whoever
    sees products at one of them, changed by who may at all of them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(
            isinstance(request.user, User)
            and request.user.access.places(CHANGE_PRODUCT).at_whole_clients("pk")
        )

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return self._allows(request, "delete", obj)

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        if deed != "view":
            return bool(request.user.has_perm(CHANGE_PRODUCT, obj))
        if obj is None:
            return bool(request.user.has_perm(VIEW_PRODUCT))
        rows = type(obj)._default_manager.get_queryset()
        return bool(rows.visible_to(request.user).filter(pk=obj.pk).exists())  # type: ignore[attr-defined]
