"""Orders of ninety days, as the platform's API and an orders file tell of each at any
instant. Invented; both tell the same as far as both know."""

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.integrations.tiktok import payloads

FIRST = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
LAST = FIRST + timedelta(days=90)
CLOCK = ZoneInfo("Asia/Kuala_Lumpur")
SKUS = {"1731000000000000011": "CUP-RED", "1731000000000000012": "CUP-BLUE"}
PRICES = dict(zip(SKUS, (Decimal("12.50"), Decimal(20)), strict=True))

UNPAID, HOLD, TO_SHIP, AWAITING, PARTLY, TRANSIT, DELIVERED, COMPLETED, CANCELLED = (
    "UNPAID",
    "ON_HOLD",
    "AWAITING_SHIPMENT",
    "AWAITING_COLLECTION",
    "PARTIALLY_SHIPPING",
    "IN_TRANSIT",
    "DELIVERED",
    "COMPLETED",
    "CANCELLED",
)
WORDS = {
    UNPAID: ("Unpaid", "Unpaid"),
    HOLD: ("On hold", "On hold"),
    TO_SHIP: ("To ship", "Awaiting shipment"),
    AWAITING: ("To ship", "Awaiting collection"),
    PARTLY: ("To ship", "Partially shipped"),
    TRANSIT: ("Shipped", "In transit"),
    DELIVERED: ("Shipped", "Delivered"),
    COMPLETED: ("Completed", "Completed"),
    CANCELLED: ("Cancelled", "Cancelled"),
}
WAYS = {
    "plain": (UNPAID, TO_SHIP, AWAITING, TRANSIT, DELIVERED, COMPLETED),
    "held": (UNPAID, HOLD, TO_SHIP, AWAITING, TRANSIT, DELIVERED, COMPLETED),
    "cash": (TO_SHIP, AWAITING, TRANSIT, DELIVERED, COMPLETED),
    "split": (UNPAID, TO_SHIP, PARTLY, TRANSIT, DELIVERED, COMPLETED),
    "lapsed": (UNPAID, CANCELLED),
    "called_off": (UNPAID, TO_SHIP, CANCELLED),
    "refused": (UNPAID, TO_SHIP, AWAITING, TRANSIT, CANCELLED),
    "sample": (TO_SHIP, AWAITING, TRANSIT, DELIVERED),
    "less": (UNPAID, TO_SHIP, AWAITING, TRANSIT, DELIVERED, COMPLETED),
}
REASONS = {
    "lapsed": "Customer overdue to pay",
    "called_off": "No longer needed",
    "refused": "Package delivery failed",
}
_GONE = (TRANSIT, DELIVERED, COMPLETED)
_PACKAGE_STATUS = {
    AWAITING: "PROCESSING",
    TRANSIT: "FULFILLING",
    DELIVERED: "COMPLETED",
    COMPLETED: "COMPLETED",
    CANCELLED: "CANCELLED",
}


@dataclass(frozen=True)
class Life:
    """An order's whole life: `stages` are (since when, status), `units` the SKU of each
    item."""

    number: int
    way: str
    stages: tuple[tuple[datetime, str], ...]
    units: tuple[str, ...]

    @property
    def remote_id(self) -> str:
        return f"5791{self.number:014}"

    @property
    def placed_at(self) -> datetime:
        return self.stages[0][0]

    @property
    def status(self) -> str:
        return self.stages[-1][1]

    def price(self, sku: str) -> Decimal:
        return Decimal(0) if self.way == "sample" else PRICES[sku]

    @property
    def goods(self) -> Decimal:
        return sum(map(self.price, self.units), Decimal(0))

    def versions(self) -> list[datetime]:
        """When the platform changed it."""
        return [at for at, _ in self.stages]

    def at(self, moment: datetime) -> "State":
        """As it was then."""
        return State(self, tuple(s for s in self.stages if s[0] <= moment))


