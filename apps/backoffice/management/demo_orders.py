"""Orders with something to do about them, at the demo's first client: buyers who cancel
and send back, a parcel in trouble, a refusal, sources that differ."""

import csv
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from django.core.management.base import CommandError

from apps.imports.services.orders import import_orders
from apps.integrations.contracts import Decision
from apps.orders.models import Order, OrderAction, OrderNote, SavedView
from apps.orders.services.actions import Wish, ask, reject_reasons, wish_tracking
from apps.orders.services.logistics import carriers_for
from apps.orders.services.priority import set_priority
from apps.orders.services.saved_views import save_view
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.services.actions import work_action, work_actions
from apps.sync.services.pull_some import pull_some
from apps.users.models import Client, User
from apps.users.services.audit import By

Kind = OrderAction.Kind
# The one that ships by package, and the one whose stock was counted.
HOME, COUNTED = "GB", "US"
# Kept last: what a start that broke off left out is made up for by the next.
VIEW = "UK, waits for us"
_DROPPED_OFF = {"handover_method": "DROP_OFF"}


def make_orders(client: Client, user: User, simulator: str) -> int:
    """Have buyers order, ask and complain, and answer some of them; how many orders.
    Nothing where it was done before."""
    connected = Shop.objects.connected().filter(client=client)
    shops = {shop.region: shop for shop in connected}
    is_made = SavedView.objects.filter(user=user, name=VIEW).exists()
    if is_made or not {HOME, COUNTED} <= shops.keys():
        return 0
    by = By(user, process="connect_demo")
    home = _Place(simulator, shops[HOME], by)
    other = _Place(simulator, shops[COUNTED], by)
    count = _urgent(home, user) + _unwanted(home) + _on_their_way(home)
    count += _coming_back(other) + _told_apart(other, user)
    query = f"tab=open&shop={home.shop.pk}&status={Order.Status.TO_SHIP}"
    save_view(user, VIEW, query)
    return count


@dataclass(frozen=True, slots=True)
class _Place:
    """A shop: as its buyers and carriers have it at the simulator, and as we do."""

    simulator: str
    shop: Shop
    by: By

    def control(self, path: str, fields: Any = None) -> Any:
        url = f"{self.simulator}/control/{path}"
        reply = requests.post(url, json=fields or {}, timeout=30)
        reply.raise_for_status()
        return reply.json()

    def buy(self, **wanted: Any) -> str:
        """The number of a new order that is ours to ship; of something we keep, where
        there is any."""
        fields: dict[str, Any] = {
            "shop_id": self.shop.remote_id,
            "shipping_type": "TIKTOK",
            "fulfilled_by_platform": False,
            "force": True,
        }
        kept = ListingSku.objects.filter(shop=self.shop, variant__isnull=False)
        if sku := kept.order_by("pk").first():
            fields["sku_id"] = sku.remote_id
        return str(self.control("orders", fields | wanted)["id"])

    def of_order(self, order: Order | str, event: str, **fields: Any) -> Any:
        number = order if isinstance(order, str) else order.remote_id
        return self.control(f"orders/{number}/{event}", fields)

    def pull(self, *numbers: str) -> list[Order]:
        """As they are on the platform by now."""
        pull_some(self.shop, numbers)
        rows = Order.objects.filter(shop=self.shop, remote_id__in=numbers)
        return sorted(rows, key=lambda order: numbers.index(order.remote_id))

    def do(self, order: Order, kind: Kind, details: Any = None, **about: Any) -> None:
        self.wish(Wish(order, kind, details or {}, **about))

    def wish(self, wish: Wish) -> None:
        asked = ask(self.shop, [wish], self.by)
        for _, why_not in asked.refused:
            raise CommandError(f"{wish.kind.label}, order {wish.order}: {why_not}")
        work_action(asked.actions[0])


