"""What people, settings and programs ask the platform to do with orders.

A `Wish` says what; `objection` whether it can be, from what is known here; `ask` writes
it down. apps.sync.services.actions sends what was asked, reads the order again and
closes the row. `questions` are put to the platform while somebody waits.
"""

from apps.orders.services.actions.asking import Asked, ask
from apps.orders.services.actions.deeds import dismiss, release, retry, withdraw
from apps.orders.services.actions.facts import Facts, facts_of
from apps.orders.services.actions.objections import objection
from apps.orders.services.actions.package_rules import DELIVERY_FAILURES
from apps.orders.services.actions.questions import (
    can_be_asked,
    handover,
    reasons_for_cancel,
    reasons_for_return,
    refund_preview,
    reject_reasons,
    shipping_services,
    split_advice,
)
from apps.orders.services.actions.request_rules import decisions_for
from apps.orders.services.actions.run_deeds import (
    release_run,
    retry_failed,
    stop_run,
)
from apps.orders.services.actions.runs import (
    RESULT_HEADER,
    Progress,
    progress,
    progress_of,
    result_rows,
)
from apps.orders.services.actions.tracking import shippable_packages, wish_tracking
from apps.orders.services.actions.wishes import Wish
from apps.orders.services.asking_platform import Told

__all__ = [
    "DELIVERY_FAILURES",
    "RESULT_HEADER",
    "Asked",
    "Facts",
    "Progress",
    "Told",
    "Wish",
    "ask",
    "can_be_asked",
    "decisions_for",
    "dismiss",
    "facts_of",
    "handover",
    "objection",
    "progress",
    "progress_of",
    "reasons_for_cancel",
    "reasons_for_return",
    "refund_preview",
    "reject_reasons",
    "release",
    "release_run",
    "result_rows",
    "retry",
    "retry_failed",
    "shippable_packages",
    "shipping_services",
    "split_advice",
    "stop_run",
    "wish_tracking",
    "withdraw",
]
