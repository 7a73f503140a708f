"""The body of an order search: what may be asked, and which orders match."""

from dataclasses import dataclass

from apps.simulator.tiktok.call import invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.world.lifecycle import STATUSES
from apps.simulator.world.orders import Order

_TIMES = ("create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt")
_SHIPPING_TYPES = ("TIKTOK", "SELLER", "TIKTOK_DIGITAL", "IN-STORE PICKUP")


@dataclass(frozen=True, slots=True)
class Filters:
    """None: not asked for."""

    create_time_ge: int | None = None
    create_time_lt: int | None = None
    update_time_ge: int | None = None
    update_time_lt: int | None = None
    order_status: str | None = None
    shipping_type: str | None = None
    buyer_user_id: str | None = None
    is_buyer_request_cancel: bool | None = None
    warehouse_ids: frozenset[str] | None = None

    def window(self, sort_field: str) -> tuple[int | None, int | None]:
        """Bounds of the time the rows are sorted by."""
        if sort_field == "update_time":
            return self.update_time_ge, self.update_time_lt
        return self.create_time_ge, self.create_time_lt

    def is_window_only(self, sort_field: str) -> bool:
        if sort_field == "update_time":
            window = Filters(
                update_time_ge=self.update_time_ge, update_time_lt=self.update_time_lt
            )
        else:
            window = Filters(
                create_time_ge=self.create_time_ge, create_time_lt=self.create_time_lt
            )
        return self == window

    def sift(self, orders: list[Order]) -> list[Order]:
        """Cheap questions first: each pass sees what the one before left over."""
        created = self.create_time_ge or 0, self.create_time_lt or 2**40
        updated = self.update_time_ge or 0, self.update_time_lt or 2**40
        orders = [
            order
            for order in orders
            if created[0] <= order.created < created[1]
            and updated[0] <= order.updated < updated[1]
        ]
        if self.order_status is not None:
            orders = [o for o in orders if o.status == self.order_status]
        if self.is_buyer_request_cancel is not None:
            wanted = self.is_buyer_request_cancel
            orders = [o for o in orders if o.asks_to_cancel == wanted]
        if self.shipping_type is not None:
            orders = [o for o in orders if o.shipping_type == self.shipping_type]
        if self.warehouse_ids is not None:
            orders = [o for o in orders if o.warehouse_id in self.warehouse_ids]
        if self.buyer_user_id is not None:
            orders = [o for o in orders if o.buyer_id == self.buyer_user_id]
        return orders


def read_filters(body: Json) -> Filters:
    """Unknown keys are ignored, as on the platform; wrong values are refused."""
    for name in _TIMES:
        value = body.get(name)
        if value is not None and (not isinstance(value, int) or value is True):
            raise invalid(name, "must be a Unix timestamp in seconds.")
    _check_choice(body, "order_status", STATUSES)
    _check_choice(body, "shipping_type", _SHIPPING_TYPES)
    buyer = body.get("buyer_user_id")
    if buyer is not None and not isinstance(buyer, str):
        raise invalid("buyer_user_id", "must be a string.")
    asks = body.get("is_buyer_request_cancel")
    if asks is not None and not isinstance(asks, bool):
        raise invalid("is_buyer_request_cancel", "must be true or false.")
    warehouses = body.get("warehouse_ids") or None
    if warehouses is not None and not _is_text_list(warehouses):
        raise invalid("warehouse_ids", "must be a list of strings.")
    return Filters(
        **{name: body.get(name) for name in _TIMES},
        order_status=body.get("order_status") or None,
        shipping_type=body.get("shipping_type") or None,
        buyer_user_id=buyer or None,
        is_buyer_request_cancel=asks,
        warehouse_ids=frozenset(warehouses) if warehouses else None,
    )


def _check_choice(body: Json, name: str, choices: tuple[str, ...]) -> None:
    value = body.get(name)
    if value and value not in choices:
        raise invalid(name, f"must be one of {', '.join(choices)}.")


def _is_text_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
