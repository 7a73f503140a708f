"""Pieces set aside for campaigns and creators: in the stock, but not for everybody."""

from dataclasses import dataclass, field
from typing import Any

KINDS = ("campaign", "creator")


@dataclass
class Reserved:
    """Not thread safe: the simulator's lock guards it."""

    by_sku: dict[str, dict[str, int]] = field(default_factory=dict)  # pieces by kind

    def apply(self, event: dict[str, Any]) -> None:
        """`stock_reserved`: sku_id and the pieces of each kind."""
        self.by_sku[event["sku_id"]] = dict(event["pieces"])

    def of(self, sku_id: str, available: int) -> dict[str, int]:
        """As much of it as there still is, campaigns first."""
        pieces = self.by_sku.get(sku_id, {})
        left, found = available, {}
        for kind in KINDS:
            found[kind] = min(left, pieces.get(kind, 0))
            left -= found[kind]
        return found
