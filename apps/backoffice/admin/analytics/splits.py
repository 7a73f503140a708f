"""The tables: days, shops, what the sum splits into, and who sold most of it."""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from apps.backoffice.admin.analytics.tables import (
    WEEKDAYS,
    Column,
    Kind,
    Line,
    Table,
    significant,
)
from apps.backoffice.services.analytics.figures import (
    Figures,
    Report,
    ShopFigures,
    part,
)
from apps.backoffice.services.analytics.naming import (
    creator_names,
    product_links,
    top_of,
)
from apps.core.money import Money
from apps.platforms.regions import REGIONS
from apps.users.models import AnyUser

CHANNELS = {
    "LIVE": "LIVE",
    "VIDEO": "Video",
    "SHOWCASE": "Showcase",
    "PRODUCT_CARD": "Product card",
    "OTHER": "Other, or not told",
}
_MONEY = (
    Column("gmv", "GMV", Kind.BASE),
    Column("cancelled", "Cancelled", Kind.BASE),
    Column("refunds", "Refunds", Kind.BASE),
    Column("net", "Net", Kind.BASE),
)
_COUNTS = (Column("orders", "Orders", Kind.COUNT), Column("units", "Units", Kind.COUNT))
_SPLIT = (
    Column("gmv", "GMV", Kind.BASE),
    Column("net", "Net", Kind.BASE),
    *_COUNTS,
    Column("order_value", "An order", Kind.BASE),
    Column("returns", "Returns", Kind.PART),
    Column("share", "Share", Kind.PART),
)


def days_table(report: Report, user: AnyUser) -> Table:
    columns = [Column("day", "Day", Kind.DAY), *_MONEY, *_COUNTS]
    lines = [
        Line((day, *_money(each), each.orders, each.units))
        for day, each in reversed(report.by_day.items())
    ]
    return Table("days", "Day by day", report.ask.base, columns, lines)


def shops_table(report: Report, user: AnyUser, *, is_local: bool = False) -> Table:
    """In the base currency or, `is_local`, each in its own: the file has both."""

    def base(label: str) -> str:
        return "" if is_local else label

    def local(label: str) -> str:
        return label if is_local else ""

    columns = [
        Column("shop", "Shop", Kind.TEXT),
        Column("client", "", Kind.TEXT),
        Column("region", "", Kind.TEXT),
        Column("currency", "", Kind.TEXT),
        Column("gmv", "GMV, local", Kind.OWN),
        Column("cancelled", local("Cancelled"), Kind.OWN),
        Column("refunds", local("Refunds"), Kind.OWN),
        Column("net", local("Net"), Kind.OWN),
        Column("rate", "", Kind.RATE),
        Column("rate_on", "", Kind.DAY),
        Column("", base("Rate"), Kind.WORDS),
        Column("gmv", base("GMV"), Kind.BASE),
        Column("net", "", Kind.BASE),
        Column("orders", "Orders", Kind.COUNT),
        Column("units", "", Kind.COUNT),
        Column("order_value", local("An order"), Kind.OWN),
        Column("order_value", base("An order"), Kind.BASE),
        Column("returns", "Returns", Kind.PART),
        Column("share", base("Share"), Kind.PART),
        Column("settled", "", Kind.BASE),
        Column("orders_without_rate", "", Kind.COUNT),
    ]
    lines = [_shop_line(each, report) for each in report.by_shop]
    words = (
        "Each shop in its own currency; these are never added up."
        if is_local
        else "Rate: what one unit of the shop's currency was worth in "
        f"{report.ask.base} over the period, each order at the rate of its UTC day of "
        "payment; the date is that of the newest rate used."
    )
    return Table("shops", "Shops", report.ask.base, columns, lines, words)


def _shop_line(each: ShopFigures, report: Report) -> Line:
    figures, own, currency = each.figures, each.own, each.currency
    kept = own.gmv - own.cancelled
    values = (
        str(each.shop),
        each.shop.client.name,
        each.shop.region,
        currency,
        Money(own.gmv, currency),
        Money(own.cancelled, currency),
        Money(own.refunds, currency),
        Money(own.net, currency),
        each.effective_rate,
        each.rate.on if each.rate else None,
        _rate_words(each),
        figures.gmv,
        figures.net,
        each.own_orders,
        figures.units,
        Money(each.own_order_value or Decimal(0), currency),
        figures.order_value,
        part(own.refunds, kept),
        figures.share_of(report.total),
        report.settled_by_shop.get(each.shop.pk, Decimal(0)),
        each.left_out,
    )
    note = f"{each.left_out:,} orders without a rate" if each.left_out else ""
    return Line(
        values, reverse("admin:platforms_shop_change", args=[each.shop.pk]), note
    )


