"""Packages, their carriers and papers, and what may be done with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from apps.integrations.contracts.orders import PackageStatus, ShippingType


class ActionFault(StrEnum):
    """Why the platform did not do what we asked, by what can be done about it."""

    RETRY = "retry"  # busy, or its own fault: the same again, later
    DONE_BEFORE = "done_before"  # it is as we wanted it: read it again, and see
    REREAD = "reread"  # what we know is outdated: read it again, then decide anew
    INPUT = "input"  # a value of ours does not do: a person chooses another
    STOP = "stop"  # it cannot be done any more, whatever we send
    SELLER = "seller"  # nothing of this shop is taken until the seller acts


@dataclass(frozen=True, slots=True)
class RemotePackage:
    """A package as the platform tells of it. Combined, it is of several orders; split,
    it holds some `unit_ids` ("order line item ids") of one.

    `problem` is the platform's word for an exception on the way, empty if all is well.
    """

    remote_id: str
    status: PackageStatus
    status_text: str
    order_ids: tuple[str, ...]
    unit_ids: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    sub_status: str = ""
    problem: str = ""
    tracking_number: str = ""
    last_mile_tracking_number: str = ""
    carrier: str = ""
    carrier_id: str = ""
    shipping_type: ShippingType = ShippingType.UNKNOWN
    delivery_option: str = ""
    delivery_option_id: str = ""
    handover_method: str = ""
    pickup_from_at: datetime | None = None
    pickup_until_at: datetime | None = None
    split_or_combine: str = ""
    warehouse: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackagePage:
    """As OrderPage, of packages."""

    packages: tuple[RemotePackage, ...]
    next_page_token: str = ""
    total_count: int | None = None
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """A way a warehouse's goods can be sent; `kind` in the platform's words."""

    remote_id: str
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ShippingProvider:
    """A carrier as the platform lists it."""

    remote_id: str
    name: str


@dataclass(frozen=True, slots=True)
class PickupSlot:
    """When a carrier can fetch packages."""

    start: datetime
    end: datetime
    is_free: bool = True


@dataclass(frozen=True, slots=True)
class Handover:
    """How a package can be given to the platform's carrier."""

    can_pick_up: bool
    can_drop_off: bool
    drop_off_url: str = ""
    slots: tuple[PickupSlot, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnShipment:
    """A carrier and number of the seller's own."""

    tracking_number: str
    provider_id: str


@dataclass(frozen=True, slots=True)
class Shipment:
    """One package to be shipped: by a handover ("PICKUP" in a slot, "DROP_OFF"), or
    with an own carrier; with neither, as the platform thinks best."""

    package_id: str
    handover_method: str = ""
    slot: PickupSlot | None = None
    own: OwnShipment | None = None


@dataclass(frozen=True, slots=True)
class ActionFailure:
    """One thing of several that the platform did not do: its own code and words, and
    what they mean in ours, for staff."""

    remote_id: str
    code: int
    message: str
    fault: ActionFault = ActionFault.STOP
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of units marked as shipped: their package, and a warning if any."""

    package_id: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Measures:
    """Size and weight of a box: `unit` is CM or INCH, `weight_unit` GRAM or POUND."""

    length: Decimal
    width: Decimal
    height: Decimal
    unit: str
    weight: Decimal
    weight_unit: str


@dataclass(frozen=True, slots=True)
class ShippingService:
    """A label the platform sells for an order."""

    remote_id: str
    name: str
    price: Decimal | None
    currency: str
    carrier: str = ""
    earliest_days: int | None = None
    latest_days: int | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class PaperLink:
    """Where a package's paper can be fetched, for a day at most."""

    url: str
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class SplitAdvice:
    """Whether an order can, or must, be sent in several packages, and why."""

    order_id: str
    can_split: bool
    must_split: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Combinable:
    """Orders that could travel together; `remote_id` names the offer."""

    remote_id: str
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoteTrackingStep:
    """One scan on the way, in the carrier's words."""

    description: str
    happened_at: datetime
    code: int | None = None
    tracking_number: str = ""


class FulfilmentCalls(Protocol):
    """The part of a PlatformClient that ships.

    A write raises PlatformError: `fault` says what can be done, `may_be_done` that the
    platform may have done it all the same, `code` and `said` are the platform's own.
    None is repeated unasked. One sent in parts tells by `progress` how far it had come,
    by the ids it was given.
    """

    def search_packages(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> PackagePage:
        """One page of the packages updated in [since, until), oldest update first."""

    def get_package(self, package_id: str) -> RemotePackage:
        """All about one package. Raises NotFound."""

    def handover(self, package_id: str) -> Handover:
        """How, and when, the carrier takes this package."""

    def ship_package(self, shipment: Shipment) -> None:
        """Arrange the shipping of one package."""

    def ship_packages(self, shipments: Sequence[Shipment]) -> list[ActionFailure]:
        """Arrange the shipping of several, by package id; those not named went well."""

    def mark_shipped(
        self, order_id: str, unit_ids: Sequence[str], own: OwnShipment
    ) -> Marked:
        """Say that units (none named: all) are on their way with an own carrier."""

    def update_order_tracking(self, order_id: str, own: OwnShipment) -> None:
        """Correct the carrier and number of an unsplit order shipped by the seller."""

    def update_package_tracking(self, package_id: str, own: OwnShipment) -> None:
        """As update_order_tracking, of one package."""

    def shipping_services(
        self, order_id: str, unit_ids: Sequence[str], measures: Measures | None = None
    ) -> list[ShippingService]:
        """The labels on sale for units of an order (US)."""

    def buy_label(
        self,
        order_id: str,
        unit_ids: Sequence[str],
        service_id: str,
        measures: Measures | None = None,
    ) -> str:
        """Make a package by buying its label (US): the package's id."""

    def shipping_document(
        self, package_id: str, kind: str, *, size: str = "A6", format_: str = "PDF"
    ) -> PaperLink:
        """Where a paper can be fetched; kinds in the platform's words."""

    def fetch_document(self, url: str) -> bytes:
        """The paper itself; nothing of us is told to whoever keeps it."""

    def tracking(self, order_id: str) -> list[RemoteTrackingStep]:
        """Where the order's packages have been, newest first."""

    def split_advice(self, order_ids: Sequence[str]) -> list[SplitAdvice]:
        """Which orders can, or must, be split."""

    def split(
        self, order_id: str, groups: Mapping[str, Sequence[str]]
    ) -> dict[str, str]:
        """Split by {name of ours: unit ids}: {that name: the package's id}."""

    def combinable(self, *, page_token: str = "") -> tuple[list[Combinable], str]:
        """A page of what could be combined, and the next page's token."""

    def combine(self, offers: Sequence[Combinable]) -> list[ActionFailure]:
        """Combine as offered; those not named went well."""

    def uncombine(self, package_id: str, order_ids: Sequence[str] = ()) -> None:
        """Take orders (none named: all) out of a combined package."""

    def deliver(
        self, package_ids: Sequence[str], *, failed_because: str = ""
    ) -> list[ActionFailure]:
        """Say that the own fleet delivered packages, or why it could not."""

    def delivery_options(self, warehouse_id: str) -> list[DeliveryOption]:
        """How a warehouse's goods can be sent."""

    def shipping_providers(self, delivery_option_id: str) -> list[ShippingProvider]:
        """The carriers of a delivery option; none where the platform delivers."""
