"""Many witnesses, the lines of one order. No database.

Which lines there are, and their amounts, the platform's newest news decides, or a
file's where the platform has told none. What that leaves blank in a line is filled from
older news of the same witness, then from the other's; units that came back only become
more, as do those that have left. So it does not matter in which order, or how often,
news arrives.

The lines themselves show most of that. What they do not is kept with the order, in the
"lines" of its testimony:

    {"at": standing of the news that decides, where it is not that witness's newest,
     "platform" and "file": {line's key: {column: [value, standing]}}, of values that
         other news than that said, and of lines that are no more,
     "left": [single items that have left, where no line says so any more],
     "back": {line's key: units that came back}, where the lines cannot show it}
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from apps.core.storing import clean
from apps.integrations.contracts import OrderStatus, RemoteOrderLine, Source
from apps.integrations.lifecycle import has_left
from apps.orders.models import Order, OrderLine
from apps.orders.services.testimony import Testimony, witness_of
from apps.orders.services.voices import (
    FILE,
    PLATFORM,
    WITNESSES,
    News,
    Standing,
    Word,
)

DECIDED = (
    "position",
    "is_gift",
    "quantity",
    "unit_price",
    "original_amount",
    "platform_discount_amount",
    "seller_discount_amount",
    "amount",
)
FILLED = (
    "remote_sku_id",
    "remote_product_id",
    "seller_sku",
    "bundle_seller_sku",
    "product_name",
    "variation",
    "image_url",
    "cancelled_quantity",
    "shipped_quantity",
    "units",
)
LINE_COLUMNS = (*DECIDED, *FILLED, "returned_quantity")
_SUMS = (
    "quantity",
    "original_amount",
    "platform_discount_amount",
    "seller_discount_amount",
    "amount",
)
_COUNTS = ("returned_quantity", "cancelled_quantity", "shipped_quantity")
_BLANKS: dict[str, Any] = dict.fromkeys(FILLED, "") | {
    "cancelled_quantity": None,
    "shipped_quantity": None,
    "units": [],
}
_decided_of = attrgetter(*DECIDED)

Columns = dict[str, Any]
Words = dict[str, dict[str, Word]]  # {line's key: {column: what was said}}


def line_key(line: RemoteOrderLine) -> str:
    """The same line's name whichever source spoke: SKU, paid or free, list price."""
    name = clean(line.remote_sku_id)
    if not name and line.seller_sku:
        name = f"seller:{clean(line.seller_sku)}"
    if not name:
        words = (line.bundle_seller_sku, line.remote_product_id, line.variation)
        name = f"unnamed:{clean('/'.join(words))[:80]}"
    if line.amount == 0:
        return f"{name}|free"
    return f"{name}|{line.unit_price.normalize():f}"


def lines_by_key(lines: Iterable[RemoteOrderLine], witness: str) -> dict[str, Columns]:
    """{key: columns of OrderLine}; lines that share a key are the same line and are
    added up. Single items, and what left the warehouse of a part, only the platform
    can tell."""
    found: dict[str, Columns] = {}
    for line in lines:
        key, values = line_key(line)[:120], _columns(line)
        if witness == FILE:
            values |= {"units": [], "shipped_quantity": None}
        if key in found:
            _add(found[key], values)
        else:
            values["position"] = len(found) + 1
            found[key] = values
    for values in found.values():
        if (back := values["returned_quantity"]) is not None:
            values["returned_quantity"] = min(back, values["quantity"])
    return found


def units_left(order: Order, line: OrderLine) -> int:
    """Units of an order's line that have left the warehouse, as far as that was told,
    also those that were called off afterwards."""
    left = _left(line.units).union(order.testimony.get("lines", {}).get("left", ()))
    named = sum(unit_id in left for unit_id, *_ in line.units) if left else 0
    return max(named, line.shipped_quantity or 0)