def _urgent(at: _Place, user: User) -> int:
    """One that goes first, in two packages of which one has its label, and one that
    TikTok refuses to ship."""
    words = "It is a present: no invoice, please 🎁"
    number = at.buy(kind="split", quantity=2, buyer_message=words)
    first, refused = at.pull(number, at.buy())
    set_priority(
        at.shop, [first.pk], Order.Priority.VIRAL, "A creator waits for it", at.by
    )
    note = "Rang us: may be left with the neighbour, number 14."
    OrderNote.objects.create(order=first, user=user, text=note)
    package = first.packages.all()[0]
    for kind, details in ((Kind.SHIP, _DROPPED_OFF), (Kind.LABEL, {})):
        at.do(first, kind, details, package=package)
    at.of_order(refused, "refuse_shipping")
    at.do(refused, Kind.SHIP, _DROPPED_OFF)
    return 2


def _unwanted(at: _Place) -> int:
    """Two whose buyers ask to cancel; one of them was told no."""
    numbers = [at.buy(), at.buy()]
    for number in numbers:
        at.of_order(number, "request_cancel")
    _, refused = at.pull(*numbers)
    request = refused.cancellations.get()
    reason = reject_reasons(request).value[0].name
    details = {"reason": reason, "comment": "It is packed already."}
    at.do(refused, Kind.REJECT_CANCELLATION, details, cancellation=request)
    return len(numbers)


def _on_their_way(at: _Place) -> int:
    """Two that were collected; the carrier cannot deliver one of them."""
    orders = at.pull(at.buy(), at.buy())
    wishes = [Wish(order, Kind.SHIP, _DROPPED_OFF) for order in orders]
    ask(at.shop, wishes, at.by, title="Arrange shipping")
    work_actions(at.shop)
    for order in orders:
        at.of_order(order, "collect")
    package = orders[0].packages.get()
    trouble = {"reason": "INVALID_ADDRESS"}
    at.control(f"packages/{package.remote_id}/exception", trouble)
    at.pull(*(order.remote_id for order in orders))
    return len(orders)


def _coming_back(at: _Place) -> int:
    """A refund and a replacement to decide on, and goods that are on their way back."""
    kinds = ("REFUND", "REPLACEMENT", "RETURN_AND_REFUND")
    numbers = [at.buy(status="DELIVERED") for _ in kinds]
    for number, kind in zip(numbers, kinds, strict=True):
        asked = at.of_order(number, "request_return", kind=kind)
    *_, order = at.pull(*numbers)
    details = {"decision": Decision.APPROVE_RETURN.value}
    at.do(order, Kind.APPROVE_RETURN, details, order_return=order.returns.get())
    at.control(f"aftersales/{asked['id']}/ship")
    at.pull(order.remote_id)
    return len(numbers)


def _told_apart(at: _Place, user: User) -> int:
    """One whose number was corrected after somebody had exported it."""
    (order,) = at.pull(at.buy(shipping_type="SELLER"))
    carrier = carriers_for(order).value[0]
    at.wish(wish_tracking(order, "9400111899560000001", carrier))
    order.refresh_from_db()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "To ship order, before the correction.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.DictWriter(file, list(_row(order)))
            rows.writeheader()
            rows.writerow(_row(order))
        import_orders(at.shop, path, user=user)
    order.refresh_from_db()
    # TikTok dates changes to the second: the correction is to be the later one.
    time.sleep(1.1)
    at.wish(wish_tracking(order, "9400111899560000018", carrier))
    return 1


def _row(order: Order) -> dict[str, object]:
    """As Seller Center exports it."""
    line = order.lines.get()
    placed = order.placed_at.astimezone(order.shop.zone)
    return {
        "Order ID": order.remote_id,
        "Order Status": "To ship",
        "Order Substatus": "Awaiting collection",
        "SKU ID": line.remote_sku_id,
        "Seller SKU": line.seller_sku,
        "Product Name": line.product_name,
        "Variation": line.variation,
        "Quantity": line.quantity,
        "SKU Unit Original Price": line.unit_price,
        "SKU Subtotal Before Discount": line.original_amount,
        "SKU Platform Discount": line.platform_discount_amount,
        "SKU Seller Discount": line.seller_discount_amount,
        "SKU Subtotal After Discount": line.amount,
        "Order Amount": order.total_amount,
        "Created Time": f"{placed:%m/%d/%Y %I:%M:%S %p}",
        "Tracking ID": order.tracking_number,
        "Shipping Provider Name": order.carrier,
    }
