"""Calculations over several shops, by plain values.

Names that nobody has fixed may come in more than one way; `_first` lists them.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from apps.content.rules import channel, funnel, live, top
from apps.credit import rules
from apps.credit.rules.plain import (
    amount,
    amount_or_none,
    day,
    instant,
    instant_or_none,
    number,
)
from apps.finance.rules import revenue

Data = Mapping[str, Any]
_ITEM = ("item_id", "item", "product_id", "sku_id")


def _revenue(data: Data) -> dict[str, Any]:
    zones = {
        str(shop["shop_id"]): ZoneInfo(shop.get("tz") or "UTC")
        for shop in data.get("shops") or ()
    }
    zone = data.get("report_tz")
    found = revenue.revenue(
        [_line(line) for line in data.get("lines") or ()],
        [_settlement(one) for one in data.get("settlements") or ()],
        period=revenue.Period(
            day(data["from"]), day(data["to"]), zones, zone and ZoneInfo(zone)
        ),
        rates=rules.rate_table(data.get("rates") or {}),
        base=str(data.get("base") or "USD").upper(),
    )
    total = found.total
    sums = {
        name: float(getattr(total, name))
        for name in ("gmv", "cancelled", "refunds", "net", "settled")
    }
    return {
        "total": sums | {"orders": total.orders, "units": total.units},
        "net_by_day": {
            on.isoformat(): float(sums.net) for on, sums in found.by_day.items()
        },
        "net_by_shop": {
            shop_id: float(sums.net) for shop_id, sums in found.by_shop.items()
        },
        "fx_missing": found.fx_missing,
    }


def _line(data: Data) -> revenue.Line:
    quantity = _first(data, "qty", "quantity")
    return revenue.Line(
        shop_id=str(data["shop_id"]),
        order_id=str(data["order_id"]),
        line_id=_text(data.get("line_id")),
        paid_at=instant_or_none(data.get("paid_at")),
        amount=amount(data.get("amount") or 0),
        currency=str(data.get("currency") or "").upper(),
        status=str(data.get("status") or ""),
        refunded=amount(data.get("refunded") or 0),
        quantity=1 if quantity is None else int(quantity),
        is_sample=bool(_first(data, "sample", "is_sample")),
    )


def _settlement(data: Data) -> revenue.Settlement:
    return revenue.Settlement(
        shop_id=str(data["shop_id"]),
        at=_date_or_instant(data["at"]),
        amount=amount(data.get("amount") or 0),
        currency=str(data.get("currency") or "").upper(),
        settlement_id=_text(_first(data, "settlement_id", "statement_id", "id")),
    )


def _date_or_instant(value: Any) -> date | datetime:
    if isinstance(value, str) and len(value) == len("2026-01-31"):
        return date.fromisoformat(value)
    return instant(value)


def _channel(data: Data) -> dict[str, Any]:
    """Of one line (`line`, or its names at the top), or of `lines`, and then also what
    each channel and creator comes to."""
    line = data.get("line") or data
    shop_id = _first(line, "shop_id", "shop")
    lives = channel.Lives(_live(one, shop_id) for one in data.get("lives") or ())
    if "lines" not in data:
        return _attributed(line, lives)
    lines = [(line, _attributed(line, lives)) for line in data["lines"]]
    sums = channel.split(
        (
            channel.Channel(found["channel"]),
            _text(_first(line, "creator_id", "creator")),
            amount(_first(line, "net", "amount") or 0),
        )
        for line, found in lines
    )
    return {
        "lines": [{**line, **found} for line, found in lines],
        "channels": _floats(sums.by_channel),
        "creators": _floats(sums.by_creator),
    }


def _attributed(data: Data, lives: channel.Lives) -> dict[str, Any]:
    line = channel.SoldLine(
        shop_id=str(_first(data, "shop_id", "shop")),
        product_id=str(_first(data, "product_id", "product", "item_id")),
        # Of a line without its time no live can tell.
        paid_at=instant(data.get("paid_at") or 0),
        content_type=data.get("content_type"),
        content_id=_text(data.get("content_id")),
        surge_content_id=_text(data.get("surge_content_id")),
        is_organic=bool(_first(data, "organic", "is_organic")),
    )
    found = channel.attribute(line, lives)
    return {
        "channel": found.channel.value,
        "source": found.source.value,
        "provenance": found.source.value,
        "content_id": found.content_id,
    }


def _live(data: Data, shop_id: object) -> channel.Live:
    """Of the shop it names, else of the line's."""
    return channel.Live(
        live_id=str(_first(data, "id", "live_id", "content_id")),
        shop_id=str(_first(data, "shop_id", "shop") or shop_id),
        start=instant(_first(data, "start", "started_at", "start_at")),
        end=instant_or_none(_first(data, "end", "ended_at", "end_at")),
        products=frozenset(map(str, _first(data, "products", "product_ids") or ())),
    )


