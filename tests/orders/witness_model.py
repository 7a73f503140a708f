"""What an order must come to after what witnesses said of it, worked out from all of it
at once: no database, and none of the code that merges. With it, random witnesses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from apps.core.storing import content_hash, storable
from apps.integrations.contracts import (
    CancelledBy,
    Fulfilment,
    OrderStatus,
    RemoteBuyer,
    RemoteOrder,
    RemoteOrderLine,
    RemoteUnit,
    Source,
)
from tests.factories.orders import PLACED, make_remote_line, make_remote_order

WAY = "unpaid on_hold to_ship awaiting_collection partly_shipped in_transit delivered"
RANKS = ["not_understood", *WAY.split(), "cancelled", "completed"]
INSTANTS = ("placed_at", "paid_at", "ready_to_ship_at", "shipped_at", "delivered_at")
RECIPIENT = {"recipient_name": "name", "recipient_address": "address"}
FIELDS = (
    "currency",
    "placed_at",
    "total_amount",
    "refund_amount",
    "buyer_fees_amount",
    "paid_at",
    "shipped_at",
    "release_at",
    "fulfilment",
    "cancelled_by",
    "warehouse",
    "carrier",
    "tracking_number",
    "is_cod",
    "is_sample",
    "is_cancel_requested",
    "seller_note",
    "sales_channel",
)
SHOWN = (*FIELDS, *RECIPIENT)
TEXTS = ("product_name", "bundle_seller_sku", "variation")
LINE_COLUMNS = (
    "position",
    "quantity",
    "amount",
    *TEXTS,
    "cancelled_quantity",
    "shipped_quantity",
    "units",
    "returned_quantity",
)
Standing = tuple[float, int, int, str]


@dataclass(frozen=True)
class Said:
    """One piece of news and its source."""

    remote: RemoteOrder
    source: Source

    @property
    def witness(self) -> str:
        return "file" if self.source is Source.FILE else "platform"

    @property
    def fields(self) -> dict[str, Any]:
        named = {name: getattr(self.remote, name) for name in FIELDS}
        named |= {n: getattr(self.remote.buyer, r) for n, r in RECIPIENT.items()}
        return {n: v for n, v in named.items() if v is not None and v != ""}

    @property
    def standing(self) -> Standing:
        if self.witness == "platform":
            assert self.remote.updated_at is not None
            at = self.remote.updated_at
        else:
            at = max(filter(None, (getattr(self.remote, n) for n in INSTANTS)))
        status = RANKS.index(self.remote.status.value)
        body = content_hash(storable(self.remote.raw))
        return at.timestamp(), status, len(self.fields), body

    @property
    def lines(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for place, line in enumerate(self.remote.lines, 1):
            key = f"{line.remote_sku_id}|{line.unit_price.normalize():f}"
            found[key] = {
                "position": place,
                "quantity": line.quantity,
                "amount": line.amount,
                **{name: getattr(line, name) for name in TEXTS},
                "cancelled_quantity": line.cancelled_quantity,
                "returned_quantity": line.returned_quantity,
                "shipped_quantity": None,
                "units": [],
            }
            if self.witness == "platform":
                units = [
                    [u.remote_id, u.status.value, u.package_id] for u in line.units
                ]
                found[key]["shipped_quantity"] = line.shipped_quantity
                found[key]["units"] = units
        return found


def newest(said: Iterable[Said], names: Callable[[Said], Any]) -> Said | None:
    """Of those that say something of it."""
    some = [each for each in said if names(each) not in (None, "", [], {})]
    return max(some, key=lambda each: each.standing, default=None)


def word(said: Iterable[Said], witness: str, name: str) -> Any:
    """What a witness says of a field after all this, None if nothing."""
    own = [each for each in said if each.witness == witness and name in each.fields]
    if name in RECIPIENT and own:
        fewest = min(each.fields[name].count("*") for each in own)
        own = [each for each in own if each.fields[name].count("*") == fewest]
    found = newest(own, lambda each: each.fields[name])
    return found.fields[name] if found else None


def field(said: Iterable[Said], name: str, preferred: str) -> Any:
    words = {w: word(said, w, name) for w in ("platform", "file")}
    known = {w: value for w, value in words.items() if value is not None}
    if name in RECIPIENT and len(known) == 2:
        fewest = min(value.count("*") for value in known.values())
        known = {w: v for w, v in known.items() if v.count("*") == fewest}
    blank = False if name == "is_cancel_requested" else None
    return known.get(preferred, next(iter(known.values()), blank))


def columns(said: list[Said], preferred: str = "platform") -> dict[str, Any]:
    """What an order shows; None for blank, and status with its words."""
    shown = {name: field(said, name, preferred) for name in SHOWN}
    lead = [each for each in said if each.witness == preferred] or said
    latest = max(lead, key=lambda each: each.standing)
    furthest = max(
        said,
        key=lambda s: (
            RANKS.index(s.remote.status.value),
            s.witness == latest.witness,
            s.standing,
        ),
    )
    is_riddle = latest.remote.status is OrderStatus.NOT_UNDERSTOOD
    platform = [s.remote.updated_at for s in said if s.witness == "platform"]
    return shown | {
        "status": furthest.remote.status.value,
        "status_text": (latest if is_riddle else furthest).remote.status_text,
        "is_status_understood": not is_riddle,
        "remote_updated_at": max(filter(None, platform), default=None),
    }


def lines(said: list[Said]) -> dict[str, dict[str, Any]]:
    """{key: columns} of an order's lines."""
    tells = [each for each in said if each.lines]
    if not tells:
        return {}
    base = "platform" if any(s.witness == "platform" for s in tells) else "file"
    decides = newest([s for s in tells if s.witness == base], lambda s: s.lines)
    assert decides is not None
    shown = {}
    for key, values in decides.lines.items():
        line = dict(values)
        of_key = [each for each in tells if key in each.lines]
        for name in (*TEXTS, "cancelled_quantity", "shipped_quantity", "units"):
            own = [s for s in of_key if s.witness == base]
            others = [s for s in of_key if s.witness != base]
            found = _says(own, key, name) or _says(others, key, name)
            if found:
                line[name] = found.lines[key][name]
        back = [s.lines[key]["returned_quantity"] for s in of_key]
        known = [units for units in back if units is not None]
        line["returned_quantity"] = min(max(known), line["quantity"]) if known else None
        shown[key] = line
    return shown


