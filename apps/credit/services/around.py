"""What a score takes beside income, as it is kept with the rows."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from apps.credit.rules import Entity, Features, Snapshot, features_of
from apps.credit.rules.plain import Plain


@dataclass(frozen=True, slots=True)
class Around:
    """What a score takes beside income. Entities are by account, without their income,
    which follows from the rows."""

    shops: Mapping[str, Entity]
    creators: Mapping[str, Entity]
    covered: tuple[int, ...]
    new_products_sold: float | None = None
    partners_m1: float | None = None
    partners_m3: float | None = None
    settle_match: float | None = None
    not_applicable: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return plain | {
            "shops": {key: one.to_dict() for key, one in self.shops.items()},
            "creators": {key: one.to_dict() for key, one in self.creators.items()},
            "covered": list(self.covered),
            "not_applicable": list(self.not_applicable),
        }

    @classmethod
    def from_dict(cls, data: Plain) -> "Around":
        return cls(
            **dict(data)
            | {
                "shops": _entities(data["shops"]),
                "creators": _entities(data["creators"]),
                "covered": tuple(data["covered"]),
                "not_applicable": tuple(data["not_applicable"]),
            }
        )

    def features(self, income: Snapshot, regions: Mapping[str, str]) -> Features:
        """With what each account earned; `regions` are of accounts, by their keys."""
        earned = {**income.shop_income, **income.creator_income}
        known = {**self.shops, **self.creators}
        entities = [
            replace(one, net_usd=earned.get(key, 0.0)) for key, one in known.items()
        ]
        active = {regions.get(key, "") for key in known if earned.get(key, 0.0) > 0}
        return features_of(
            income,
            entities,
            covered=self.covered,
            new_products_sold=self.new_products_sold,
            regions_active=float(len(active - {""})),
            partners_m1=self.partners_m1,
            partners_m3=self.partners_m3,
            settle_match=self.settle_match,
            not_applicable=self.not_applicable,
        )


def _entities(data: Plain) -> dict[str, Entity]:
    return {key: Entity.from_dict(one) for key, one in data.items()}
