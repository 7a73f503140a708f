"""What shops brought in, in one currency: sums, splits, and the hours of the week."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.backoffice.api.asking import AskSerializer, ask_of
from apps.backoffice.services.analytics.figures import Figures, Report, part
from apps.backoffice.services.analytics.naming import creator_names, top_of
from apps.core.api.views import ApiView
from apps.core.money import Money
from apps.users.api.scoping import HasScope, user_of
from apps.users.models import User

_SIX = Decimal("0.000001")


class FiguresSerializer(serializers.Serializer[Any]):
    """In the base currency. `gmv` counts what was cancelled and refunded later, too;
    `net` is without both. Orders without a rate are in no sum."""

    gmv = serializers.CharField()
    cancelled = serializers.CharField()
    refunds = serializers.CharField()
    net = serializers.CharField()
    orders = serializers.IntegerField(help_text="Cancelled ones, too.")
    units = serializers.IntegerField(help_text="Those that were not cancelled.")
    order_value = serializers.CharField(allow_null=True, help_text="GMV by orders.")
    refund_rate = serializers.CharField(
        allow_null=True, help_text="Of the money that was not cancelled, 0..1."
    )


class SettledFiguresSerializer(serializers.Serializer[Any]):
    """By UTC day of settlement, after fees: no part of `net` of the same days."""

    amount = serializers.CharField()
    transactions = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="Those without a rate.")


class PeriodFiguresSerializer(serializers.Serializer[Any]):
    since = serializers.DateField()
    until = serializers.DateField()
    total = FiguresSerializer()
    settled = SettledFiguresSerializer()


class DayFiguresSerializer(FiguresSerializer):
    day = serializers.DateField()


class LeftOutSerializer(serializers.Serializer[Any]):
    """Orders of a shop for whose days no rate of `currency` is known."""

    shop = serializers.IntegerField()
    currency = serializers.CharField()
    days = serializers.ListField(child=serializers.DateField())
    orders = serializers.IntegerField()
    gmv = serializers.CharField(help_text="In that currency.")


class RevenueSerializer(PeriodFiguresSerializer):
    base = serializers.CharField()
    shops = serializers.IntegerField(help_text="How many.")
    before = PeriodFiguresSerializer(help_text="As many days just before.")
    days = DayFiguresSerializer(many=True)
    left_out = LeftOutSerializer(many=True)
    is_provisional = serializers.BooleanField(
        help_text="Whether the newest days are at an older rate, until their own is "
        "published."
    )


class FiguresRowSerializer(FiguresSerializer):
    """`key` tells rows apart; `share` is of the GMV of all."""

    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    share = serializers.CharField(allow_null=True)


class OwnFiguresSerializer(serializers.Serializer[Any]):
    """In the shop's own currency, with or without a rate."""

    currency = serializers.CharField()
    gmv = serializers.CharField()
    cancelled = serializers.CharField()
    refunds = serializers.CharField()
    net = serializers.CharField()
    orders = serializers.IntegerField()


class ShopFiguresRowSerializer(FiguresRowSerializer):
    """`rate` is what a unit was worth over the period, `rate_on` the day of the newest
    rate used; null where none is needed or some is missing."""

    shop = serializers.IntegerField()
    own = OwnFiguresSerializer()
    rate = serializers.CharField(allow_null=True)
    rate_on = serializers.DateField(allow_null=True)
    left_out = serializers.IntegerField(help_text="Orders without a rate.")


class TopProductSerializer(serializers.Serializer[Any]):
    """`product` is null for an item that is matched to none; `share` is of the net of
    all."""

    product = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    net = serializers.CharField()
    units = serializers.IntegerField()
    share = serializers.CharField(allow_null=True)


class HourOfWeekSerializer(FiguresSerializer):
    """By each shop's own clock."""

    weekday = serializers.IntegerField(help_text="0 is Monday.")
    hour = serializers.IntegerField()