def _says(said: list[Said], key: str, name: str) -> Said | None:
    return newest(said, lambda each: each.lines[key][name])


def payloads(said: list[Said]) -> dict[str, Any]:
    """{witness: the payload on record}"""
    return {
        witness: max(own, key=lambda each: each.standing).remote.raw
        for witness in ("platform", "file")
        if (own := [each for each in said if each.witness == witness])
    }


def hours(count: int) -> datetime:
    return PLACED + timedelta(hours=count)


def maybe(values: st.SearchStrategy[Any], blank: Any = None) -> st.SearchStrategy[Any]:
    return st.just(blank) | values


instants = st.integers(1, 4).map(hours)
amounts = st.integers(0, 3).map(Decimal)
names = st.sampled_from(["Ahmad", "Ahm**", "A****", "Siti"])


@st.composite
def remote_lines(draw: st.DrawFn) -> RemoteOrderLine:
    quantity = draw(st.integers(1, 3))
    units = tuple(
        RemoteUnit(f"{draw(st.integers(1, 3))}{n}", OrderStatus.TO_SHIP)
        for n in range(draw(st.integers(0, 1)))
    )
    return make_remote_line(
        f"17{draw(st.integers(1, 3))}",
        quantity=quantity,
        unit_price=draw(st.sampled_from(["10", "20"])),
        product_name=draw(st.sampled_from(["", "Lamp", "Rattan lamp"])),
        bundle_seller_sku=draw(st.sampled_from(["", "", "SET-A", "SET-B"])),
        variation=draw(st.sampled_from(["", "Red", "Natural"])),
        returned_quantity=draw(maybe(st.integers(0, quantity))),
        cancelled_quantity=draw(maybe(st.integers(0, quantity))),
        shipped_quantity=draw(maybe(st.integers(0, quantity))),
        units=units,
    )


def _key(line: RemoteOrderLine) -> tuple[str, Decimal]:
    return line.remote_sku_id, line.unit_price


@st.composite
def news(draw: st.DrawFn, remote_id: str = "581") -> Said:
    """Anything a source may say of one order. Versions come twice, so that news of one
    moment differs, too."""
    source = draw(st.sampled_from(list(Source)))
    status = draw(st.sampled_from(list(OrderStatus)))
    # The file's and the platform's handle are one person's, as they are in life.
    handle = {"username": "ann"} if source is Source.FILE else {"remote_id": "72"}
    remote = make_remote_order(
        remote_id,
        version=None if source is Source.FILE else draw(st.integers(1, 3)),
        status=status,
        status_text=draw(st.sampled_from(["", status.value, status.name])),
        placed_at=draw(st.sampled_from([hours(0), hours(1)])),
        lines=tuple(draw(st.lists(remote_lines(), max_size=3, unique_by=_key))),
        buyer=RemoteBuyer(
            **draw(st.sampled_from([{}, handle])),
            name=draw(maybe(names, "")),
            address=draw(maybe(names, "")),
        ),
        total_amount=draw(maybe(amounts)),
        refund_amount=draw(maybe(amounts)),
        buyer_fees_amount=draw(maybe(amounts)),
        paid_at=draw(maybe(instants)),
        shipped_at=draw(maybe(instants)),
        release_at=draw(maybe(instants)),
        fulfilment=draw(st.sampled_from(list(Fulfilment))),
        cancelled_by=draw(st.sampled_from(list(CancelledBy))),
        warehouse=draw(st.sampled_from(["", "Main", "North"])),
        carrier=draw(st.sampled_from(["", "Quick", "Slow"])),
        tracking_number=draw(st.sampled_from(["", "TN1", "TN2"])),
        is_cod=draw(maybe(st.booleans())),
        is_sample=draw(maybe(st.booleans())),
        is_cancel_requested=draw(maybe(st.booleans())),
        seller_note=draw(st.sampled_from(["", "Fragile"])),
        sales_channel=draw(st.sampled_from(["", "LIVE"])),
    )
    said = content_hash(repr(replace(remote, raw={})))
    return Said(replace(remote, raw={"said": said}), source)
