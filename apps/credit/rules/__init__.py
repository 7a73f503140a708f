"""Income turned into a score that can be explained. Plain Python: no Django.

features = features_of(snapshot(rows), …)
result = score(features)
"""

from apps.credit.rules.features import Entity, Features, Integrity
from apps.credit.rules.plain import fingerprint
from apps.credit.rules.results import Reason, Result, Snapshot
from apps.credit.rules.rows import CommissionRow, OrderRow, ShopPlace, SnapshotInput
from apps.credit.rules.table import MODEL

__all__ = [
    "MODEL",
    "CommissionRow",
    "Entity",
    "Features",
    "Integrity",
    "OrderRow",
    "Reason",
    "Result",
    "ShopPlace",
    "Snapshot",
    "SnapshotInput",
    "fingerprint",
]
