"""What the pages of stock share: who may see and change a client's rows."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path

from apps.core.admin import ModelAdmin
from apps.users.models import Client
from apps.users.roles import CHANGE_STOCK, VIEW_STOCK

MOST_PAGED = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than anybody pages: among a million rows, counting is what
    takes long."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        counted: int = rows.order_by()[:MOST_PAGED].count()
        return counted


class StockAdmin(ModelAdmin):
    """Rows of a client's stock, which is one for all its shops: seen by whoever sees
    stock at one of them, changed by who may at all of them."""

    def get_urls(self) -> list[URLPattern]:
        """The list, and pages of ours; nothing of the theme's beside it."""
        name = self._name("changelist")
        kept = [url for url in super().get_urls() if url.name == name]
        return [*kept, *self.own_urls()]

    def own_urls(self) -> Iterable[URLPattern]:
        """What there is besides the list, made with `page_at`."""
        return ()

    def page_at(self, route: str, view: Any, name: str) -> URLPattern:
        wrapped = self.admin_site.admin_view(view)
        pattern: URLPattern = path(route, wrapped, name=self._name(name))
        return pattern

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not the theme's button: lists have their own, with words."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        if deed != "view":
            return bool(request.user.has_perm(CHANGE_STOCK, obj))
        if obj is None:
            return bool(request.user.has_perm(VIEW_STOCK))
        rows = type(obj)._default_manager.get_queryset()
        return bool(rows.visible_to(request.user).filter(pk=obj.pk).exists())  # type: ignore[attr-defined]


def within(column: str, since: date | None, until: date | None) -> Q:
    """Days of UTC, the last one whole."""
    found = Q()
    if since:
        found &= Q(**{f"{column}__gte": datetime.combine(since, time.min, UTC)})
    if until:
        found &= Q(**{f"{column}__lte": datetime.combine(until, time.max, UTC)})
    return found


def stock_clients(request: HttpRequest) -> QuerySet[Client]:
    """Clients whose stock one may change."""
    clients = Client.objects.permitting(request.user, CHANGE_STOCK)
    return clients.filter(is_active=True)
