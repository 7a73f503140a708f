"""A shop whose orders can be shipped, split, cancelled and refunded, in memory."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from apps.integrations.contracts import (
    ActionFailure,
    ActionFault,
    Answered,
    CancellationPage,
    CancellationStatus,
    Combinable,
    Decision,
    Eligibility,
    Marked,
    Measures,
    OrderStatus,
    OwnShipment,
    PackageStatus,
    PaperLink,
    PlatformClient,
    RefundAmounts,
    RemoteCancellation,
    RemoteOrder,
    RemotePackage,
    RemoteReturn,
    RemoteUnit,
    RequestReason,
    ReturnKind,
    ReturnPage,
    ReturnStatus,
    Shipment,
    ShippingType,
    Source,
)
from apps.integrations.errors import NotFound, PlatformUnavailable, RequestRefused
from apps.orders.models import ActionRun, Order
from apps.orders.services.actions import Asked
from apps.orders.services.cancellations import ingest_cancellations
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.packages import ingest_packages
from apps.orders.services.returns import ingest_returns
from apps.platforms.models import Shop
from tests.factories.orders import make_remote_line, make_remote_order

Result = TypeVar("Result")
START = datetime(2026, 9, 20, 10, 0, tzinfo=UTC)
ALREADY_SHIPPED = 21011006


def run_of(asked: Asked) -> ActionRun:
    """Where several were asked for."""
    assert asked.run is not None
    return asked.run


def refusal(code: int, words: str, fault: ActionFault) -> RequestRefused:
    error = RequestRefused(words, code=code)
    error.fault = fault
    return error


def no_answer() -> PlatformUnavailable:
    return PlatformUnavailable("TikTok Shop took too long.")


@dataclass
class FakeOrderShop:
    """`before` sees each call's name and first argument before it is done, and may
    raise; `after` sees it when it is done: what raises then was done all the same.
    `writes` are the calls that changed something."""

    orders: dict[str, RemoteOrder] = field(default_factory=dict)
    packages: dict[str, RemotePackage] = field(default_factory=dict)
    cancellations: dict[str, RemoteCancellation] = field(default_factory=dict)
    returns: dict[str, RemoteReturn] = field(default_factory=dict)
    papers: dict[str, bytes] = field(default_factory=dict)
    before: Callable[[str, Any], None] = lambda name, about: None
    after: Callable[[str, Any], None] = lambda name, about: None
    failures: dict[str, ActionFailure] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)
    clock: datetime = START

    @property
    def client(self) -> PlatformClient:
        """As what takes its place."""
        return cast(PlatformClient, self)

    @property
    def writes(self) -> list[tuple[str, Any]]:
        return [call for call in self.calls if call[0] in _WRITES]

    # What there is

    def put(
        self,
        order_id: str,
        units: int = 2,
        *,
        shipping: ShippingType = ShippingType.PLATFORM,
        status: OrderStatus = OrderStatus.TO_SHIP,
        package: bool = True,
        **changes: Any,
    ) -> RemoteOrder:
        """An order of so many items in one package, if it has one yet."""
        package_id = f"1152{order_id[-8:]}" if package else ""
        names = [f"{order_id}0{number}" for number in range(1, units + 1)]
        parts = tuple(RemoteUnit(name, status, package_id) for name in names)
        line = make_remote_line(
            quantity=units, units=parts, package_ids=(package_id,) if package else ()
        )
        self.orders[order_id] = make_remote_order(
            order_id,
            status=status,
            status_text=status.value,
            lines=(line,),
            shipping_type=shipping,
            updated_at=self.clock,
            **changes,
        )
        if package:
            self.packages[package_id] = RemotePackage(
                package_id,
                PackageStatus.TO_FULFILL,
                "TO_FULFILL",
                (order_id,),
                tuple(names),
                created_at=START,
                updated_at=START,
                shipping_type=shipping,
            )
        return self.orders[order_id]

    def stored(self, shop: Shop, *order_ids: str) -> list[Order]:
        """The orders as a pull would have stored them."""
        wanted = order_ids or tuple(self.orders)
        ingest_orders(shop, [self.orders[each] for each in wanted], Source.API)
        packages = [p for p in self.packages.values() if set(p.order_ids) & set(wanted)]
        ingest_packages(shop, packages, Source.API)
        ingest_cancellations(shop, list(self.cancellations.values()), Source.API)
        ingest_returns(shop, list(self.returns.values()), Source.API)
        rows = Order.objects.filter(shop=shop, remote_id__in=wanted)
        return list(rows.order_by("remote_id"))

    def change(self, order_id: str, status: OrderStatus, **changes: Any) -> None:
        """The order and all its items, as of a moment later."""
        self._change_units(order_id, (), status, **changes)

    def ask_to_cancel(self, order_id: str, **changes: Any) -> RemoteCancellation:
        request_id = f"4035{order_id[-8:]}"
        values: dict[str, Any] = {
            "remote_id": request_id,
            "order_id": order_id,
            "status": CancellationStatus.PENDING,
            "status_text": "CANCELLATION_REQUEST_PENDING",
            "needs_answer": True,
            "role": "BUYER",
            "next_action": "SELLER_RESPOND_CANCEL",
            "created_at": self._tick(),
            "updated_at": self.clock,
        }
        request = RemoteCancellation(**values | changes)
        self.cancellations[request_id] = request
        self.orders[order_id] = self._newer(
            self.orders[order_id], is_cancel_requested=True
        )
        return request

    def ask_to_return(self, order_id: str, **changes: Any) -> RemoteReturn:
        request_id = f"4036{order_id[-8:]}"
        values: dict[str, Any] = {
            "remote_id": request_id,
            "order_id": order_id,
            "kind": ReturnKind.REFUND,
            "status": ReturnStatus.PENDING,
            "status_text": "RETURN_OR_REFUND_REQUEST_PENDING",
            "role": "BUYER",
            "next_action": "SELLER_RESPOND_REFUND",
            "created_at": self._tick(),
            "updated_at": self.clock,
        }
        self.returns[request_id] = RemoteReturn(**values | changes)
        return self.returns[request_id]

    # Reading

    def get_orders(self, remote_ids: Sequence[str]) -> list[RemoteOrder]:
        self._begin("get_orders", tuple(remote_ids))
        return [self.orders[each] for each in remote_ids if each in self.orders]

    def get_package(self, package_id: str) -> RemotePackage:
        self._begin("get_package", package_id)
        if package_id not in self.packages:
            raise NotFound("The package is not in this shop.")
        return self.packages[package_id]

    def cancellations_of(self, order_ids: Sequence[str]) -> CancellationPage:
        self._begin("cancellations_of", tuple(order_ids))
        found = [r for r in self.cancellations.values() if r.order_id in order_ids]
        return CancellationPage(tuple(found))

    def returns_of(self, order_ids: Sequence[str]) -> ReturnPage:
        self._begin("returns_of", tuple(order_ids))
        found = [r for r in self.returns.values() if r.order_id in order_ids]
        return ReturnPage(tuple(found))

    def shipping_document(
        self, package_id: str, kind: str, *, size: str = "A6", format_: str = "PDF"
    ) -> PaperLink:
        self._begin("shipping_document", package_id)
        return PaperLink(f"https://labels.example/{package_id}", f"TT{package_id}")

    def fetch_document(self, url: str) -> bytes:
        self._begin("fetch_document", url)
        return self.papers[url.rsplit("/", 1)[1]]

    def eligibility(self, order_id: str, *, role: str = "SELLER") -> list[Eligibility]:
        self._begin("eligibility", order_id)
        names = (
            "seller_cancel_reason_out_of_stock",
            "seller_cancel_reason_wrong_price",
        )
        return [Eligibility("CANCEL", "1730", (), is_eligible=True, reasons=names)]

    def reject_reasons(
        self, request_id: str, *, locale: str = "en-US"
    ) -> list[RequestReason]:
        self._begin("reject_reasons", request_id)
        return [RequestReason("reject_sent_already", "It is on its way")]

    # Writing

    def ship_package(self, shipment: Shipment) -> None:
        self._do("ship_package", shipment.package_id, lambda: self._ship(shipment))

    def ship_packages(self, shipments: Sequence[Shipment]) -> list[ActionFailure]:
        ids = tuple(each.package_id for each in shipments)

        def ship() -> list[ActionFailure]:
            for each in shipments:
                if each.package_id not in self.failures:
                    self._ship(each)
            return [self.failures[each] for each in ids if each in self.failures]

        return self._do("ship_packages", ids, ship)

    def mark_shipped(
        self, order_id: str, unit_ids: Sequence[str], own: OwnShipment
    ) -> Marked:
        return self._do(
            "mark_shipped", order_id, lambda: self._mark(order_id, unit_ids, own)
        )

    def update_order_tracking(self, order_id: str, own: OwnShipment) -> None:
        def correct() -> None:
            self.orders[order_id] = self._newer(
                self.orders[order_id],
                tracking_number=own.tracking_number,
                carrier_id=own.provider_id,
            )

        self._do("update_order_tracking", order_id, correct)

    def buy_label(
        self,
        order_id: str,
        unit_ids: Sequence[str],
        service_id: str,
        measures: Measures | None = None,
    ) -> str:
        def buy() -> str:
            own = OwnShipment("TTUS1", "")
            return self._mark(order_id, unit_ids, own).package_id

        return self._do("buy_label", (order_id, measures), buy)

    def split(
        self, order_id: str, groups: Mapping[str, Sequence[str]]
    ) -> dict[str, str]:
        def split() -> dict[str, str]:
            names = {}
            for name, unit_ids in groups.items():
                names[name] = f"11520{name}{order_id[-8:]}"
                self._change_units(order_id, unit_ids, None, package_id=names[name])
                self.packages[names[name]] = RemotePackage(
                    names[name],
                    PackageStatus.TO_FULFILL,
                    "TO_FULFILL",
                    (order_id,),
                    tuple(unit_ids),
                    updated_at=self.clock,
                    split_or_combine="split",
                )
            return names

        return self._do("split", order_id, split)

    def combine(self, offers: Sequence[Combinable]) -> list[ActionFailure]:
        def combine() -> list[ActionFailure]:
            for offer in offers:
                for order_id in offer.order_ids:
                    self._change_units(order_id, (), None, package_id=offer.remote_id)
                self.packages[offer.remote_id] = RemotePackage(
                    offer.remote_id,
                    PackageStatus.TO_FULFILL,
                    "TO_FULFILL",
                    offer.order_ids,
                    updated_at=self._tick(),
                    split_or_combine="combined",
                )
            return []

        return self._do("combine", offers[0].order_ids, combine)

    def uncombine(self, package_id: str, order_ids: Sequence[str] = ()) -> None:
        def uncombine() -> None:
            package = self.packages[package_id]
            for order_id in order_ids or package.order_ids[1:]:
                alone = f"1154{order_id[-8:]}"
                self._change_units(order_id, (), None, package_id=alone)
                self.packages[alone] = replace(
                    package, remote_id=alone, order_ids=(order_id,), split_or_combine=""
                )
            left = tuple(each for each in package.order_ids if each not in order_ids)
            self.packages[package_id] = replace(
                package, order_ids=left if order_ids else left[:1]
            )

        self._do("uncombine", (package_id, tuple(order_ids)), uncombine)

    def deliver(
        self, package_ids: Sequence[str], *, failed_because: str = ""
    ) -> list[ActionFailure]:
        def deliver() -> list[ActionFailure]:
            for package_id in package_ids:
                if not failed_because:
                    self._move_package(package_id, PackageStatus.COMPLETED)
            return []

        return self._do("deliver", (tuple(package_ids), failed_because), deliver)

    def cancel_order(
        self,
        order_id: str,
        reason: str,
        *,
        unit_ids: Sequence[str] = (),
        skus: Mapping[str, int] | None = None,
    ) -> Answered:
        def cancel() -> Answered:
            self._change_units(order_id, unit_ids, OrderStatus.CANCELLED)
            request = self.ask_to_cancel(
                order_id,
                status=CancellationStatus.SUCCESS,
                status_text="CANCELLATION_REQUEST_SUCCESS",
                needs_answer=False,
                next_action="",
                role="SELLER",
                reason=reason,
            )
            return Answered(request.remote_id, request.status_text)

        return self._do("cancel_order", (order_id, reason), cancel)

    def approve_cancellation(self, cancellation_id: str, *, key: str) -> None:
        def approve() -> None:
            order_id = self.cancellations[cancellation_id].order_id
            self._decide(cancellation_id, CancellationStatus.SUCCESS)
            self.change(order_id, OrderStatus.CANCELLED, is_cancel_requested=False)

        self._once(key, "approve_cancellation", cancellation_id, approve)

    def reject_cancellation(
        self, cancellation_id: str, reason: str, *, key: str, comment: str = ""
    ) -> None:
        def reject() -> None:
            order_id = self.cancellations[cancellation_id].order_id
            self._decide(cancellation_id, CancellationStatus.CANCELLED)
            self.orders[order_id] = self._newer(
                self.orders[order_id], is_cancel_requested=False
            )

        self._once(key, "reject_cancellation", cancellation_id, reject)

    def create_return(
        self,
        order_id: str,
        reason: str,
        kind: ReturnKind,
        *,
        key: str,
        unit_ids: Sequence[str] = (),
        amount: RefundAmounts | None = None,
    ) -> Answered:
        def create() -> None:
            self.ask_to_return(
                order_id,
                kind=kind,
                role="SELLER",
                status=ReturnStatus.SUCCESS,
                next_action="",
                refund=amount or RefundAmounts(),
            )

        self._once(key, "create_return", (order_id, amount), create)
        return Answered(f"4036{order_id[-8:]}", "RETURN_OR_REFUND_REQUEST_SUCCESS")

    def approve_return(
        self,
        return_id: str,
        decision: Decision,
        *,
        key: str,
        keeps_goods: bool = False,
        amount: RefundAmounts | None = None,
    ) -> None:
        def approve() -> None:
            self._answer_return(return_id, ReturnStatus.SUCCESS)

        self._once(key, "approve_return", (return_id, decision), approve)

    def reject_return(
        self,
        return_id: str,
        decision: Decision,
        reason: str,
        *,
        key: str,
        comment: str = "",
        amount: RefundAmounts | None = None,
    ) -> None:
        offered = ReturnStatus.AWAITING_BUYER_RESPONSE

        def reject() -> None:
            status = offered if amount else ReturnStatus.REJECTED
            self._answer_return(return_id, status)

        self._once(key, "reject_return", (return_id, decision), reject)

    # What the deeds do

    def _begin(self, name: str, about: Any) -> None:
        with self.lock:
            self.calls.append((name, about))
        self.before(name, about)

    def _do(self, name: str, about: Any, deed: Callable[[], Result]) -> Result:
        self._begin(name, about)
        with self.lock:
            result = deed()
        self.after(name, about)
        return result

    def _once(self, key: str, name: str, about: Any, deed: Callable[[], None]) -> None:
        def unless_known() -> None:
            if key not in self.keys:
                deed()
                self.keys.add(key)

        self._do(name, about, unless_known)

    def _ship(self, shipment: Shipment) -> None:
        package = self.packages[shipment.package_id]
        if package.status is not PackageStatus.TO_FULFILL:
            raise refusal(
                ALREADY_SHIPPED, "It was shipped before", ActionFault.DONE_BEFORE
            )
        own = shipment.own or OwnShipment(f"TT{shipment.package_id}", "7001")
        self._move_package(
            shipment.package_id,
            PackageStatus.PROCESSING,
            tracking_number=own.tracking_number,
            carrier_id=own.provider_id,
            carrier="J&T Express",
        )
        for order_id in package.order_ids:
            units = [u for u in package.unit_ids if u.startswith(order_id)]
            self._change_units(order_id, units, OrderStatus.AWAITING_COLLECTION)

    def _mark(self, order_id: str, unit_ids: Sequence[str], own: OwnShipment) -> Marked:
        units = [u for line in self.orders[order_id].lines for u in line.units]
        wanted = [u for u in units if not unit_ids or u.remote_id in unit_ids]
        if any(u.status is not OrderStatus.TO_SHIP for u in wanted):
            raise refusal(
                ALREADY_SHIPPED, "It was shipped before", ActionFault.DONE_BEFORE
            )
        names = tuple(unit.remote_id for unit in wanted)
        package_id = f"11530{names[0][-9:]}"
        self.packages[package_id] = RemotePackage(
            package_id,
            PackageStatus.PROCESSING,
            "PROCESSING",
            (order_id,),
            names,
            updated_at=self._tick(),
            tracking_number=own.tracking_number,
            carrier_id=own.provider_id,
            carrier="Royal Mail",
        )
        self._change_units(
            order_id,
            names,
            OrderStatus.AWAITING_COLLECTION,
            package_id=package_id,
            tracking_number=own.tracking_number,
            carrier="Royal Mail",
            carrier_id=own.provider_id,
            shipped_at=self.clock,
        )
        return Marked(package_id)

    def _change_units(
        self,
        order_id: str,
        unit_ids: Sequence[str],
        status: OrderStatus | None,
        *,
        package_id: str = "",
        **changes: Any,
    ) -> None:
        order = self.orders[order_id]
        lines = tuple(
            replace(
                line,
                units=tuple(
                    replace(
                        unit,
                        status=status or unit.status,
                        package_id=package_id or unit.package_id,
                    )
                    if not unit_ids or unit.remote_id in unit_ids
                    else unit
                    for unit in line.units
                ),
            )
            for line in order.lines
        )
        statuses = {unit.status for line in lines for unit in line.units}
        statuses -= {OrderStatus.CANCELLED}
        whole = (
            OrderStatus.CANCELLED
            if not statuses
            else statuses.pop()
            if len(statuses) == 1
            else OrderStatus.PARTLY_SHIPPED
        )
        self.orders[order_id] = self._newer(
            order, lines=lines, status=whole, status_text=whole.value, **changes
        )

    def _newer(self, order: RemoteOrder, **changes: Any) -> RemoteOrder:
        newer = replace(order, updated_at=self._tick(), raw={}, **changes)
        return replace(newer, raw={"said": repr(newer)})

    def _move_package(
        self, package_id: str, status: PackageStatus, **changes: Any
    ) -> None:
        self.packages[package_id] = replace(
            self.packages[package_id],
            status=status,
            status_text=status.value.upper(),
            updated_at=self._tick(),
            **changes,
        )

    def _decide(self, request_id: str, status: CancellationStatus) -> None:
        request = self.cancellations[request_id]
        if request.status is not CancellationStatus.PENDING:
            raise refusal(25001010, "A request is finished", ActionFault.REREAD)
        self.cancellations[request_id] = replace(
            request,
            status=status,
            status_text=f"CANCELLATION_REQUEST_{status.value.upper()}",
            needs_answer=False,
            next_action="",
            updated_at=self._tick(),
        )

    def _answer_return(self, return_id: str, status: ReturnStatus) -> None:
        request = self.returns[return_id]
        if not request.next_action:
            raise refusal(25001010, "A request is finished", ActionFault.REREAD)
        self.returns[return_id] = replace(
            request,
            status=status,
            status_text=status.value.upper(),
            next_action="",
            updated_at=self._tick(),
        )

    def _tick(self) -> datetime:
        self.clock += timedelta(minutes=1)
        return self.clock


_WRITES = frozenset(
    {
        "ship_package",
        "ship_packages",
        "mark_shipped",
        "update_order_tracking",
        "buy_label",
        "split",
        "combine",
        "uncombine",
        "deliver",
        "cancel_order",
        "approve_cancellation",
        "reject_cancellation",
        "create_return",
        "approve_return",
        "reject_return",
    }
)
