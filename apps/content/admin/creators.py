"""Who earns for us: creators by what they brought, and one of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from apps.content.admin.access import SeenByCreators, is_only_a_creator, may_see
from apps.content.admin.filters import CreatorFilters
from apps.content.models import (
    AffiliateOrder,
    Creator,
    CreatorLogin,
    CreatorPerformance,
)
from apps.content.models.affiliate import ContentType
from apps.content.services.creator_figures import Brought, Totals
from apps.content.services.creators import end_sign_in, let_sign_in
from apps.core.addresses import address_of
from apps.core.admin import of_row
from apps.core.errors import DomainError
from apps.core.exports import csv_response
from apps.core.money import Money
from apps.platforms.models import Shop
from apps.users.models import User
from apps.users.roles import MANAGE_TEAM, VIEW_RATE
from apps.users.services.audit import By
from apps.users.views.pages import user_of

PAGE = 50
# More rows of one creator are not shown; the list of orders has them all.
MOST_PARTS = 50
_COLUMNS = (
    ("videos", "Videos"),
    ("lives", "LIVEs"),
    ("orders", "Orders"),
    ("gmv", "GMV"),
    ("commission", "Commission"),
    ("change", "Change"),
)
UNNAMED = "Not told"


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is shown; `about` is said below its name."""

    rank: int
    name: str
    address: str
    about: str
    shops: tuple[str, ...]
    videos: int
    lives: int
    orders: int
    gmv: str
    commission: str
    rate: str
    change: str
    notes: str


