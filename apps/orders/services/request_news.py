"""How one more piece of news changes what we know of a cancellation or a return. No
database.

Rules: the platform's newest word counts, as these requests may go back and forth; of
two of the same instant, value by value, the greater, so that their turn does not
matter; what is older, and a file once the platform has spoken, only fills gaps; a blank
never erases.
"""

from decimal import Decimal
from enum import Enum
from typing import Any

from apps.core.bulk import new_row
from apps.core.storing import clean
from apps.integrations.contracts import (
    CancellationStatus,
    RefundAmounts,
    RemoteReturn,
    RequestLine,
    ReturnKind,
    Source,
)
from apps.orders.models import Cancellation, Return
from apps.orders.services.request_sorts import (
    FIELDS,
    REFUND,
    STATE,
    Remote,
    Row,
    Sort,
)

_LARGEST_AMOUNT = Decimal(10) ** 15 - Decimal("0.0001")
_MOST_UNITS = 2**31 - 1
_LENGTHS = {
    field.name: field.max_length
    for model in (Cancellation, Return)
    for field in model._meta.concrete_fields
    if field.max_length
}


class Age(Enum):
    """How a word stands to what is known."""

    OLDER = "older"  # fills gaps
    SAME = "same"
    NEWER = "newer"


def unusable_request(remote: Remote) -> str:
    """Why a request cannot be stored, in a sentence; "" if it can."""
    for name, value in (("request", remote.remote_id), ("order", remote.order_id)):
        if not 0 < len(value) <= 32:
            return f"the {name} ID is missing or too long"
        if clean(value) != value:
            return f"the {name} ID holds characters that cannot be stored"
    if not all(1 <= line.quantity <= _MOST_UNITS for line in remote.lines):
        return "a line has an impossible quantity"
    refunds = [remote.refund, *(line.refund for line in remote.lines)]
    amounts = [getattr(each, name) for each in refunds for name in REFUND.values()]
    if isinstance(remote, RemoteReturn):
        amounts.append(remote.offered_amount)
    if not all(a is None or _is_storable(a) for a in amounts):
        return "an amount is out of range"
    return ""


def new_request(sort: Sort, shop_id: int, remote: Remote, source: Source) -> Row:
    """A row for a request nobody told us of before, not saved."""
    values: dict[str, Any] = {"status": CancellationStatus.NOT_UNDERSTOOD.value}
    if sort.model is Return:
        values["kind"] = ReturnKind.NOT_UNDERSTOOD.value
    return new_row(
        sort.model,
        shop_id=shop_id,
        remote_id=remote.remote_id,
        source=source.value,
        **values,
    )


def age_of(row: Row, remote: Remote, source: Source, sort: Sort) -> Age:
    """Whether what we have is later news, or surer. Files do not tell their age: of two
    that tell the same stage, the one that is read counts."""
    if Source(row.source).is_platform != source.is_platform:
        return Age.NEWER if source.is_platform else Age.OLDER
    said, known = remote.updated_at, row.remote_updated_at
    if said and known and said != known:
        return Age.OLDER if said < known else Age.NEWER
    told, here = sort.ways[remote.status], sort.ways[row.status]
    if told != here:
        return Age.OLDER if told < here else Age.NEWER
    return Age.SAME if source.is_platform and known else Age.NEWER


def apply_request(row: Row, remote: Remote, source: Source, sort: Sort) -> bool:
    """Write into `row` (not saved) what `remote` adds; whether anything changed."""
    before = _written(row, sort)
    age = age_of(row, remote, source, sort)
    only_gaps = age is Age.OLDER
    for name, remote_name in {**FIELDS, **sort.fields}.items():
        _take(row, name, getattr(remote, remote_name), age)
    _take(row, "currency", _currency(remote), age)
    for name, value in _refund(remote.refund).items():
        _take(row, name, value, age)
    if isinstance(remote, RemoteReturn):
        told, known = (
            "" if kind == ReturnKind.NOT_UNDERSTOOD else str(kind)
            for kind in (remote.kind.value, getattr(row, "kind", ""))
        )
        if counts(told, known, age):
            setattr(row, "kind", told)  # noqa: B010 (of one model alone)
    _take_status(row, remote, sort, age)
    if not only_gaps:
        for name in STATE:
            value = _text(name, getattr(remote, name))
            if age is Age.SAME:
                _take(row, name, value, age)
            else:
                # What the platform waited for once, it does not wait for for ever.
                setattr(row, name, value)
        if Source(row.source).is_platform != source.is_platform:
            row.source = source.value
        row.remote_updated_at = remote.updated_at or row.remote_updated_at
    return before != _written(row, sort)


def counts(value: Any, known: Any, age: Age) -> bool:
    """Whether a value takes the place of the known one."""
    if value in (None, ""):
        return False
    if known in (None, "") or age is Age.NEWER:
        return True
    return age is Age.SAME and bool(value > known)


def lines_wanted(remote: Remote) -> dict[str, dict[str, Any]]:
    """{a line's ID: columns}; lines that share an ID are the same line and are added
    up. A line without one is known by what it is about."""
    lines: dict[str, dict[str, Any]] = {}
    for line in remote.lines:
        key = line.remote_id or line.unit_id or line.remote_sku_id or line.seller_sku
        key, values = clean(key)[:64], _line_values(line)
        if key not in lines:
            lines[key] = values
            continue
        known = lines[key]
        known["quantity"] += values["quantity"]
        for name in REFUND:
            if values[name] is not None:
                known[name] = (known[name] or 0) + values[name]
    return lines


def _line_values(line: RequestLine) -> dict[str, Any]:
    return {
        "unit_id": clean(line.unit_id)[:32],
        "remote_sku_id": clean(line.remote_sku_id)[:32],
        "seller_sku": clean(line.seller_sku)[:120],
        "product_name": clean(line.product_name)[:600],
        "variation": clean(line.variation)[:300],
        "quantity": line.quantity,
        **_refund(line.refund),
    }


def _refund(amounts: RefundAmounts) -> dict[str, Decimal | None]:
    return {name: getattr(amounts, remote) for name, remote in REFUND.items()}


def _currency(remote: Remote) -> str:
    """That of the whole, or else of its lines."""
    refunds = [remote.refund, *(line.refund for line in remote.lines)]
    return next((each.currency[:3] for each in refunds if each.currency), "")


def _is_storable(amount: Decimal) -> bool:
    return amount.is_finite() and abs(amount) <= _LARGEST_AMOUNT


def _written(row: Row, sort: Sort) -> list[Any]:
    return [getattr(row, name) for name in sort.written]


def _text(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)[: _LENGTHS.get(name)]
    return value


def _take(row: Row, name: str, value: Any, age: Age) -> None:
    value = _text(name, value)
    if counts(value, getattr(row, name), age):
        setattr(row, name, value)


def _take_status(row: Row, remote: Remote, sort: Sort, age: Age) -> None:
    text = _text("status_text", remote.status_text)
    if age is Age.SAME:
        text = max(text, row.status_text)
    if remote.status == CancellationStatus.NOT_UNDERSTOOD:
        if age is not Age.OLDER:
            row.status_text, row.is_status_understood = text, False
        return
    if age is not Age.OLDER:
        row.status, row.status_text = remote.status.value, text
        row.is_status_understood = True
    elif not row.is_status_understood and (
        sort.ways[remote.status] > sort.ways[row.status]
    ):
        # Beneath a riddle stands the last word that was understood.
        row.status = remote.status.value
