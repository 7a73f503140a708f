"""Income turned into a score that can be explained. Plain Python: no Django.

features = features_of(snapshot(rows), …)
result = score(features)
"""

from apps.credit.rules.building import features_of
from apps.credit.rules.concentration import concentration
from apps.credit.rules.features import Entity, Features, Integrity
from apps.credit.rules.income import income
from apps.credit.rules.plain import fingerprint
from apps.credit.rules.results import Reason, Result, Snapshot
from apps.credit.rules.rows import (
    USD,
    CommissionRow,
    OrderRow,
    ShopPlace,
    SnapshotInput,
    rate_table,
)
from apps.credit.rules.scoring import score
from apps.credit.rules.snapshot import snapshot
from apps.credit.rules.table import MODEL
from apps.credit.rules.what_if import Lift, lifts, what_if

__all__ = [
    "MODEL",
    "USD",
    "CommissionRow",
    "Entity",
    "Features",
    "Integrity",
    "Lift",
    "OrderRow",
    "Reason",
    "Result",
    "ShopPlace",
    "Snapshot",
    "SnapshotInput",
    "concentration",
    "features_of",
    "fingerprint",
    "income",
    "lifts",
    "rate_table",
    "score",
    "snapshot",
    "what_if",
]
