"""How one more piece of news changes what we know of an order. No database.

Every piece is taken into the testimony of its witness, and the order shows what follows
from all of it, so that the same news makes the same order however it arrives.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from operator import attrgetter
from typing import Any

from apps.core.bulk import new_row
from apps.core.storing import clean
from apps.integrations.contracts import OrderStatus, RemoteOrder, Source
from apps.integrations.lifecycle import rank
from apps.orders.models import Order, OrderLine
from apps.orders.services.conflicts import conflicts
from apps.orders.services.line_merge import Columns, LineTestimony, lines_by_key
from apps.orders.services.order_fields import (
    BLANKS,
    BUYER_FIELDS,
    FIELDS,
    IS_TEXT,
    PLAIN_FIELDS,
    RECIPIENT_FIELDS,
    fitting,
    unpacked,
)
from apps.orders.services.testimony import Testimony, stored_form, witness_of
from apps.orders.services.voices import FILE, PLATFORM, News, Standing, first_form

_TEXTS = tuple(name for name in PLAIN_FIELDS if name in IS_TEXT)
_VALUES = tuple(name for name in PLAIN_FIELDS if name not in IS_TEXT)
_texts_of = attrgetter(*_TEXTS)
_values_of = attrgetter(*_VALUES)
_recipient_of = attrgetter(*RECIPIENT_FIELDS.values())
_instants_of = attrgetter(
    "placed_at",
    "paid_at",
    "ready_to_ship_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
)
_SOURCES = {PLATFORM: Source.API.value, FILE: Source.FILE.value}
_NO_LINES: Mapping[str, OrderLine] = {}
_HASH_LENGTH = 8  # enough to tell news of the same second apart
_LARGEST_AMOUNT = Decimal(10) ** 15 - Decimal("0.0001")
_SMALLEST_AMOUNT = -_LARGEST_AMOUNT
_MOST_UNITS = 2**31 - 1


def unusable_id(remote_id: str) -> str:
    """Why an order is none that we could know, in a sentence; "" if it is."""
    if not 0 < len(remote_id) <= 32:
        return "the order ID is missing or too long"
    if clean(remote_id) != remote_id:
        return "the order ID holds characters that cannot be stored"
    return ""


def unusable(remote: RemoteOrder) -> str:
    """Why an order cannot be stored, in a sentence; "" if it can."""
    if reason := unusable_id(remote.remote_id):
        return reason
    if len(remote.currency) != 3:
        return f"“{remote.currency}” is not a currency code"
    amounts = [value for value in _values_of(remote) if type(value) is Decimal]
    for line in remote.lines:
        if not 1 <= line.quantity <= _MOST_UNITS:
            return f"a line has the quantity {line.quantity}"
        for units in (
            line.returned_quantity,
            line.cancelled_quantity,
            line.shipped_quantity,
        ):
            if units is not None and not 0 <= units <= _MOST_UNITS:
                return f"a line has the returned or cancelled quantity {units}"
        amounts += [line.unit_price, line.original_amount, line.amount]
        amounts += [line.platform_discount_amount, line.seller_discount_amount]
    if sum(line.quantity for line in remote.lines) > _MOST_UNITS:
        return "the lines' quantity is out of range"
    if not _are_storable(amounts):
        return "an amount is out of range"
    return ""


def _are_storable(amounts: Iterable[Decimal]) -> bool:
    try:
        return all(_SMALLEST_AMOUNT <= each <= _LARGEST_AMOUNT for each in amounts)
    except InvalidOperation:  # what is no number is neither more nor less
        return False


def news_of(remote: RemoteOrder, source: Source, content_hash: str) -> News:
    """What a usable order of a source says; `content_hash` is that of its payload."""
    fields: dict[str, Any] = {
        name: value
        for name, value in zip(_VALUES, _values_of(remote), strict=True)
        if value is not None
    }
    texts = zip(_TEXTS, _texts_of(remote), strict=True)
    recipient = zip(RECIPIENT_FIELDS, _recipient_of(remote.buyer), strict=True)
    for name, said in (*texts, *recipient):
        if said:
            text = said.value if isinstance(said, Enum) else said
            if text := fitting(name, text):
                fields[name] = text
    witness = witness_of(source)
    return News(
        witness=witness,
        standing=Standing(
            _true_at(remote, witness),
            rank(remote.status),
            len(fields),
            content_hash[:_HASH_LENGTH],
        ),
        status=remote.status.value,
        text=fitting("status_text", remote.status_text),
        fields=fields,
        lines=lines_by_key(remote.lines, witness),
    )


def _true_at(remote: RemoteOrder, witness: str) -> float:
    """Whole seconds as such: they are stored with every order."""
    if witness == PLATFORM:
        moment = remote.updated_at
    else:
        moment = max(filter(None, _instants_of(remote)))
    seconds = moment.timestamp() if moment else 0
    return seconds if seconds % 1 else int(seconds)


def new_order(shop_id: int, remote: RemoteOrder) -> Order:
    """A row for an order nobody told us of before, not saved, which knows nothing."""
    return new_row(
        Order,
        shop_id=shop_id,
        remote_id=remote.remote_id,
        status=Order.Status.NOT_UNDERSTOOD,
        currency=remote.currency,
        placed_at=remote.placed_at,
        lines_source=Source.FILE.value,
    )


def apply_news(
    order: Order,
    news: Sequence[News],
    preferred: str,
    lines: Mapping[str, OrderLine] = _NO_LINES,
) -> dict[str, Columns]:
    """Write into `order` (not saved) what follows from it and the news of it, in
    whatever order; the lines it is to have then, {key: columns of OrderLine}.

    `lines` are those it has, by their keys. An order whose buyer was erased takes
    nothing about them. `preferred` is the witness who counts where two differ.
    """
    is_blank = order.pk is None and not order.testimony
    if is_blank and len(news) == 1 and order.buyer_erased_at is None:
        return _apply_first(order, news[0])
    return _apply(order, news, preferred, lines, again=False)


def apply_again(
    order: Order,
    news: Sequence[News],
    preferred: str,
    lines: Mapping[str, OrderLine] = _NO_LINES,
) -> dict[str, Columns]:
    """As `apply_news`, of payloads that were read before and are understood otherwise
    by now: what was read of them then counts no more."""
    return _apply(order, news, preferred, lines, again=True)


def _apply(
    order: Order,
    news: Sequence[News],
    preferred: str,
    lines: Mapping[str, OrderLine],
    *,
    again: bool,
) -> dict[str, Columns]:
    if order.buyer_erased_at is not None:
        news = [_without_buyer(piece) for piece in news]
    is_blank = order.pk is None and not order.testimony
    testimony = Testimony({}) if is_blank else Testimony.of(order)
    line_testimony = LineTestimony.of(order, lines, testimony)
    for piece in news:
        if again:
            line_testimony.drop(piece)
            testimony.drop(piece)
        testimony.hear(piece)
        line_testimony.hear(piece)
    testimony.lines = line_testimony.stored_form(testimony)
    spoken = PLATFORM if PLATFORM in testimony.voices else FILE
    order.lines_source = _SOURCES[line_testimony.base or spoken]
    show(order, testimony, preferred)
    return line_testimony.shown()


def _without_buyer(news: News) -> News:
    fields = {n: v for n, v in news.fields.items() if n not in BUYER_FIELDS}
    return replace(news, fields=fields)


def _apply_first(order: Order, news: News) -> dict[str, Columns]:
    """As below, of an order that knows nothing but this: most of them, so in short."""
    order.__dict__.update(news.fields)
    order.status, order.status_text = news.status, news.text
    order.is_status_understood = news.status != OrderStatus.NOT_UNDERSTOOD
    order.lines_source = _SOURCES[news.witness]
    if news.witness == PLATFORM:
        order.remote_updated_at = _moment(news.standing.at)
    if news.status == OrderStatus.NOT_UNDERSTOOD:
        testimony = Testimony({})
        testimony.hear(news)
        _keep(order, testimony)
    else:
        order.testimony = {news.witness: first_form(news)}
    return news.lines


def show(order: Order, testimony: Testimony, preferred: str) -> None:
    """Let the order's columns, and what is kept beside them, follow from testimony."""
    order.__dict__.update(_shown(testimony, preferred))
    leading = testimony.leading(preferred)
    furthest = testimony.furthest(preferred)
    order.status = furthest.status
    order.is_status_understood = leading.riddle is None
    order.status_text = leading.riddle if leading.riddle is not None else furthest.text
    if platform := testimony.voices.get(PLATFORM):
        order.remote_updated_at = _moment(platform.at.at)
    order.has_conflict = bool(conflicts(testimony, preferred))
    _keep(order, testimony)


def _shown(testimony: Testimony, preferred: str) -> dict[str, Any]:
    """{field: value}"""
    voices = [*testimony.voices.values()]
    if len(voices) == 1 and not testimony.person and not testimony.told:
        said = voices[0].said
        return BLANKS | {name: word[0] for name, word in said.items()}
    return {name: _value(testimony, name, preferred) for name in FIELDS}


def _value(testimony: Testimony, name: str, preferred: str) -> Any:
    if "value" in (deed := testimony.person.get(name, {})):
        return unpacked(name, deed["value"])
    word = testimony.word_of(testimony.first_of(name, preferred), name)
    return BLANKS[name] if word is None else word[0]


def _keep(order: Order, testimony: Testimony) -> None:
    form = stored_form(testimony, order)
    if form != order.testimony:
        order.testimony = form


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=UTC) if seconds else None
