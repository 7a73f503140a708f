"""Which rows a deed is about: those ticked, or all that match; and which it leaves."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.filtering import FilterForm
from apps.platforms.models import Shop
from apps.products.admin.base import key_of
from apps.sync.admin.stock_base import way_back

FORM = "bulk"
MOST_TICKED = 1_000
ROWS_SHOWN = 100
LEFT_OUT_SHOWN = 20


@dataclass(frozen=True, slots=True)
class StockDeed:
    """`effect` is what comes of it, `refusal` why a row is left out (empty if not),
    `seen` what of a row a person agreed to."""

    name: str
    title: str
    effect: str
    refusal: Callable[[HttpRequest, Any], str]
    seen: Callable[[Any], object] = lambda row: ""


@dataclass(slots=True)
class Selection:
    """`fit` are those the deed is done to; `left_out` the others, and why."""

    deed: StockDeed
    fit: list[Any] = field(default_factory=list)
    left_out: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.fit)

    @property
    def by_shop(self) -> list[tuple[Shop, int]]:
        return list(Counter(row.shop for row in self.fit).items())

    @property
    def mark(self) -> str:
        """Tells whether it is still what a person agreed to."""
        seen = sorted(f"{row.pk}:{self.deed.seen(row)}" for row in self.fit)
        return hashlib.sha256(",".join(seen).encode()).hexdigest()[:16]


def tick(row: Any) -> SafeString:
    """A box of the bulk form, which stands above the list: no script needed."""
    return format_html(
        '<input type="checkbox" class="tick" name="pk" value="{}" form="{}" '
        'aria-label="Select {}">',
        row.pk,
        FORM,
        row.listing_sku,
    )


def chosen(
    request: HttpRequest,
    visible: QuerySet[Any],
    form_class: type[FilterForm],
    *,
    all_if_none: bool = False,
) -> QuerySet[Any]:
    """Those of the rows one sees that the address names; the rest is as if not
    there."""
    told = request.GET.getlist("pk")
    if request.GET.get("all") or (all_if_none and not told):
        return form_class(request.GET, request.user).apply(visible)
    return visible.filter(pk__in=[key_of(key) for key in told[:MOST_TICKED]])


def sort_out(request: HttpRequest, rows: QuerySet[Any], deed: StockDeed) -> Selection:
    selection = Selection(deed)
    for row in rows.order_by("shop", "pk"):
        if reason := deed.refusal(request, row):
            selection.left_out.append((row, reason))
        else:
            selection.fit.append(row)
    return selection


def confirm(
    admin: Any, request: HttpRequest, template: str, selection: Selection, way: str
) -> HttpResponse:
    """The page that asks once; `way` is the name of the list one came from."""
    page: HttpResponse = admin.own_page(
        request,
        template,
        {
            "title": selection.deed.title,
            "deed": selection.deed,
            "selection": selection,
            "rows": selection.fit[:ROWS_SHOWN],
            "rows_more": max(0, selection.count - ROWS_SHOWN),
            "left_out": selection.left_out[:LEFT_OUT_SHOWN],
            "left_out_more": max(0, len(selection.left_out) - LEFT_OUT_SHOWN),
            "here": request.get_full_path(),
            "back": way_back(request, way),
        },
    )
    return page