def _rate_words(each: ShopFigures) -> str | None:
    """“0.2375, newest 3 Dec 2026”; none where the currency is that of the sums."""
    if each.rate is None or each.effective_rate is None:
        return None
    on = each.rate.on
    return f"{significant(each.effective_rate)}, newest {on.day} {on:%b %Y}"


def channels_table(report: Report, user: AnyUser) -> Table:
    rows = {CHANNELS.get(key, key): each for key, each in report.by_channel.items()}
    return _split_table(
        "channels",
        "Channels",
        "Channel",
        rows,
        report,
        "By the content an affiliate order names, or the channel an order file tells. "
        "Each item has one, so they add up; an order with items of two counts in both.",
    )


def clients_table(report: Report, user: AnyUser) -> Table:
    rows = report.by_shops(lambda shop: shop.client.name)
    named = {str(key): each for key, each in rows.items()}
    return _split_table("clients", "Clients", "Client", named, report)


def regions_table(report: Report, user: AnyUser) -> Table:
    rows = report.by_shops(lambda shop: REGIONS[shop.region].name)
    named = {str(key): each for key, each in rows.items()}
    return _split_table("regions", "Regions", "Region", named, report)


def creators_table(report: Report, user: AnyUser) -> Table:
    """All of them in a file; the page shows the first."""
    found = report.by_creator
    names = creator_names(found, user)
    columns = [Column("creator", "Creator", Kind.TEXT), *_SPLIT]
    lines = [Line((names[key], *_split(each, report))) for key, each in found.items()]
    words = (
        "By affiliate orders. An item has one creator at most; “(none)” sold by itself."
    )
    return Table("creators", "Creators", report.ask.base, columns, lines, words)


def products_table(report: Report, user: AnyUser) -> Table:
    """All of them in a file; the page shows the first."""
    found = top_of(report.by_item)
    linked = product_links({each.product for each in found if each.product}, user)
    columns = [
        Column("product", "Product", Kind.TEXT),
        Column("net", "Net", Kind.BASE),
        Column("units", "Units", Kind.COUNT),
        Column("share", "Share of net", Kind.PART),
    ]
    lines = [
        Line(
            (each.name, each.net, each.units, each.share),
            reverse("admin:products_product_change", args=[each.product])
            if each.product in linked
            else "",
        )
        for each in found
    ]
    words = "Over all shops; what is matched to no product stands for itself."
    return Table("products", "Products", report.ask.base, columns, lines, words)


def season_table(report: Report, user: AnyUser) -> Table:
    columns = [
        Column("weekday", "Weekday", Kind.TEXT),
        Column("hour", "Hour", Kind.COUNT),
        Column("orders", "Orders", Kind.COUNT),
        Column("gmv", "GMV", Kind.BASE),
        Column("net", "Net", Kind.BASE),
    ]
    lines = []
    for weekday, name in enumerate(WEEKDAYS):
        for hour in range(24):
            each = report.season.get((weekday, hour), Figures())
            lines.append(Line((name, hour, each.orders, each.gmv, each.net)))
    return Table("season", "Hours of the week", report.ask.base, columns, lines)


TABLES = {
    "days": days_table,
    "shops": shops_table,
    "channels": channels_table,
    "clients": clients_table,
    "regions": regions_table,
    "products": products_table,
    "creators": creators_table,
    "season": season_table,
}


def _money(each: Figures) -> tuple[Decimal, ...]:
    return (each.gmv, each.money.cancelled, each.money.refunds, each.net)


def _split(each: Figures, report: Report) -> tuple[Any, ...]:
    return (
        each.gmv,
        each.net,
        each.orders,
        each.units,
        each.order_value,
        each.refund_rate,
        each.share_of(report.total),
    )


def _split_table(
    name: str,
    title: str,
    label: str,
    rows: dict[str, Figures],
    report: Report,
    words: str = "",
) -> Table:
    columns = [Column(label.lower(), label, Kind.TEXT), *_SPLIT]
    lines = [Line((key, *_split(each, report))) for key, each in rows.items()]
    return Table(name, title, report.ask.base, columns, lines, words)
