"""What the pages of the catalogue share: who may see and change a client's rows."""

from typing import Any

from django.core.paginator import Page
from django.db.models import Model
from django.http import HttpRequest

from apps.core.admin import ModelAdmin
from apps.core.money import Money
from apps.users.models import User
from apps.users.roles import CHANGE_PRODUCT, VIEW_PRODUCT


def key_of(text: str) -> int:
    """A row's key as somebody sent it; 0, which no row has, where it can be none."""
    is_key = text.isascii() and text.isdecimal() and len(text) < 19
    return int(text) if is_key else 0


def cost_text(cost: Money | None) -> str:
    """Costs are not rounded: screws are bought at parts of a cent."""
    return f"{cost.currency} {cost.exact().amount:,}" if cost else ""


def other_pages(
    request: HttpRequest, page: "Page[Any]", name: str
) -> list[tuple[str, str]]:
    """(words, address) of the pages before and after, all else as it is."""
    numbers = []
    if page.has_previous():
        numbers.append(("Previous", page.previous_page_number()))
    if page.has_next():
        numbers.append(("Next", page.next_page_number()))
    found = []
    for words, number in numbers:
        query = request.GET.copy()
        query[name] = str(number)
        found.append((words, f"?{query.urlencode()}"))
    return found


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
