"""Products as shops list them, and what becomes of what we send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class ListingStatus(StrEnum):
    """A listing's state in its shop: the platform's words, one for one."""

    DRAFT = "draft"
    PENDING = "pending"
    FAILED = "failed"
    LIVE = "live"
    SELLER_DEACTIVATED = "seller_deactivated"
    PLATFORM_DEACTIVATED = "platform_deactivated"
    FROZEN = "frozen"
    SCHEDULED = "scheduled"
    DELETED = "deleted"
    UNKNOWN = ""


class AuditStatus(StrEnum):
    """What the platform's review says of the version last sent to it."""

    NONE = "none"
    AUDITING = "auditing"
    FAILED = "failed"
    PRE_APPROVED = "pre_approved"
    APPROVED = "approved"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class RemoteRejection:
    """Why the platform refused a listing, in its own words."""

    position: str
    reasons: tuple[str, ...]
    suggestions: tuple[str, ...] = ()
    listing_platform: str = ""


@dataclass(frozen=True, slots=True)
class RemoteListingSku:
    """One SKU of a listing. `price` is what buyers see, `list_price` the one struck
    through; `quantity` is sellable stock over all warehouses, {warehouse: units} by
    each. `variation` joins the values of its sales attributes."""

    remote_id: str
    seller_sku: str = ""
    variation: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    barcode: str = ""
    barcode_type: str = ""
    price: Decimal | None = None
    list_price: Decimal | None = None
    currency: str = ""
    quantity: int | None = None
    stock: Mapping[str, int] = field(default_factory=dict)
    is_active: bool | None = None
    image_url: str = ""


@dataclass(frozen=True, slots=True)
class RemoteListing:
    """A product as a shop lists it.

    From a search it is short (`is_whole` False): what it does not name is unknown, not
    gone. From a detail call it is whole: SKUs it does not name are gone. `raw` is the
    payload as received.
    """

    remote_id: str
    title: str
    status: ListingStatus
    status_text: str
    is_whole: bool
    skus: tuple[RemoteListingSku, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    description: str = ""
    category_id: str = ""
    category_path: tuple[str, ...] = ()
    brand_id: str = ""
    brand_name: str = ""
    image_urls: tuple[str, ...] = ()
    audit: AuditStatus = AuditStatus.UNKNOWN
    audit_text: str = ""
    rejections: tuple[RemoteRejection, ...] = ()
    quality: str = ""
    has_draft: bool | None = None
    external_id: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a product search; see OrderPage for the other fields."""

    listings: tuple[RemoteListing, ...]
    next_page_token: str = ""
    total_count: int | None = None
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """One item of a batch that the platform refused: `remote_id` is the product's.

    `code` and `message` are of the reason it gave; the message is fit for staff and
    ends with the platform's own words. `details` are all the reasons, where there are
    more, in its words alone.
    """

    remote_id: str
    code: int
    message: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch sent in parts had come when a part failed as a whole.

    `taken` were done and `failures` refused; whether the part that failed was taken is
    not known for certain (`unsure`), and the rest were never sent.
    """

    taken: tuple[str, ...]
    failures: tuple[ItemFailure, ...]
    unsure: tuple[str, ...]
    unsent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentListing:
    """What a create or an edit was answered: {seller SKU or position: SKU id}."""

    remote_id: str
    sku_ids: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UploadedImage:
    """A picture the platform keeps; `uri` is what a product names it by."""

    uri: str
    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class ListingCheck:
    """The platform's own dry run of a create: whether it would take it, and why not."""

    is_passed: bool
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkuPrice:
    """A price to be set: what buyers see, and the one struck through, if any."""

    remote_sku_id: str
    amount: Decimal
    currency: str
    list_amount: Decimal | None = None
