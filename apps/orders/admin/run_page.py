"""What the page of one run shows: how far it is, its rows, what TikTok said."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest

from apps.core.admin import ago, badge
from apps.orders.admin.order_actions import BADGES
from apps.orders.admin.run_words import run_badge, status_of
from apps.orders.models import ActionRun, OrderAction
from apps.orders.services import priority
from apps.orders.services.actions.words import described
from apps.users.models import AnyUser
from apps.users.roles import PROCESS_ORDERS

ROWS_A_PAGE = 100
NOT_TAKEN = "not_taken"
_COUNTED = {
    "held": ("Held back", "attention"),
    "waiting": ("Waiting", "neutral"),
    "sending": ("Sending", "progress"),
    "done": ("Done", "good"),
    "refused": ("Refused by TikTok", "bad"),
    NOT_TAKEN: ("Not asked", "attention"),
    "withdrawn": ("Withdrawn", "neutral"),
}


def page_context(run: ActionRun, request: HttpRequest) -> dict[str, Any]:
    """For templates/orders/run.html."""
    status = status_of(run)
    wanted = request.GET.get("state", "")
    page = Paginator(_rows(run, wanted), ROWS_A_PAGE).get_page(request.GET.get("p"))
    may_act = request.user.has_perm(PROCESS_ORDERS, run)
    counts, is_over = status["counts"], status["is_over"]
    is_ours = run.kind == priority.KIND
    return {
        "title": f"{run.title}, {run.shop}",
        "run": run,
        "badge": run_badge(run),
        "status": status,
        "counts": [
            (name, *_COUNTED[name], count) for name, count in counts.items() if count
        ],
        "wanted": wanted if wanted in _COUNTED else "",
        "page": page,
        "rows": [_shown(row) for row in page],
        "begun": ago(run.created_at),
        "ended": ago(run.ended_at),
        "reason": run.details.get("reason", "") if is_ours else "",
        "is_ours": is_ours,
        "group": _others(run, request.user),
        "may_stop": may_act and not is_over and not run.is_stop_asked,
        "may_retry": may_act and bool(counts["refused"]),
        "may_release": may_act and bool(counts["held"]),
        "may_print": may_act and _brings_labels(run) and bool(counts["done"]),
    }


def _rows(run: ActionRun, wanted: str) -> Any:
    """Actions, or the rows that never became any."""
    if wanted == NOT_TAKEN:
        return run.refused_rows
    actions = run.actions.select_related("order", "package").order_by("row", "pk")
    return actions.filter(state=wanted) if wanted in OrderAction.State else actions


def _shown(row: Any) -> dict[str, Any]:
    if not isinstance(row, OrderAction):
        number, order_id, reason = row
        return {
            "row": number,
            "order_id": order_id,
            "badge": badge("Not asked", "attention"),
            "message": reason,
        }
    return {
        "row": row.row,
        "order": row.order,
        "order_id": row.order.remote_id,
        "what": described(row),
        "badge": badge(row.get_state_display(), BADGES[OrderAction.State(row.state)]),
        "message": row.message,
        "code": row.code,
        "attempts": row.attempts,
        "age": ago(row.ended_at),
    }


def _others(run: ActionRun, user: AnyUser) -> list[ActionRun]:
    """What was asked for in other shops at the same time."""
    if not run.group:
        return []
    rows = ActionRun.objects.visible_to(user).filter(group=run.group)
    return list(rows.exclude(pk=run.pk).select_related("shop"))


def _brings_labels(run: ActionRun) -> bool:
    return run.kind == OrderAction.Kind.LABEL