@dataclass(slots=True)
class LineTestimony:
    """Everything known of an order's lines; `decided` are the columns of DECIDED, by
    the news of `base` whose standing is `at`. No `base`: nobody told lines."""

    base: str
    at: Standing | None
    decided: dict[str, Columns]
    said: dict[str, Words]
    returned: dict[str, int]
    left: set[str]

    @classmethod
    def of(
        cls, order: Order, lines: Mapping[str, OrderLine], testimony: Testimony
    ) -> "LineTestimony":
        """As stored; `lines` are the order's by their keys, `testimony` is that of its
        fields as it was when they were stored."""
        kept = testimony.lines
        said = {witness: _unpacked(kept.get(witness, {})) for witness in WITNESSES}
        returned, left = dict(kept.get("back", {})), set(kept.get("left", ()))
        if not lines:
            return cls("", None, {}, said, returned, left)
        base = witness_of(Source(order.lines_source))
        at = Standing(*kept["at"]) if "at" in kept else testimony.leading(base).at
        other = said[_other(base)]
        for key, line in lines.items():
            own, others = said[base].setdefault(key, {}), other.get(key, {})
            for name in FILLED:
                value = getattr(line, name)
                if name not in own and name not in others and not _is_blank(value):
                    own[name] = value, at
            left |= _left(line.units)
            if line.returned_quantity is not None:
                returned.setdefault(key, line.returned_quantity)
        decided = {
            key: dict(zip(DECIDED, _decided_of(line), strict=True))
            for key, line in lines.items()
        }
        return cls(base, at, decided, said, returned, left)

    def hear(self, news: News) -> None:
        """Take it in, once or again, whenever it comes."""
        at, witness = news.standing, news.witness
        for key, values in news.lines.items():
            own = self.said[witness].setdefault(key, {})
            for name in FILLED:
                known, value = own.get(name), values[name]
                if not _is_blank(value) and (known is None or at > known[1]):
                    own[name] = value, at
            self.left |= _left(values["units"])
            if (back := values["returned_quantity"]) is not None:
                self.returned[key] = max(back, self.returned.get(key, 0))
        if news.lines and self._decides(witness, at):
            self.base, self.at = witness, at
            self.decided = {
                key: {name: values[name] for name in DECIDED}
                for key, values in news.lines.items()
            }

    def drop(self, news: News) -> None:
        """Know nothing of what was read of the same payload before."""
        of_it = news.standing.hash
        for key, words in self.said[news.witness].items():
            kept = {n: word for n, word in words.items() if word[1].hash != of_it}
            self.said[news.witness][key] = kept
        is_base = news.witness == self.base and bool(news.lines)
        if is_base and self.at and self.at.hash == of_it:
            self.at = None

    def _decides(self, witness: str, at: Standing) -> bool:
        if witness == self.base:
            return self.at is None or at > self.at
        return witness == PLATFORM or not self.base

    def shown(self) -> dict[str, Columns]:
        """The lines as they follow from all that, {key: columns}."""
        return {key: values | self._filled(key) for key, values in self.decided.items()}

    def _filled(self, key: str) -> Columns:
        others = self.said[_other(self.base)].get(key, {})
        words = others | self.said[self.base].get(key, {})
        back = self.returned.get(key)
        if back is not None:
            back = min(back, self.decided[key]["quantity"])
        values = {name: words[name][0] for name in FILLED if name in words}
        return _BLANKS | values | {"returned_quantity": back}

    def stored_form(self, testimony: Testimony) -> dict[str, Any]:
        """What is kept of it beside the lines it shows."""
        form: dict[str, Any] = {
            witness: kept for witness in WITNESSES if (kept := self._kept(witness))
        }
        back = {
            key: units
            for key, units in self.returned.items()
            if key not in self.decided or units > self.decided[key]["quantity"]
        }
        if back:
            form["back"] = back
        if left := self.left and self.left - self._shown_left():
            form["left"] = sorted(left)
        if self.base and self.at != testimony.leading(self.base).at:
            form["at"] = list(self.at or ())
        return form

    def _shown_left(self) -> set[str]:
        lines = self.shown().values()
        return {unit_id for line in lines for unit_id in _left(line["units"])}

    def _kept(self, witness: str) -> dict[str, Any]:
        kept = {}
        for key, words in self.said[witness].items():
            named = {
                name: [value, list(at)]
                for name, (value, at) in words.items()
                if not self._is_plain(witness, key, name, at)
            }
            if named:
                kept[key] = named
        return kept

    def _is_plain(self, witness: str, key: str, name: str, at: Standing) -> bool:
        """Whether the line itself shows it, or it will never be asked for again, as who
        decides has a word for it."""
        if witness == self.base:
            return key in self.decided and at == self.at
        return name in self.said[self.base].get(key, {})


def _columns(line: RemoteOrderLine) -> Columns:
    return {
        "remote_sku_id": clean(line.remote_sku_id)[:32],
        "remote_product_id": clean(line.remote_product_id)[:32],
        "seller_sku": clean(line.seller_sku)[:120],
        "bundle_seller_sku": clean(line.bundle_seller_sku)[:120],
        "product_name": clean(line.product_name)[:600],
        "variation": clean(line.variation)[:300],
        "image_url": clean(line.image_url)[:600],
        "is_gift": line.is_gift,
        "quantity": line.quantity,
        "returned_quantity": line.returned_quantity,
        "cancelled_quantity": line.cancelled_quantity,
        "shipped_quantity": line.shipped_quantity,
        "units": [[u.remote_id, u.status.value, u.package_id] for u in line.units],
        "unit_price": line.unit_price,
        "original_amount": line.original_amount,
        "platform_discount_amount": line.platform_discount_amount,
        "seller_discount_amount": line.seller_discount_amount,
        "amount": line.amount,
    }


def _add(total: Columns, values: Columns) -> None:
    for name in _SUMS:
        total[name] += values[name]
    total["units"] = [*total["units"], *values["units"]]
    for name in _COUNTS:
        if values[name] is not None:
            total[name] = (total[name] or 0) + values[name]


def _left(units: Iterable[Sequence[str]]) -> set[str]:
    return {unit_id for unit_id, status, _ in units if has_left(OrderStatus(status))}


def _is_blank(value: Any) -> bool:
    return value is None or value in ("", [])


def _other(witness: str) -> str:
    return FILE if witness == PLATFORM else PLATFORM


def _unpacked(kept: Mapping[str, Any]) -> Words:
    return {
        key: {name: (value, Standing(*at)) for name, (value, at) in words.items()}
        for key, words in kept.items()
    }
