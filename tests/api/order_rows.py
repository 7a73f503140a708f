"""One row of everything that hangs on an order, beside what the world has."""

import io
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from pypdf import PdfWriter

from apps.orders.models import (
    ActionRun,
    Cancellation,
    CancellationLine,
    Order,
    OrderAction,
    OrderEvent,
    OrderNote,
    Package,
    Return,
    ReturnLine,
    ShippingDocument,
    ShippingProvider,
    TrackingStep,
)
from apps.platforms.models import Shop
from tests.api.world import World
from tests.factories.orders import make_order, make_package


@dataclass(frozen=True, slots=True)
class OrderRows:
    """Of `order` nothing is shipped; `returned` came back. `action` was refused."""

    order: Order
    package: Package
    document: ShippingDocument
    carrier: ShippingProvider
    returned: Order
    wish: Cancellation
    goods_back: Return
    run: ActionRun
    action: OrderAction
    event: OrderEvent
    note: OrderNote
    step: TrackingStep


def make_order_rows(world: World, word: str = "Lamp") -> OrderRows:
    """Texts of the rows begin with the word; the shop is in Malaysia."""
    shop = world.shop
    order = make_shippable(shop)
    package = order.packages.get()
    returned = make_order(
        shop, status=Order.Status.DELIVERED, paid_at=timezone.now(), shipping_type=""
    )
    run = ActionRun.objects.create(
        shop=shop,
        kind=OrderAction.Kind.SHIP,
        title=f"{word} run",
        state=ActionRun.State.PARTLY,
        source="page",
        total=2,
        refused_rows=[[1, f"{word}-order", f"{word} does not fit"]],
    )
    now = timezone.now()
    return OrderRows(
        order=order,
        package=package,
        document=make_document(package),
        carrier=make_carrier(shop, f"{word} Express"),
        returned=returned,
        wish=make_wish(order, reason_text=f"{word} is late"),
        goods_back=make_return(returned, reason_text=f"{word} is broken"),
        run=run,
        action=make_action(
            returned, run=run, row=2, message=f"{word} refused", code=21011006
        ),
        event=OrderEvent.objects.create(
            order=order,
            kind=OrderEvent.Kind.CHANGED,
            happened_at=now,
            text=f"{word} changed",
        ),
        note=OrderNote.objects.create(
            order=order, user=world.admin, text=f"{word} buyer rang"
        ),
        step=TrackingStep.objects.create(
            order=order, happened_at=now, description=f"{word} left"
        ),
    )


def make_shippable(shop: Shop, remote_id: str = "", **changes: Any) -> Order:
    """Two items that wait to be sent with an own carrier, in one package."""
    values = {"shipping_type": "seller", "delivery_option_id": "D1"}
    order = make_order(shop, remote_id, **values | changes)
    number = f"1152{order.remote_id[-10:]}"
    make_package(order, number, status="to_fulfill", shipping_type="seller")
    units = [[f"{order.remote_id[-8:]}{n}", "to_ship", number] for n in (1, 2)]
    order.lines.update(units=units)
    return order


def make_document(package: Package, **changes: Any) -> ShippingDocument:
    writer = PdfWriter()
    writer.add_blank_page(width=298, height=420)
    stream = io.BytesIO()
    writer.write(stream)
    values: dict[str, Any] = {
        "kind": ShippingDocument.Kind.LABEL,
        "content": stream.getvalue(),
        "fetched_at": timezone.now(),
    }
    return ShippingDocument.objects.create(package=package, **values | changes)


def make_carrier(shop: Shop, name: str = "J&T Express", **changes: Any) -> Any:
    values = {"delivery_option_id": "D1", "remote_id": "7001"}
    return ShippingProvider.objects.create(
        shop=shop, name=name, read_at=timezone.now(), **values | changes
    )


def make_wish(order: Order, **changes: Any) -> Cancellation:
    """A buyer's, of the first item, that waits for an answer."""
    values: dict[str, Any] = {
        "remote_id": f"4035{order.pk:010}",
        "status": Cancellation.Status.PENDING,
        "needs_answer": True,
        "role": "BUYER",
        "next_action": "SELLER_RESPOND_CANCEL",
        "reason": "ecom_order_to_ship_canceled_reason_no_longer_needed",
        "respond_by_at": timezone.now() + timedelta(hours=20),
        "currency": order.currency,
        "refund_amount": Decimal(40),
        "source": Order.Source.API,
    }
    row = Cancellation.objects.create(
        shop=order.shop,
        order=order,
        order_remote_id=order.remote_id,
        **values | changes,
    )
    line = order.lines.first()
    CancellationLine.objects.create(
        request=row, order_line=line, remote_id="1", refund_amount=Decimal(40)
    )
    return row


def make_return(order: Order, **changes: Any) -> Return:
    """A buyer's, of one piece, that waits for an answer."""
    values: dict[str, Any] = {
        "remote_id": f"4036{order.pk:010}",
        "kind": Return.Kind.RETURN_AND_REFUND,
        "status": Return.Status.PENDING,
        "role": "BUYER",
        "next_action": "SELLER_RESPOND_RETURN",
        "respond_by_at": timezone.now() + timedelta(hours=40),
        "currency": order.currency,
        "refund_amount": Decimal(40),
        "source": Order.Source.API,
    }
    row = Return.objects.create(
        shop=order.shop,
        order=order,
        order_remote_id=order.remote_id,
        **values | changes,
    )
    line = order.lines.first()
    ReturnLine.objects.create(
        request=row, order_line=line, remote_id="1", refund_amount=Decimal(40)
    )
    return row


def make_action(order: Order, **changes: Any) -> OrderAction:
    """One that the platform refused."""
    values: dict[str, Any] = {
        "kind": OrderAction.Kind.PULL,
        "target": order.remote_id,
        "state": OrderAction.State.REFUSED,
        "idempotency_key": f"{order.pk}-{OrderAction.objects.count()}",
        "ended_at": timezone.now(),
    }
    return OrderAction.objects.create(shop=order.shop, order=order, **values | changes)
