"""Cancellations, returns and refunds: requests with a life of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol


class CancellationStatus(StrEnum):
    """How far a wish to cancel has come."""

    PENDING = "pending"  # somebody must answer
    SUCCESS = "success"  # agreed, money is on its way back
    COMPLETE = "complete"
    CANCELLED = "cancelled"  # withdrawn or refused: the order goes on
    NOT_UNDERSTOOD = "not_understood"


class ReturnKind(StrEnum):
    """What the buyer wants."""

    REFUND = "refund"  # money alone; no goods come back
    RETURN_AND_REFUND = "return_and_refund"
    REPLACEMENT = "replacement"
    EXCHANGE = "exchange"
    NOT_UNDERSTOOD = "not_understood"


class ReturnStatus(StrEnum):
    """How far a return has come; the same for refunds, replacements and exchanges."""

    PENDING = "pending"
    REJECTED = "rejected"
    AWAITING_BUYER_RESPONSE = "awaiting_buyer_response"  # a part was offered
    AWAITING_BUYER_SHIP = "awaiting_buyer_ship"
    BUYER_SHIPPED = "buyer_shipped"
    RECEIVE_REJECTED = "receive_rejected"  # the seller refused what came back
    SUCCESS = "success"  # accepted, money is on its way back
    COMPLETE = "complete"
    REFUNDED_INSTEAD = "refunded_instead"  # of a replacement or an exchange
    CANCELLED = "cancelled"
    NOT_UNDERSTOOD = "not_understood"


class Decision(StrEnum):
    """What a seller can answer to a return, in the platform's words."""

    APPROVE_REFUND = "APPROVE_REFUND"
    APPROVE_RETURN = "APPROVE_RETURN"
    APPROVE_RECEIVED_PACKAGE = "APPROVE_RECEIVED_PACKAGE"
    APPROVE_REPLACEMENT = "APPROVE_REPLACEMENT"
    ISSUE_REPLACEMENT_REFUND = "ISSUE_REPLACEMENT_REFUND"
    OFFER_PARTIAL_REFUND = "OFFER_PARTIAL_REFUND"
    DIRECT_REFUND = "DIRECT_REFUND"
    REJECT_REFUND = "REJECT_REFUND"
    REJECT_RETURN = "REJECT_RETURN"
    REJECT_RECEIVED_PACKAGE = "REJECT_RECEIVED_PACKAGE"
    REJECT_REPLACEMENT = "REJECT_REPLACEMENT"
    OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG = (
        "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
    )


@dataclass(frozen=True, slots=True)
class RefundAmounts:
    """What goes back to the buyer, in major units of `currency`; None: not said."""

    currency: str = ""
    total: Decimal | None = None
    subtotal: Decimal | None = None
    shipping: Decimal | None = None
    tax: Decimal | None = None
    fees: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RequestLine:
    """What a request is about: an item of the order (`unit_id`) or, from a file, so
    many units of a SKU."""

    remote_id: str
    unit_id: str = ""
    remote_sku_id: str = ""
    seller_sku: str = ""
    product_name: str = ""
    variation: str = ""
    quantity: int = 1
    refund: RefundAmounts = field(default_factory=RefundAmounts)


