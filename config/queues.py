"""Which tasks wait for which: three queues, by urgency.

*urgent*: somebody looks on, a platform told us, or a shop is to be told. *news*: what
changed since last time, and the sweeps' follow-up. *slow*: what takes minutes and
nobody waits for: first pulls, periods, recounts, files, old data.

Two workers share them: one takes urgent before news and nothing slow, the other slow
before news. So slow work never holds up the rest, and an idle place helps with news.
Messages only wake; what is due is found by the rows, whatever queue is lost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

URGENT, NEWS, SLOW = "urgent", "news", "slow"
QUEUES = (URGENT, NEWS, SLOW)
# What each of the two workers consumes, in the order it looks.
QUICK_WORKER = (URGENT, NEWS)
SLOW_WORKER = (SLOW, NEWS)

_PULLS = "apps.sync.tasks.pull_"
_SLOW = frozenset(
    {
        "apps.backoffice.tasks.apply_retention",
        "apps.backoffice.tasks.count_sales_of",
        "apps.backoffice.tasks.count_settled_of",
        "apps.backoffice.tasks.verify_sales_of",
        "apps.imports.tasks.forget_erased_buyers",
        "apps.imports.tasks.undo_file",
        "apps.imports.tasks.read_file",
        "apps.imports.tasks.book_stock_file",
        "apps.orders.tasks.accept_suggestions",
        "apps.orders.tasks.link_order_lines",
        "apps.orders.tasks.purge_papers",
        "apps.orders.tasks.read_logistics",
        "apps.orders.tasks.resolve_orders",
        "apps.products.tasks.refresh_suggestions",
        "apps.sync.tasks.pull_placed_orders",
        "apps.sync.tasks.recount_orders",
        "apps.webhooks.tasks.check_subscriptions",
    }
)
_URGENT = frozenset(
    {
        "apps.sync.tasks.finish_applicant",
        "apps.imports.tasks.check_file",
        "apps.orders.tasks.work_priority_run",
        "apps.platforms.tasks.mail_invitation",
        "apps.platforms.tasks.refresh_expiring_tokens",
        "apps.products.tasks.work_publish_run",
        "apps.sync.tasks.push_stock",
        "apps.sync.tasks.retry_failed_items",
        "apps.sync.tasks.work_order_actions",
        "apps.users.tasks.mail_password_reset",
        "apps.webhooks.tasks.set_up_subscriptions",
        "apps.webhooks.tasks.work_webhooks",
    }
)


def route(
    name: str,
    args: Sequence[Any] | None,
    kwargs: Mapping[str, Any] | None,
    options: Mapping[str, Any] | None,
    task: Any = None,
    **rest: Any,
) -> dict[str, str]:
    """For Celery, wherever the sender names no queue."""
    return {"queue": queue_of(name, args or ())}


def queue_of(name: str, args: Sequence[Any] = ()) -> str:
    """The queue of a task; `args` are those of its message."""
    if name in _SLOW:
        return SLOW
    # Short looks at indexes, which all else waits for.
    if name in _URGENT or ".tasks.sweep_" in name:
        return URGENT
    if name.startswith(_PULLS) or name == "apps.sync.tasks.compare_stock":
        return _of_pull(args)
    return NEWS


def _of_pull(args: Sequence[Any]) -> str:
    """Of (shop, trigger, start of a period …)."""
    trigger = str(args[1]) if len(args) > 1 else ""
    if any(args[2:]) or trigger == "connect":
        return SLOW
    return URGENT if trigger == "user" else NEWS