@dataclass(frozen=True)
class State:
    life: Life
    stages: tuple[tuple[datetime, str], ...]

    @property
    def status(self) -> str:
        return self.stages[-1][1]

    def since(self, *statuses: str) -> datetime | None:
        return next((at for at, status in self.stages if status in statuses), None)

    @property
    def paid_at(self) -> datetime | None:
        if self.life.way == "cash":
            return self.since(DELIVERED)
        return self.since(TO_SHIP, HOLD)

    def item_status(self, place: int) -> str:
        """One of a "less" order is called off, of a "split" one the first goes."""
        if self.life.way == "less" and place == 0 and self.since(AWAITING):
            return CANCELLED
        if self.status == PARTLY:
            return TRANSIT if place == 0 else TO_SHIP
        return self.status

    def package(self, place: int) -> tuple[str, str]:
        """The package an item is in, and its number, once there are any."""
        status = self.item_status(place)
        is_called_off = status == CANCELLED and self.status != CANCELLED
        if is_called_off or not (self.ready_at and status not in (TO_SHIP, HOLD)):
            return "", ""
        parcel = int(self.life.way == "split" and place > 0)
        number = f"{self.life.number:08}{parcel}"
        return f"1152{number}", f"MY{number}"

    def package_of(self, sku: str = "") -> tuple[str, str]:
        """The first package that the order, or this SKU of it, travels in."""
        places = [n for n, each in enumerate(self.life.units) if sku in ("", each)]
        return next(filter(any, map(self.package, places)), ("", ""))

    @property
    def ready_at(self) -> datetime | None:
        return self.since(AWAITING, PARTLY)


def lives(count: int, seed: int = 1) -> list[Life]:
    """The same ones each time, spread over ninety days and all ways a life goes; what
    was placed late has not come to its end."""
    dice = random.Random(seed)
    ways = [*WAYS, "plain", "plain", "held"]
    found = []
    for number in range(1, count + 1):
        at = FIRST + timedelta(seconds=dice.randrange(89 * 86_400))
        way = ways[number % len(ways)]
        stages = []
        for status in WAYS[way]:
            if at > LAST:
                break
            stages.append((at, status))
            at += timedelta(seconds=dice.randrange(600, 4 * 86_400))
        skus = [*SKUS] if way == "split" else [dice.choice([*SKUS])]
        units = skus + [skus[0]] * dice.randint(1, 2)
        if way == "split":
            units = skus
        found.append(Life(number, way, tuple(stages), tuple(units)))
    return found


def as_json(state: State) -> dict[str, Any]:
    """An order row of the API."""
    life = state.life
    left = state.since(TRANSIT)
    is_cancelled = state.status == CANCELLED
    money = {
        "currency": "MYR",
        "original_total_product_price": str(life.goods),
        "platform_discount": "0",
        "seller_discount": "0",
        "sub_total": str(life.goods),
        "shipping_fee": "4.90",
        "original_shipping_fee": "6.90",
        "shipping_fee_platform_discount": "2.00",
        "shipping_fee_seller_discount": "0",
        "payment_platform_discount": "0",
        "tax": "0",
        "total_amount": str(life.goods + Decimal("4.90")),
    }
    if life.way == "sample":
        money |= dict.fromkeys(("shipping_fee", "original_shipping_fee"), "0")
        money |= {"shipping_fee_platform_discount": "0", "total_amount": "0"}
    return payloads.make_order(
        id=life.remote_id,
        status=state.status,
        create_time=_seconds(life.placed_at),
        update_time=_seconds(state.stages[-1][0]),
        paid_time=_seconds(state.paid_at),
        rts_time=_seconds(state.ready_at),
        collection_time=_seconds(left),
        delivery_time=_seconds(state.since(DELIVERED)),
        cancel_time=_seconds(state.since(CANCELLED)),
        rts_sla_time=_seconds(life.placed_at + timedelta(days=2)),
        cancel_order_sla_time=_seconds(life.placed_at + timedelta(days=5)),
        cancellation_initiator="SYSTEM" if is_cancelled else "",
        cancel_reason=REASONS[life.way] if is_cancelled else "",
        user_id=f"72{life.number:012}",
        tracking_number=state.package_of()[1],
        is_cod=life.way == "cash",
        is_sample_order=life.way == "sample",
        payment_method_name=_payment(state),
        payment=money,
        recipient_address=_address("A** Lim") if _is_told(state) else {},
        line_items=[_item(state, n, sku) for n, sku in enumerate(life.units)],
    )


