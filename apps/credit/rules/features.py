"""What a score is made of: figures of an applicant's income and accounts.

No names, addresses or buyers: these figures are what is kept, and with the model's name
they give the same score to the last bit, whenever it is made again.
Of figures None is "should be there, is not known"; nothing observed is 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from apps.credit.rules.plain import Plain, fingerprint, number, number_or_none, stored

Kind = Literal["shop", "creator"]
SHOP: Kind = "shop"
CREATOR: Kind = "creator"


@dataclass(frozen=True, slots=True)
class Entity:
    """A shop or a creator account of the applicant; creators have only their age,
    orders, returned orders and standing. `net_usd` of the window, `sps` the platform's
    shop score from 0 to 5, `rating` from 1 to 5."""

    kind: Kind
    net_usd: float = 0.0
    age_days: float | None = None
    seller_type: str | None = None  # business, individual
    rating: float | None = None
    reviews: float | None = None
    orders: float | None = None
    returned_orders: float | None = None
    shipped: float | None = None
    late_shipped: float | None = None
    placed_orders: float | None = None
    seller_cancels: float | None = None
    sps: float | None = None
    violation_points: float | None = None
    warnings: float | None = None

    @classmethod
    def from_dict(cls, data: Plain) -> "Entity":
        figures = {name: number_or_none(data.get(name)) for name in _ENTITY_NUMBERS}
        return cls(
            kind=CREATOR if str(data.get("kind")).lower() == CREATOR else SHOP,
            net_usd=number(data.get("net_usd") or 0),
            seller_type=data.get("seller_type"),
            **figures,
        )

    def to_dict(self) -> dict[str, Any]:
        return {one.name: stored(getattr(self, one.name)) for one in fields(self)}


_ENTITY_NUMBERS = [
    one.name
    for one in fields(Entity)
    if one.name not in ("kind", "net_usd", "seller_type")
]


@dataclass(frozen=True, slots=True)
class Integrity:
    """Shares, from 0 to 1: of the net value that was not believed, and of the rows that
    no exchange rate was known for. None where there was nothing to have a share of."""

    excluded_value_share: float | None = None
    fx_missing_share: float | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """Months and weeks oldest first, amounts in US dollars.

    A month is None with fewer than 15 of its 30 days covered, else scaled to thirty; a
    week is None unless all of it is covered. `events` has their number in the whole
    window, asked for where a month's is None. `source_income` is {source: income}.
    `m1_open_fraction` is the share of the oldest 30 days with an account, and covered;
    partners are creators selling for a seller, or brands that a creator sells for, in
    the oldest and the newest month. `settle_match` is the share of orders' value that
    settlements confirm. `not_applicable` names components that cannot exist.
    """

    covered_days: float
    net_seller_usd: float | None = None
    net_affiliate_usd: float | None = None
    months_income: tuple[float | None, ...] = (None, None, None)
    months_events: tuple[float | None, ...] = (None, None, None)
    events: float | None = None
    weekly_income: tuple[float | None, ...] = ()
    active_weeks: float | None = None
    active_days: float | None = None
    source_income: Mapping[str, float] | None = None
    m1_open_fraction: float | None = None
    oldest_age_days: float | None = None
    new_products_sold: float | None = None
    regions_active: float | None = None
    partners_m1: float | None = None
    partners_m3: float | None = None
    settle_match: float | None = None
    integrity: Integrity = field(default_factory=Integrity)
    not_applicable: frozenset[str] = frozenset()
    entities: tuple[Entity, ...] = ()

    @classmethod
    def from_dict(cls, data: Plain) -> "Features":
        """From plain values; numbers may be strings or Decimals. Raises ValueError."""
        integrity = data.get("integrity") or {}
        return cls(
            covered_days=number(data.get("covered_days") or 0),
            months_income=_months(data.get("months_income")),
            months_events=_months(data.get("months_events")),
            weekly_income=_numbers(data.get("weekly_income")),
            source_income=_sources(data.get("source_income")),
            integrity=Integrity(
                number_or_none(integrity.get("excluded_value_share")),
                number_or_none(integrity.get("fx_missing_share")),
            ),
            not_applicable=frozenset(data.get("not_applicable") or ()),
            entities=tuple(map(Entity.from_dict, data.get("entities") or ())),
            **{name: number_or_none(data.get(name)) for name in _NUMBERS},
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; from_dict gives the same features back."""
        whole = {one.name: stored(getattr(self, one.name)) for one in _PLAIN_FIELDS}
        return whole | {
            "integrity": {
                "excluded_value_share": stored(self.integrity.excluded_value_share),
                "fx_missing_share": stored(self.integrity.fx_missing_share),
            },
            "not_applicable": sorted(self.not_applicable),
            "entities": [entity.to_dict() for entity in self.entities],
        }

    def fingerprint(self) -> str:
        """The same for the same features, in hex; to be kept beside the score."""
        return fingerprint(self.to_dict())

    @property
    def total_usd(self) -> float | None:
        """Income of the window; None if neither kind is known."""
        if self.net_seller_usd is None and self.net_affiliate_usd is None:
            return None
        return (self.net_seller_usd or 0.0) + (self.net_affiliate_usd or 0.0)

    @property
    def all_events(self) -> float:
        """Income events in the window."""
        known = [events for events in self.months_events if events is not None]
        if len(known) < len(self.months_events) and self.events is not None:
            return self.events
        return sum(known)


_NUMBERS = (
    "net_seller_usd",
    "net_affiliate_usd",
    "events",
    "active_weeks",
    "active_days",
    "m1_open_fraction",
    "oldest_age_days",
    "new_products_sold",
    "regions_active",
    "partners_m1",
    "partners_m3",
    "settle_match",
)
_PLAIN_FIELDS = [
    one
    for one in fields(Features)
    if one.name not in ("integrity", "not_applicable", "entities")
]


def _numbers(values: Any) -> tuple[float | None, ...]:
    return tuple(map(number_or_none, values or ()))


def _months(values: Any) -> tuple[float | None, ...]:
    return _numbers(values) or (None, None, None)


def _sources(values: Any) -> dict[str, float] | None:
    """Sources may come as a list, where nobody gave them names."""
    if values is None:
        return None
    if not isinstance(values, Mapping):
        values = {str(at): value for at, value in enumerate(values)}
    return {name: number(value) for name, value in values.items() if value is not None}
