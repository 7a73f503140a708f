"""What people decide about an order's fields, over what the sources say.

Each deed locks the shop as ingest does, so that neither misses the other, and leaves a
line in the audit trail and an event, both without what was said of the buyer.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core.storing import clean
from apps.orders.errors import EditConflict, EditRefused
from apps.orders.models import Order, OrderEvent
from apps.orders.services.events import note_event
from apps.orders.services.merge import show
from apps.orders.services.order_fields import (
    BUYER_FIELDS,
    FIELDS,
    IS_TEXT,
    LENGTHS,
    SHOWN_FIELDS,
    packed,
)
from apps.orders.services.preferences import locked_shop
from apps.orders.services.preferences import preferred_witness as preferred_witness
from apps.orders.services.preferences import resolve_shop as resolve_shop
from apps.orders.services.stock import book_orders
from apps.orders.services.stories import FieldStory as FieldStory
from apps.orders.services.stories import Told as Told
from apps.orders.services.stories import label
from apps.orders.services.stories import why as why
from apps.orders.services.telling import TOLD_COLUMNS as TOLD_COLUMNS
from apps.orders.services.telling import tell as tell
from apps.orders.services.testimony import Testimony
from apps.orders.services.voices import PERSON, WITNESSES
from apps.users.services import audit
from apps.users.services.audit import By

EDITABLE = (
    "warehouse",
    "seller_note",
    "recipient_name",
    "recipient_phone",
    "recipient_address",
    "recipient_postal_code",
    "recipient_region",
    "delivery_option",
    "sales_channel",
    "creator_handle",
    "is_sample",
    "is_replacement",
    "is_pre_order",
    "cancel_reason",
)
_LONGEST = 2_000  # of what the table does not limit
_SAYS = {"platform": "TikTok", "file": "the file"}


def edit(
    order: Order,
    values: Mapping[str, Any],
    by: By,
    *,
    expected: Mapping[str, Any] | None = None,
) -> Order:
    """Let a person's values stand, whatever the sources say, until they are released:
    the order as it is then. A blank is a value, too. What is the same is no change.

    `values` is {one of EDITABLE: value}; `expected` what the form showed of the same
    fields: what was left as it was shown is not set. Raises EditRefused, and
    EditConflict where a field that is set is not as expected any more.
    """
    values = {name: _checked(name, value) for name, value in values.items()}
    with transaction.atomic():
        deed = _Deed(order)
        now = {name: _plain(name, getattr(deed.order, name)) for name in values}
        if expected is not None:
            shown = {n: _plain(n, expected[n]) for n in values if n in expected}
            values = {n: v for n, v in values.items() if shown.get(n, _NOT) != v}
            _refuse_stale(values, shown, now)
        wanted = {name: value for name, value in values.items() if now[name] != value}
        deed.refuse_erased(wanted)
        for name, value in wanted.items():
            deed.decide(name, {"value": packed(value)}, by)
        if wanted:
            deed.close(by, "edited an order", OrderEvent.Kind.EDITED, wanted)
        return deed.order


_NOT = object()


def settle(order: Order, field: str, source: str, by: By) -> Order:
    """Decide whose word counts for a field on which sources differ: "platform", "file",
    or "person", which keeps what is shown now. Repeating it changes nothing. Raises
    EditRefused."""
    _refuse_no_field(field)
    with transaction.atomic():
        deed = _Deed(order)
        if source == PERSON:
            decision = {"value": packed(getattr(deed.order, field))}
            deed.refuse_erased([field])
        elif source not in WITNESSES:
            raise EditRefused("Choose TikTok, the file or what is shown now.")
        elif deed.testimony.word_of(source, field) is None:
            who = _SAYS[source]
            raise EditRefused(
                f"{who[0].upper()}{who[1:]} says nothing about “{label(field)}”."
            )
        else:
            decision = {"keeps": source}
        if decision.items() <= deed.testimony.person.get(field, {}).items():
            return deed.order
        deed.decide(field, decision, by)
        whose = "kept as it is" if source == PERSON else f"as {_SAYS[source]} says"
        deed.close(
            by,
            "settled a conflict of an order",
            OrderEvent.Kind.SETTLED,
            [field],
            whose=whose,
        )
        return deed.order


def release(order: Order, field: str, by: By) -> Order:
    """Take back what a person decided of a field: the sources speak again. Repeating it
    changes nothing. Raises EditRefused for a field that is none."""
    _refuse_no_field(field)
    with transaction.atomic():
        deed = _Deed(order)
        if deed.testimony.person.pop(field, None) is None:
            return deed.order
        deed.close(
            by,
            "released a field of an order",
            OrderEvent.Kind.EDITED,
            [field],
            whose="no longer set by hand",
        )
        return deed.order


class _Deed:
    """One decision about an order, as it is under its shop's lock."""

    def __init__(self, order: Order) -> None:
        self.shop = locked_shop(order.shop_id)
        rows = Order.objects.select_related("shop__client")
        self.order = rows.get(pk=order.pk)
        self.testimony = Testimony.of(self.order)
        self.before = {name: getattr(self.order, name) for name in SHOWN_FIELDS}

    def refuse_erased(self, names: Iterable[str]) -> None:
        if self.order.buyer_erased_at and not set(names).isdisjoint(BUYER_FIELDS):
            raise EditRefused(
                "This buyer's data was erased; nothing about them is kept any more."
            )

    def decide(self, name: str, decision: dict[str, Any], by: By) -> None:
        who = by.user.pk if by.user else by.process
        at = int(timezone.now().timestamp())
        self.testimony.person[name] = decision | {"at": at, "by": who}

    def close(
        self,
        by: By,
        verb: str,
        kind: OrderEvent.Kind,
        names: Iterable[str],
        *,
        whose: str = "",
    ) -> None:
        """Write it all down, and book what follows for stock."""
        order, names = self.order, sorted(names)
        show(order, self.testimony, preferred_witness(self.shop))
        changed = [n for n in SHOWN_FIELDS if getattr(order, n) != self.before[n]]
        order.save(update_fields=[*changed, "testimony", "modified_at"])
        changes = {
            name: [packed(self.before[name]), packed(getattr(order, name))]
            for name in changed
            if name in FIELDS and name not in BUYER_FIELDS
        }
        audit.record(
            verb,
            order,
            actor=by.user,
            process=by.process,
            client=order.shop.client,
            address=by.address,
            fields=names,
            changes=changes,
        )
        said = [_told(name, changes.get(name), whose) for name in names]
        note_event(order, kind, "; ".join(said), by=by)
        if not _MATTERS_FOR_STOCK.isdisjoint(changed):
            book_orders(order.shop, [order])