@dataclass(frozen=True, slots=True)
class RemoteCancellation:
    """A wish to cancel an order, or some of it. `needs_answer` tells a buyer's wish
    that the seller must answer from what is decided already; `respond_by_at` is until
    when, after which the platform agrees by itself."""

    remote_id: str
    order_id: str
    status: CancellationStatus
    status_text: str
    needs_answer: bool | None = None
    role: str = ""
    reason: str = ""
    reason_text: str = ""
    next_action: str = ""
    respond_by_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    refund: RefundAmounts = field(default_factory=RefundAmounts)
    lines: tuple[RequestLine, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteReturn:
    """A return, refund, replacement or exchange. `keeps_goods`: the buyer need not send
    anything. `arbitration` is the platform's word for a dispute's state."""

    remote_id: str
    order_id: str
    kind: ReturnKind
    status: ReturnStatus
    status_text: str
    kind_text: str = ""
    role: str = ""
    reason: str = ""
    reason_text: str = ""
    arbitration: str = ""
    next_action: str = ""
    respond_by_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    refunded_at: datetime | None = None
    shipment_type: str = ""
    handover_method: str = ""
    tracking_number: str = ""
    carrier: str = ""
    keeps_goods: bool | None = None
    is_quick_refund: bool | None = None
    offered_amount: Decimal | None = None  # a partial refund put to the buyer
    previous_id: str = ""
    next_id: str = ""
    refund: RefundAmounts = field(default_factory=RefundAmounts)
    lines: tuple[RequestLine, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CancellationPage:
    """As OrderPage, of cancellations."""

    cancellations: tuple[RemoteCancellation, ...]
    next_page_token: str = ""
    total_count: int | None = None
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """As OrderPage, of returns."""

    returns: tuple[RemoteReturn, ...]
    next_page_token: str = ""
    total_count: int | None = None
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RequestReason:
    """A reason the platform takes: its name, and its words in the language asked."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One step of a return's story, as the platform keeps it."""

    event: str
    role: str
    description: str
    note: str
    happened_at: datetime | None
    image_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a request ("CANCEL", "REFUND", "RETURN_AND_REFUND") can be made for units
    of a SKU, and with which reasons."""

    request: str
    remote_sku_id: str
    unit_ids: tuple[str, ...]
    is_eligible: bool
    why_not: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What a new request became: its id, and its status in the platform's words."""

    remote_id: str
    status_text: str


class AftersaleCalls(Protocol):
    """The part of a PlatformClient about requests. `key` is an idempotency key: the
    same one does a thing once, so that such a write is repeated after an outage; one
    without a key never is. See FulfilmentCalls for the errors."""

    def search_cancellations(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> CancellationPage:
        """One page of those updated in [since, until)."""

    def search_returns(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> ReturnPage:
        """One page of those updated in [since, until)."""

    def cancellations_of(self, order_ids: Sequence[str]) -> CancellationPage:
        """All of these orders, in as many calls as it takes."""

    def get_cancellations(self, remote_ids: Sequence[str]) -> CancellationPage:
        """Those named, likewise; IDs the shop does not have are left out."""

    def returns_of(self, order_ids: Sequence[str]) -> ReturnPage:
        """All of these orders, in as many calls as it takes."""

    def get_returns(self, remote_ids: Sequence[str]) -> ReturnPage:
        """Those named, likewise; IDs the shop does not have are left out."""

    def cancel_order(
        self,
        order_id: str,
        reason: str,
        *,
        unit_ids: Sequence[str] = (),
        skus: Mapping[str, int] | None = None,
    ) -> Answered:
        """Cancel an order as its seller: all of it, units of it, or {SKU: units}."""

    def approve_cancellation(self, cancellation_id: str, *, key: str) -> None:
        """Let the buyer cancel."""

    def reject_cancellation(
        self, cancellation_id: str, reason: str, *, key: str, comment: str = ""
    ) -> None:
        """Refuse a buyer's wish to cancel."""

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
        """Start a refund or return as the seller; `amount` makes it a partial one."""

    def approve_return(
        self,
        return_id: str,
        decision: Decision,
        *,
        key: str,
        keeps_goods: bool = False,
        amount: RefundAmounts | None = None,
    ) -> None:
        """Agree with a return; `amount` is the part offered."""

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
        """Refuse a return, or the goods that came back; `amount` is the part offered
        instead, with OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG."""

    def reject_reasons(
        self, request_id: str, *, locale: str = "en-US"
    ) -> list[RequestReason]:
        """What a return or cancellation can be refused for."""

    def return_records(
        self, return_id: str, *, locale: str = "en-US"
    ) -> list[RequestRecord]:
        """The story of a return."""

    def eligibility(self, order_id: str, *, role: str = "SELLER") -> list[Eligibility]:
        """What can be asked for an order, and with which reasons."""

    def refund_preview(
        self, order_id: str, request: str, reason: str, *, unit_ids: Sequence[str] = ()
    ) -> RefundAmounts:
        """What would go back to the buyer."""
