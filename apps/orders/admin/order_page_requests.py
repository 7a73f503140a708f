"""Cancellations and returns of an order: by when to answer, what about, what can be."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.core.money import Money
from apps.orders.admin.order_decisions import DECISIONS, slug_of
from apps.orders.models import Cancellation, Order, Return
from apps.orders.services.actions import decisions_for

CANCELLATION_BADGES = {
    Cancellation.Status.PENDING: "attention",
    Cancellation.Status.SUCCESS: "progress",
    Cancellation.Status.COMPLETE: "neutral",
    Cancellation.Status.CANCELLED: "neutral",
    Cancellation.Status.NOT_UNDERSTOOD: "bad",
}
RETURN_BADGES = {
    Return.Status.PENDING: "attention",
    Return.Status.REJECTED: "neutral",
    Return.Status.AWAITING_BUYER_RESPONSE: "progress",
    Return.Status.AWAITING_BUYER_SHIP: "progress",
    Return.Status.BUYER_SHIPPED: "progress",
    Return.Status.RECEIVE_REJECTED: "neutral",
    Return.Status.SUCCESS: "progress",
    Return.Status.COMPLETE: "good",
    Return.Status.REFUNDED_INSTEAD: "good",
    Return.Status.CANCELLED: "neutral",
    Return.Status.NOT_UNDERSTOOD: "bad",
}
# What the platform waits for, by its own words.
ACTIONS = {
    "SELLER_RESPOND_CANCEL": "Say whether the buyer may cancel",
    "SELLER_RESPOND_BUYER_CANCEL": "Say whether the buyer may cancel",
    "SELLER_RESPOND_REFUND": "Say whether the buyer is paid back",
    "SELLER_RESPOND_RETURN": "Say whether the buyer may return it",
    "SELLER_RESPOND_RECEIVE_PACKAGE": "Say whether the goods came back as they should",
    "SELLER_RESPOND_REPLACEMENT": "Say whether it is replaced",
}
# What a dispute's state is called; in whose favour it ended.
ARBITRATIONS = {
    "IN_PROGRESS": "TikTok decides the dispute",
    "SUPPORT_BUYER": "TikTok decided for the buyer",
    "SUPPORT_SELLER": "TikTok decided for you",
    "CLOSED": "The dispute is closed",
}


def requests_context(
    order: Order,
    cancellations: Sequence[Cancellation],
    returns: Sequence[Return],
    *,
    may_act: bool,
) -> dict[str, Any]:
    """For templates/orders/order_requests.html; asks the database nothing beyond the
    rows and their lines, which are prefetched."""
    return {
        "cancellations": [
            cancellation_row(row, may_act=may_act) for row in cancellations
        ],
        "returns": [return_row(row, may_act=may_act) for row in returns],
        "inspect_url": inspect_address(order.remote_id),
    }


def inspect_address(order_number: str) -> str:
    """Where it is said what became of goods that came back of an order."""
    return f"{reverse('admin:inventory_inspect_find')}?order={order_number}"


def cancellation_row(row: Cancellation, *, may_act: bool) -> dict[str, Any]:
    waits = row.needs_answer and row.status == Cancellation.Status.PENDING
    deeds = []
    if may_act and waits and row.order_id:
        for name, title in (("agree", "Agree…"), ("refuse", "Refuse…")):
            keys = [row.order_id, row.pk, name]
            deeds.append(
                (title, reverse("admin:orders_order_cancellation_do", args=keys))
            )
    return _row(row, "Cancellation", cancellation_badge(row), deeds, waits=waits)


def return_row(row: Return, *, may_act: bool) -> dict[str, Any]:
    deeds = []
    if may_act and row.order_id:
        agree, refuse = decisions_for(row)
        for decision in (*agree, *refuse):
            if decision in DECISIONS:
                keys = [row.order_id, row.pk, slug_of(decision)]
                address = reverse("admin:orders_order_return_do", args=keys)
                deeds.append((f"{DECISIONS[decision].title}…", address))
    told = _row(
        row,
        row.get_kind_display(),
        return_badge(row),
        deeds,
        waits=bool(row.next_action),
    )
    return told | {
        "arbitration": ARBITRATIONS.get(row.arbitration, row.arbitration),
        "offered": _money(row.offered_amount, row),
        "way": way_back_words(row),
        "expects_goods": row.kind
        not in (Return.Kind.REFUND, Return.Kind.NOT_UNDERSTOOD)
        and not row.keeps_goods,
        "story": f"{reverse('admin:orders_return_change', args=[row.pk])}?story=1",
    }


def cancellation_badge(row: Cancellation) -> SafeString:
    if not row.is_status_understood:
        return badge(f"Not understood: {row.status_text}", "bad")
    return badge(
        row.get_status_display(), CANCELLATION_BADGES[Cancellation.Status(row.status)]
    )


def return_badge(row: Return) -> SafeString:
    if not row.is_status_understood:
        return badge(f"Not understood: {row.status_text}", "bad")
    return badge(row.get_status_display(), RETURN_BADGES[Return.Status(row.status)])


def deadline(row: Cancellation | Return) -> SafeString | str:
    """How long there is to answer; within a day, as a badge."""
    if row.respond_by_at is None:
        return ""
    left = row.respond_by_at - timezone.now()
    shop_time = row.respond_by_at.astimezone(row.shop.zone)
    note = f" · {shop_time:%d %b %H:%M} {shop_time.tzname()} in the shop"
    words = ago(row.respond_by_at, zone_note=note, past="late")
    if left.days >= 1:
        return words
    kind = "bad" if left.days < 0 else "attention"
    return format_html('<span class="badge badge-{}">{}</span>', kind, words)


def way_back_words(row: Return) -> str:
    """As “SF Express 12345, by the buyer's own carrier”."""
    number = " ".join(part for part in (row.carrier, row.tracking_number) if part)
    by = {"PLATFORM": "TikTok's carrier", "BUYER_ARRANGE": "a carrier of the buyer's"}
    return ", by ".join(
        part for part in (number, by.get(row.shipment_type, "")) if part
    )


