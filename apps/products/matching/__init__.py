"""Matching a shop's listing SKUs to the client's own variants. Plain Python.

`suggest` answers for a batch; a `Catalogue`, built once, for one SKU after another.
"""

from apps.products.matching.engine import SURE, Catalogue, suggest
from apps.products.matching.facts import (
    Candidate,
    ChannelSku,
    Key,
    Kind,
    Known,
    OwnVariant,
    Reason,
    Verdict,
)

__all__ = [
    "SURE",
    "Candidate",
    "Catalogue",
    "ChannelSku",
    "Key",
    "Kind",
    "Known",
    "OwnVariant",
    "Reason",
    "Verdict",
    "suggest",
]
