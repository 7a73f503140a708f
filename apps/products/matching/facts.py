"""What the engine is told about SKUs, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

Key = int | str


@dataclass(frozen=True)
class ChannelSku:
    """A SKU of a listing in a shop, as the platform shows it."""

    key: Key
    seller_sku: str
    barcode: str
    title: str
    variation: str
    price: Decimal | None
    currency: str
    brand: str = ""


@dataclass(frozen=True)
class OwnVariant:
    """A variant or a bundle of the client; `prices` is {currency: price}."""

    key: Key
    sku: str
    barcode: str
    title: str
    variation: str
    prices: Mapping[str, Decimal]
    is_bundle: bool = False
    brand: str = ""


@dataclass(frozen=True)
class Known:
    """A listing's SKU in another shop of the client that has its variant already."""

    seller_sku: str
    barcode: str
    title: str
    variation: str
    variant_key: Key


class Reason(StrEnum):
    """Why a variant is named; the strongest first."""

    SAME_SKU = "same_sku"
    SAME_BARCODE = "same_barcode"
    MATCHED_ELSEWHERE = "matched_elsewhere"
    TITLE = "title"


class Kind(StrEnum):
    SUGGESTED = "suggested"
    CONFLICT = "conflict"
    NONE = "none"


@dataclass(frozen=True)
class Candidate:
    """A variant that may be meant.

    `confidence` is the chance in percent that it is, whatever the reason: of the
    suggestions with 95 or more, at most one in a hundred is wrong. All rivals of a
    conflict share 100 between them.
    """

    variant_key: Key
    confidence: int
    reasons: tuple[Reason, ...]
    sentence: str

    @property
    def reason(self) -> Reason:
        """The strongest of the reasons."""
        return self.reasons[0]


@dataclass(frozen=True)
class Verdict:
    """One candidate when suggested, the likeliest rivals in a conflict, the best
    first."""

    kind: Kind
    candidates: tuple[Candidate, ...] = ()

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None


def order_of(key: Key) -> tuple[str, str]:
    """What to sort keys by, so that answers never depend on the order of the input."""
    return type(key).__name__, f"{key:>20}"