def action_words(row: Cancellation | Return) -> str:
    return ACTIONS.get(row.next_action, row.next_action)


def lines_told(row: Cancellation | Return) -> list[dict[str, Any]]:
    """Items of one SKU at one amount are told as one."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in row.lines.all():
        key = (line.remote_sku_id, line.seller_sku, line.variation, line.refund_amount)
        if (known := found.get(key)) is None:
            found[key] = {
                "line": line,
                "units": line.quantity,
                "amount": line.refund_amount,
            }
        else:
            known["units"] += line.quantity
            if line.refund_amount is not None:
                known["amount"] += line.refund_amount
    return [told | {"amount": _money(told["amount"], row)} for told in found.values()]


def amounts_of(row: Cancellation | Return) -> list[tuple[str, str]]:
    """What goes back, in parts where there are several."""
    parts = (
        ("Goods", row.refund_subtotal_amount),
        ("Shipping", row.refund_shipping_amount),
        ("Tax", row.refund_tax_amount),
        ("Fees", row.refund_fees_amount),
    )
    told = [(name, _money(amount, row)) for name, amount in parts if amount]
    total = [("In all", _money(row.refund_amount, row))] if row.refund_amount else []
    return [*(told if len(told) > 1 else []), *total]


def refund_told(row: Cancellation | Return) -> str:
    """What goes back, or would; empty where nobody said."""
    return _money(row.refund_amount, row)


def _row(
    row: Cancellation | Return,
    name: str,
    state: SafeString,
    deeds: Iterable[tuple[str, str]],
    *,
    waits: bool,
) -> dict[str, Any]:
    return {
        "row": row,
        "name": name,
        "status": state,
        "deadline": deadline(row) if waits else "",
        "action": action_words(row) if waits else "",
        "by": row.role.lower() or "nobody told",
        "reason": row.reason_text or row.reason,
        "asked": ago(row.remote_created_at),
        "lines": lines_told(row),
        "amounts": amounts_of(row),
        "deeds": list(deeds),
    }


def _money(amount: Any, row: Cancellation | Return) -> str:
    if amount is None:
        return ""
    currency = row.currency or row.shop.currency
    return str(Money(amount, currency))