@cache
def _of(row: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """{"base": …, "since": …, "until": …, "results": [rows]}"""
    fields = {
        "base": serializers.CharField(),
        "since": serializers.DateField(),
        "until": serializers.DateField(),
        "results": row(many=True),
    }
    return type(row.__name__.replace("Serializer", "sSerializer"), (_Plain,), fields)


class _Plain(serializers.Serializer[Any]):
    pass


class _Figures(ApiView):
    """A view of figures: what is asked for is the same everywhere."""

    scope = "analytics"
    permission_classes = [IsAuthenticated, HasScope]

    def known_parameters(self) -> set[str]:
        return set(AskSerializer().fields)

    def report(self, request: Request) -> Report:
        form = AskSerializer(
            data=request.query_params.dict(), context={"request": request}
        )
        form.is_valid(raise_exception=True)
        return Report(ask_of(form.validated_data, user_of(request)))


class Revenue(_Figures):
    """GMV, net and settled money of shops, in one currency and day by day, beside the
    days before. Each order is converted at the rate of its UTC day of payment, its
    refunds too."""

    @extend_schema(parameters=[AskSerializer], responses=RevenueSerializer)
    def get(self, request: Request) -> Response:
        report = self.report(request)
        ask, before = report.ask, Report(report.ask.before())
        told = _period(report) | {
            "base": ask.base,
            "shops": len(ask.shops),
            "before": _period(before),
            "days": [
                {"day": day} | _sums(each, ask.base)
                for day, each in report.by_day.items()
            ],
            "left_out": [
                {
                    "shop": each.shop.pk,
                    "currency": each.currency,
                    "days": each.days,
                    "orders": each.orders,
                    "gmv": _money(each.gmv, each.currency),
                }
                for each in report.left_out
            ],
            "is_provisional": report.is_provisional,
        }
        return Response(RevenueSerializer(told).data)


class _Split(_Figures):
    """Rows of one dimension."""

    row: ClassVar[type[serializers.Serializer[Any]]]
    rows: ClassVar[Callable[[Report, User], list[dict[str, Any]]]]

    def answer(self, request: Request) -> Response:
        report = self.report(request)
        ask = report.ask
        rows = type(self).rows(report, user_of(request))
        told = {"base": ask.base, "since": ask.since, "until": ask.until}
        return Response(told | {"results": self.row(rows, many=True).data})


def _shop_rows(report: Report, user: User) -> list[dict[str, Any]]:
    base = report.ask.base
    found = []
    for each in report.by_shop:
        own = {
            name: _money(getattr(each.own, name), each.currency)
            for name in ("gmv", "cancelled", "refunds", "net")
        }
        row = _row(str(each.shop.pk), str(each.shop), each.figures, report)
        rate = each.effective_rate if each.currency != base else None
        found.append(
            row
            | {
                "shop": each.shop.pk,
                "own": own | {"currency": each.currency, "orders": each.own_orders},
                "rate": None if rate is None else f"{rate:.10g}",
                "rate_on": each.rate.on if each.rate else None,
                "left_out": each.left_out,
            }
        )
    return found


def _client_rows(report: Report, user: User) -> list[dict[str, Any]]:
    names = {shop.client_id: shop.client.name for shop in report.ask.shops}
    found = report.by_shops(lambda shop: shop.client_id)
    return [
        _row(str(key), names[int(str(key))], each, report)
        for key, each in found.items()
    ]


def _region_rows(report: Report, user: User) -> list[dict[str, Any]]:
    found = report.by_shops(lambda shop: shop.region)
    return [_row(str(key), str(key), each, report) for key, each in found.items()]


def _channel_rows(report: Report, user: User) -> list[dict[str, Any]]:
    return [_row(key, key, each, report) for key, each in report.by_channel.items()]


def _creator_rows(report: Report, user: User) -> list[dict[str, Any]]:
    names = creator_names(report.by_creator, user)
    return [
        _row(key, names[key], each, report) for key, each in report.by_creator.items()
    ]


def _product_rows(report: Report, user: User) -> list[dict[str, Any]]:
    return [
        {
            "product": each.product,
            "name": each.name,
            "net": _money(each.net, report.ask.base),
            "units": each.units,
            "share": _part(each.share),
        }
        for each in top_of(report.by_item)
    ]


def _season_rows(report: Report, user: User) -> list[dict[str, Any]]:
    return [
        {"weekday": weekday, "hour": hour}
        | _sums(report.season.get((weekday, hour), Figures()), report.ask.base)
        for weekday in range(7)
        for hour in range(24)
    ]


def _view(
    name: str,
    words: str,
    row: type[serializers.Serializer[Any]],
    rows: Callable[[Report, User], list[dict[str, Any]]],
) -> type[_Split]:
    """A view of one split, described like all others."""

    @extend_schema(parameters=[AskSerializer], responses=_of(row))
    def get(self: _Split, request: Request) -> Response:
        return self.answer(request)

    get.__doc__ = words
    body = {"row": row, "rows": staticmethod(rows), "get": get, "__doc__": words}
    return type(name, (_Split,), body)


# {address below analytics/: its view}
SPLITS: dict[str, type[_Split]] = {
    "by/shops": _view(
        "ByShops",
        "Figures by shop and its currency, best first. Shops without sales are there.",
        ShopFiguresRowSerializer,
        _shop_rows,
    ),
    "by/clients": _view(
        "ByClients",
        "Figures by client, best first.",
        FiguresRowSerializer,
        _client_rows,
    ),
    "by/regions": _view(
        "ByRegions",
        "Figures by region, best first.",
        FiguresRowSerializer,
        _region_rows,
    ),
    "by/channels": _view(
        "ByChannels",
        "Figures by what an item was sold through. An item has one channel, so they "
        "add up; an order with items of two counts in both.",
        FiguresRowSerializer,
        _channel_rows,
    ),
    "by/creators": _view(
        "ByCreators",
        "Figures by who sold an item. The blank key is nobody, “?” somebody whom no "
        "source names; who may not be seen has no name.",
        FiguresRowSerializer,
        _creator_rows,
    ),
    "by/products": _view(
        "ByProducts",
        "What sold best over all shops, by net; what is matched to no product stands "
        "for itself.",
        TopProductSerializer,
        _product_rows,
    ),
    "season": _view(
        "Season",
        "Figures by weekday and hour of payment, on each shop's own clock.",
        HourOfWeekSerializer,
        _season_rows,
    ),
}


def _period(report: Report) -> dict[str, Any]:
    ask, settled = report.ask, report.settled
    return {
        "since": ask.since,
        "until": ask.until,
        "total": _sums(report.total, ask.base),
        "settled": {
            "amount": _money(settled.amount, ask.base),
            "transactions": settled.transactions,
            "left_out": settled.left_out,
        },
    }


def _row(key: str, name: str, each: Figures, report: Report) -> dict[str, Any]:
    share = part(each.gmv, report.total.gmv)
    sums = _sums(each, report.ask.base)
    return {"key": key, "name": name, "share": _part(share)} | sums


def _sums(each: Figures, base: str) -> dict[str, Any]:
    value = each.order_value
    return {
        "gmv": _money(each.gmv, base),
        "cancelled": _money(each.money.cancelled, base),
        "refunds": _money(each.money.refunds, base),
        "net": _money(each.net, base),
        "orders": each.orders,
        "units": each.units,
        "order_value": None if value is None else _money(value, base),
        "refund_rate": _part(each.refund_rate),
    }


def _money(amount: Decimal, currency: str) -> str:
    return str(Money(amount, currency).rounded().amount)


def _part(share: Decimal | None) -> str | None:
    return None if share is None else str(share.quantize(_SIX))