def _top(data: Data) -> dict[str, Any]:
    most = _first(data, "n", "limit", "top")
    rows = _first(data, "creators", "rows", "products", "items", "lines") or ()
    if "creators" in data or (rows and all(map(_is_of_creator, rows))):
        creators = map(_creator_row, rows, range(len(rows)))
        best = [_creator(one) for one in top.top_creators(creators, most)]
        ids = [one["creator_id"] for one in best]
        return {"creators": best, "rows": best, "top": best, "ranking": ids}
    found = top.top_products(map(_product_row, rows), most)
    ranked = [_floats(asdict(one)) for one in found]
    return {
        "rows": ranked,
        "top": ranked,
        "ranking": [one["key"] for one in ranked],
        "shares": {one["key"]: one["share"] for one in ranked},
    }


def _is_of_creator(row: Data) -> bool:
    return bool(_first(row, "creator_id", "creator")) and not _first(row, *_ITEM)


def _product_row(data: Data) -> top.ProductRow:
    return top.ProductRow(
        shop_id=str(_first(data, "shop_id", "shop")),
        item_id=str(_first(data, *_ITEM)),
        net=amount(data.get("net") or 0),
        units=int(_first(data, "units", "qty") or 0),
        master_id=_text(
            _first(data, "master_product_id", "master_id", "master_product", "master")
        ),
    )


def _creator_row(data: Data, at: int) -> top.CreatorRow:
    return top.CreatorRow(
        creator_id=str(_first(data, "creator_id", "creator", "id")),
        net=amount(data.get("net") or 0),
        orders=int(data.get("orders") or 0),
        commission=amount(data.get("commission") or 0),
        content_ids=_contents(_first(data, "content_ids", "contents"), at),
        views=int(data.get("views") or 0),
    )


def _contents(value: Any, at: int) -> frozenset[str]:
    """Their ids; so many of row `at` where there is but a number."""
    if isinstance(value, int):
        value = [f"{at}:{n}" for n in range(value)]
    return frozenset(map(str, value or ()))


def _creator(one: top.Creator) -> dict[str, Any]:
    return {
        "creator_id": one.creator_id,
        "net": float(one.net),
        "orders": one.orders,
        "commission": float(one.commission),
        "contents": one.contents,
        "conversion": one.conversion,
    }


def _funnel(data: Data) -> dict[str, Any]:
    """Of rows, or of the one that stands at the top."""
    rows = _first(data, "rows", "items", "videos", "contents", "creators")
    found = funnel.funnel(map(_counts, [data] if rows is None else rows))
    ratios = {
        "ctr": found.ctr,
        "click_to_order": found.click_to_order,
        "conversion": found.conversion,
        "per_mille": found.per_mille,
        "effective_commission": found.effective_commission,
    }
    return _floats(asdict(found) | ratios)


def _counts(data: Data) -> funnel.Counts:
    counts = {
        name: None if data.get(name) is None else int(data[name])
        for name in ("views", "clicks", "orders")
    }
    return funnel.Counts(
        **counts,
        net=amount_or_none(data.get("net")),
        commission=amount_or_none(data.get("commission")),
    )


def _lives(data: Data) -> dict[str, Any]:
    rows = _first(data, "sessions", "lives", "rows")
    found = live.compare(map(_session, [data] if rows is None else rows))
    sessions = [
        _floats({one.name: getattr(session, one.name) for one in fields(session)})
        | {"id": session.live_id}
        for session in found
    ]
    return {"sessions": sessions} | (sessions[0] if rows is None else {})


def _session(data: Data) -> live.Session:
    viewers, orders = data.get("viewers"), data.get("orders")
    own = _first(data, "is_own", "own")
    hours, minutes = data.get("hours"), data.get("minutes")
    if hours is None and minutes is not None:
        hours = number(minutes) / 60
    start = instant(_first(data, "start", "started_at") or 0)
    return live.Session(
        live_id=str(_first(data, "id", "live_id") or ""),
        start=start,
        end=instant(_first(data, "end", "ended_at"))
        if hours is None
        else start + timedelta(hours=number(hours)),
        net=amount(data.get("net") or 0),
        orders=None if orders is None else int(orders),
        viewers=None if viewers is None else int(viewers),
        is_own=True if own is None else bool(own),
    )


def _first(data: Data, *names: str) -> Any:
    """The first of these that is given."""
    return next((data[name] for name in names if data.get(name) is not None), None)


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _floats(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(name): float(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


FUNCTIONS: dict[str, Callable[[Data], dict[str, Any]]] = {
    "consolidated.revenue": _revenue,
    "consolidated.channel": _channel,
    "consolidated.top": _top,
    "consolidated.funnel": _funnel,
    "consolidated.live": _lives,
}