def _item(state: State, place: int, sku: str) -> dict[str, Any]:
    package, number = state.package(place)
    price = str(state.life.price(sku))
    return payloads.make_unit(
        id=f"58{state.life.number:06}{place:02}",
        sku_id=sku,
        product_id="1731000000000000001",
        seller_sku=SKUS[sku],
        product_name="Cup",
        sku_name="350 ml",
        original_price=price,
        sale_price=price,
        platform_discount="0",
        seller_discount="0",
        display_status=state.item_status(place),
        package_id=package,
        package_status=_PACKAGE_STATUS.get(state.item_status(place), "")
        if package
        else "",
        tracking_number=number,
        shipping_provider_name="Quick Parcel" if number else "",
    )


def as_rows(state: State) -> list[dict[str, str]]:
    """Rows of an orders file, one a SKU and package."""
    life = state.life
    status, substatus = WORDS[state.status]
    is_sample = life.way == "sample"
    is_cancelled = state.status == CANCELLED
    rows = []
    for sku in dict.fromkeys(life.units):
        quantity = life.units.count(sku)
        package, number = state.package_of(sku)
        goods = str(life.price(sku) * quantity)
        buyer = _address("A** L**") if _is_told(state) else {}
        rows.append(
            {
                "Order ID": f"{life.remote_id}\t",
                "Order Status": status,
                "Order Substatus": substatus,
                "Normal or Pre-order": "Normal",
                "SKU ID": f"{sku}\t",
                "Seller SKU": SKUS[sku],
                "Product Name": "Cup",
                "Variation": "350 ml",
                "Quantity": str(quantity),
                "SKU Unit Original Price": str(life.price(sku)),
                "SKU Subtotal Before Discount": goods,
                "SKU Platform Discount": "0",
                "SKU Seller Discount": "0",
                "SKU Subtotal After Discount": goods,
                "Shipping Fee After Discount": "0" if is_sample else "4.90",
                "Original Shipping Fee": "0" if is_sample else "6.90",
                "Shipping Fee Seller Discount": "0",
                "Shipping Fee Platform Discount": "0" if is_sample else "2.00",
                "Payment platform discount": "",
                "Taxes": "0",
                "Order Amount": str(0 if is_sample else life.goods + Decimal("4.90")),
                "Created Time": _local(life.placed_at),
                "Paid Time": _local(state.paid_at),
                "RTS Time": _local(state.ready_at),
                "Shipped Time": _local(state.since(TRANSIT)),
                "Delivered Time": _local(state.since(DELIVERED)),
                "Cancelled Time": _local(state.since(CANCELLED)),
                "Cancel By": "System" if is_cancelled else "",
                "Cancel Reason": REASONS[life.way] if is_cancelled else "",
                "Fulfillment Type": "Fulfillment by seller",
                "Warehouse Name": "Main",
                "Tracking ID": number,
                "Delivery Option": "Standard",
                "Shipping Provider Name": "Quick Parcel",
                "Buyer Message": "Ring the bell",
                "Recipient": buyer.get("name", ""),
                "Phone #": buyer.get("phone_number", ""),
                "Zipcode": buyer.get("postal_code", ""),
                "Country": "Malaysia" if buyer else "",
                "Detail Address": "*** 5, J*** B***, Kedah" if buyer else "",
                "Payment Method": _payment(state),
                "Package ID": f"{package}\t",
                "Seller Note": "Fragile",
            }
        )
    return rows


def write_file(path: Path, some: Iterable[Life], exported_at: datetime) -> Path:
    """An export of the orders that were placed by then, newest first."""
    known = [life for life in some if life.placed_at <= exported_at]
    known.sort(key=lambda life: life.placed_at, reverse=True)
    rows = [row for life in known for row in as_rows(life.at(exported_at))]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _is_told(state: State) -> bool:
    """The platform hides who bought until it is paid."""
    return state.since(TO_SHIP) is not None


def _address(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "phone_number": "(+60)12****34",
        "full_address": "Malaysia, Kedah, *** 5, J*** B***",
        "postal_code": "05000",
        "region_code": "MY",
    }


def _payment(state: State) -> str:
    if state.life.way == "cash":
        return "Cash on delivery"
    return "Online banking" if state.paid_at else ""


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


def _local(moment: datetime | None) -> str:
    text = moment.astimezone(CLOCK).strftime("%d/%m/%Y %H:%M:%S") if moment else ""
    return f"{text}\t"