# What the ledger's positions follow from, of what a person may decide.
_MATTERS_FOR_STOCK = frozenset(
    {
        "warehouse",
        "fulfilment",
        "cancel_reason",
        "cancellation_stage",
        "placed_at",
        "paid_at",
        "ready_to_ship_at",
        "shipped_at",
        "delivered_at",
        "cancelled_at",
    }
)


def _told(name: str, change: list[Any] | None, whose: str) -> str:
    """One field's part of an event; of the buyer's only that it changed."""
    text = f"{label(name)}: {whose}" if whose else label(name)
    if change is None:
        return text if whose else f"{text} changed"
    old, new = (_said(value) for value in change)
    return f"{text}, {old} → {new}" if whose else f"{text}: {old} → {new}"


def _said(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{value}”"


def _refuse_no_field(field: str) -> None:
    if field not in FIELDS:
        raise EditRefused(f"Orders have no field “{field}”.")


def _refuse_stale(
    values: Mapping[str, Any], shown: Mapping[str, Any], now: Mapping[str, Any]
) -> None:
    differences = {
        name: (shown[name], now[name])
        for name, value in values.items()
        if name in shown and now[name] not in (shown[name], value)
    }
    if differences:
        names = ", ".join(f"“{label(name)}”" for name in differences)
        verb = "has" if len(differences) == 1 else "have"
        raise EditConflict(
            f"{names} {verb} changed since you opened it. Look at what it is now, and "
            "decide again.",
            differences,
        )


def _checked(name: str, value: Any) -> Any:
    """A value fit for the field. Raises EditRefused."""
    if name not in EDITABLE:
        _refuse_no_field(name)
        raise EditRefused(f"“{label(name)}” cannot be set by hand.")
    value = _plain(name, value)
    if name not in IS_TEXT:
        if value is not None and not isinstance(value, bool):
            raise EditRefused(f"“{label(name)}” is yes, no or not known.")
        return value
    if not isinstance(value, str):
        raise EditRefused(f"“{label(name)}” is a text.")
    longest = LENGTHS[name] or _LONGEST
    if len(value) > longest:
        raise EditRefused(f"“{label(name)}” has at most {longest:,} characters.")
    return value


def _plain(name: str, value: Any) -> Any:
    """As a form would send it back."""
    if isinstance(value, str):
        return clean(value).replace("\r\n", "\n").strip()
    return "" if value is None and name in IS_TEXT else value
