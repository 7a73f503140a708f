"""What was asked of TikTok for an order and is not over, or went wrong: on its page."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

from apps.core.admin import ago, badge
from apps.core.errors import DomainError
from apps.orders.admin.base import by_whom
from apps.orders.admin.order_deeds import processed, tell, way_back
from apps.orders.models import Order, OrderAction
from apps.orders.services import actions
from apps.sync.services.actions import work_action
from apps.users.services.audit import By

State = OrderAction.State
BADGES = {
    State.HELD: "attention",
    State.WAITING: "progress",
    State.SENDING: "progress",
    State.DONE: "good",
    State.REFUSED: "bad",
    State.WITHDRAWN: "neutral",
}
_DEEDS: dict[str, Callable[[OrderAction, By], OrderAction]] = {
    "retry": actions.retry,
    "release": actions.release,
    "withdraw": actions.withdraw,
    "dismiss": actions.dismiss,
}
DEEDS = tuple(_DEEDS)
_SENT_AFTER = ("retry", "release")
_OFFERED = {
    State.HELD: (("release", "Release"), ("withdraw", "Withdraw")),
    State.WAITING: (("withdraw", "Withdraw"),),
    State.REFUSED: (("retry", "Try again"), ("dismiss", "Seen to")),
}


def actions_of(order: Order) -> list[OrderAction]:
    """All that was ever asked, newest first."""
    return list(order.actions.select_related("user", "package"))


def actions_context(rows: Sequence[OrderAction], *, may_act: bool) -> dict[str, Any]:
    """For templates/orders/order_actions.html: what needs to be looked at, or waits."""
    return {
        "open_actions": [
            {
                "action": row,
                "badge": badge(row.get_state_display(), BADGES[State(row.state)]),
                "asked": ago(row.created_at),
                "by": row.user or row.process,
                "deeds": _OFFERED.get(State(row.state), ()) if may_act else (),
            }
            for row in rows
            if row.state in OrderAction.OPEN
            or (row.state == State.REFUSED and row.dismissed_at is None)
        ]
    }


def act(
    admin: Any, request: HttpRequest, object_id: int, action_id: int, deed: str
) -> HttpResponse:
    if deed not in _DEEDS:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    order = processed(admin, request, object_id)
    action = order.actions.filter(pk=action_id).first()
    if action is None:
        raise Http404
    try:
        action = _DEEDS[deed](action, by_whom(request))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(way_back(request, order))
    if deed in _SENT_AFTER:
        tell(request, action.get_kind_display(), work_action(action))
    elif deed == "withdraw":
        messages.success(request, f"{action.get_kind_display()}: not asked any more.")
    return redirect(way_back(request, order))