class CreatorAdmin(SeenByCreators):
    list_title = "Creators"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "content_creator"
        return [
            path("", view(self.list_view), name=f"{name}_changelist"),
            path("export/", view(self.export_view), name=f"{name}_export"),
            path("<int:object_id>/", view(self.page_view), name=f"{name}_change"),
            path(
                "<int:object_id>/logins/",
                view(self.login_view),
                name=f"{name}_logins",
            ),
        ]

    def list_view(self, request: HttpRequest) -> HttpResponse:
        filters = self._filters(request)
        totals = filters.figures(filters.sales())
        pages = Paginator(totals.rows, PAGE)
        page = pages.get_page(request.GET.get("p"))
        context = {
            "title": self.list_title,
            "filters": filters,
            "lines": _lines(page.object_list, page.start_index(), request),
            "page": page,
            "columns": _headings(request.GET, filters),
            "query": request.GET.urlencode(),
            "page_query": _without(request.GET, "p"),
            "has_any": AffiliateOrder.objects.visible_to(request.user).exists(),
            **_told(totals, filters, request),
        }
        return self.own_page(request, "content/creators.html", context)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """All creators of the list, not one page of them."""
        filters = self._filters(request)
        totals = filters.figures(filters.sales())
        header = (
            *("rank", "creator", "shops", "videos", "lives", "orders", "currency"),
            *("gmv", "commission", "rate", "change", "without_commission"),
        )
        return csv_response("creators.csv", header, _cells(totals, request))

    @of_row("GET", "HEAD")
    def page_view(self, request: HttpRequest, creator: Creator) -> HttpResponse:
        filters = CreatorFilters(request.GET, request.user)
        rows = filters.sales().filter(creator=creator)
        by_shop = filters.figures(rows, "shop")
        context = {
            "title": str(creator),
            "creator": creator,
            "filters": filters,
            "parts": [
                ("By shop", _named_shops(by_shop, creator)),
                ("By product", _named_products(filters, rows)),
                ("By content", _named_contents(filters, rows)),
            ],
            "performances": CreatorPerformance.objects.visible_to(request.user)
            .filter(creator=creator)
            .select_related("shop")[:MOST_PARTS],
            "orders_address": _orders_of(creator),
            **_told(by_shop, filters, request),
            **_logins(request, creator),
        }
        return self.own_page(request, "content/creator.html", context)

    @of_row("POST")
    def login_view(self, request: HttpRequest, creator: Creator) -> HttpResponse:
        """Say who of the client's people is this creator, or no longer."""
        if not request.user.has_perm(MANAGE_TEAM, creator.client):
            raise PermissionDenied
        by = By(user_of(request), address_of(request))
        try:
            messages.success(request, _change_logins(request, creator, by))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("admin:content_creator_change", creator.pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("client")

    def _filters(self, request: HttpRequest) -> CreatorFilters:
        if not may_see(request.user):
            raise PermissionDenied
        filters = CreatorFilters(request.GET, request.user)
        for name in filters.errors:
            label = str(filters.fields[name].label or name.capitalize())
            messages.warning(request, f"{label}: ignored, because it does not fit.")
        return filters


def _lines(
    rows: Iterable[Brought], first_rank: int, request: HttpRequest
) -> list[Line]:
    rows = list(rows)
    keys = [row.key for row in rows if row.key != ""]
    seen = Creator.objects.visible_to(request.user).filter(pk__in=keys)
    creators = {creator.pk: creator for creator in seen}
    shops = _shops({key for row in rows for key in row.shops})
    lines = []
    for rank, row in enumerate(rows, first_rank):
        creator = creators.get(row.key)
        lines.append(
            _line(
                row,
                rank=rank,
                name=str(creator) if creator else UNNAMED,
                about=creator.nickname if creator else "through partners' campaigns",
                address=_page_of(creator) if creator else "",
                shops=tuple(shops[key] for key in sorted(row.shops)),
            )
        )
    return lines


def _line(
    row: Brought,
    *,
    name: str,
    rank: int = 0,
    about: str = "",
    address: str = "",
    shops: tuple[str, ...] = (),
) -> Line:
    notes = f"{row.unknown} without an amount" if row.unknown else ""
    return Line(
        rank=rank,
        name=name,
        address=address,
        about=about,
        shops=shops,
        videos=row.videos,
        lives=row.lives,
        orders=row.orders,
        gmv=_money(row.sales.amount, row.sales.base),
        commission=_money(row.commission.amount, row.sales.base),
        rate=_percent(row.rate),
        change=_percent(row.change, sign="+"),
        notes=notes,
    )


def _cells(totals: Totals, request: HttpRequest) -> Iterator[tuple[object, ...]]:
    lines = _lines(totals.rows, 1, request)
    for row, line in zip(totals.rows, lines, strict=True):
        yield (
            line.rank,
            line.name,
            " · ".join(line.shops),
            *(row.videos, row.lives, row.orders, totals.base),
            f"{row.sales.amount:.4f}",
            f"{row.commission.amount:.4f}",
            "" if row.rate is None else f"{row.rate:.6f}",
            "" if row.change is None else f"{row.change:.6f}",
            row.unknown,
        )


def _named_shops(totals: Totals, creator: Creator) -> list[Line]:
    names = _shops({row.key for row in totals.rows if row.key != ""})
    return [
        _line(row, name=names.get(row.key, "Told by the creator's account"))
        for row in totals.rows[:MOST_PARTS]
    ]


def _named_products(filters: CreatorFilters, rows: Any) -> list[Line]:
    totals = filters.figures(rows, "remote_product_id").rows[:MOST_PARTS]
    keys = [row.key for row in totals]
    told = rows.filter(remote_product_id__in=keys).exclude(product_name="")
    names = dict(
        told.order_by().values_list("remote_product_id", "product_name").distinct()
    )
    return [
        _line(row, name=names.get(row.key) or row.key or UNNAMED, about=row.key)
        for row in totals
    ]


def _named_contents(filters: CreatorFilters, rows: Any) -> list[Line]:
    totals = filters.figures(rows, "content_id").rows[:MOST_PARTS]
    kinds = dict(
        rows.filter(content_id__in=[row.key for row in totals])
        .order_by()
        .values_list("content_id", "content_type")
        .distinct()
    )
    return [
        _line(
            row,
            name=ContentType(kinds.get(row.key, ContentType.OTHER)).label,
            about=row.key,
        )
        for row in totals
    ]


def _told(
    totals: Totals, filters: CreatorFilters, request: HttpRequest
) -> dict[str, Any]:
    """The sums, what is not in them, and by which rates they were made."""
    since, until = filters.days
    missing = sorted(totals.left_out)
    return {
        "since": since,
        "until": until,
        "base": totals.base,
        "sales": _money(totals.sales, totals.base),
        "commission": _money(totals.commission, totals.base),
        "unknown": totals.unknown,
        "rate_days": totals.rate_days,
        "left_out": [
            f"{_money(amount, currency)} of {day:%d %b %Y}"
            for currency, day in missing[:5]
            for amount in [totals.left_out[currency, day]]
        ],
        "more_left_out": max(0, len(missing) - 5),
        "may_see_rates": request.user.has_perm(VIEW_RATE),
        "is_own": is_only_a_creator(request.user),
    }


def _headings(query: QueryDict, filters: CreatorFilters) -> list[dict[str, Any]]:
    """Each sorts by itself; asked twice, the other way round."""
    current = filters.value("sort") or "gmv"
    is_up = filters.value("way") == "up"
    found = []
    for name, title in _COLUMNS:
        kept = query.copy()
        kept.pop("p", None)
        kept["sort"] = name
        kept["way"] = "up" if name == current and not is_up else "down"
        way = ("ascending" if is_up else "descending") if name == current else ""
        found.append({"title": title, "query": kept.urlencode(), "way": way})
    return found


def _logins(request: HttpRequest, creator: Creator) -> dict[str, Any]:
    """Who signs in as the creator, for who looks after the team."""
    if not request.user.has_perm(MANAGE_TEAM, creator.client):
        return {"may_manage": False}
    logins = CreatorLogin.objects.filter(creator=creator).select_related("user")
    people = User.objects.filter(memberships__client=creator.client, is_active=True)
    return {
        "may_manage": True,
        "logins": logins,
        "people": people.exclude(pk__in=logins.values("user")).order_by("username"),
    }


def _change_logins(request: HttpRequest, creator: Creator, by: By) -> str:
    """What was done. Raises CreatorRefuses."""
    wanted = request.POST.get("end", "")
    if wanted:
        login = creator.logins.filter(pk=_number(wanted)).first()
        if login is not None:
            end_sign_in(login, by=by)
        return "They no longer see this creator's figures."
    people = User.objects.filter(memberships__client=creator.client)
    user = people.filter(pk=_number(request.POST.get("user", ""))).first()
    if user is None:
        return "Nobody was chosen, so nothing was changed."
    let_sign_in(creator, user, by=by)
    return f"{user} sees what {creator} sold and earned."


def _shops(keys: set[int]) -> dict[int, str]:
    return {shop.pk: str(shop) for shop in Shop.objects.filter(pk__in=keys)}


def _page_of(creator: Creator) -> str:
    return reverse("admin:content_creator_change", args=[creator.pk])


def _orders_of(creator: Creator) -> str:
    address = reverse("admin:content_affiliateorder_changelist")
    return f"{address}?creator={creator.username}"


def _money(amount: Decimal, currency: str) -> str:
    return str(Money(amount, currency))


def _percent(fraction: Decimal | None, sign: str = "") -> str:
    return "—" if fraction is None else f"{fraction * 100:{sign}.1f} %"


def _without(query: QueryDict, name: str) -> str:
    kept = query.copy()
    kept.pop(name, None)
    return kept.urlencode()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
