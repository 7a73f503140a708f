"""How each kind of action is sent, and how one sees whether it is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from apps.orders.models import OrderAction
from apps.platforms.services import scopes
from apps.sync.services.actions import (
    delivering,
    fetching,
    parting,
    requests,
    shipping,
    tracking,
)
from apps.sync.services.actions.answers import Answer
from apps.sync.services.actions.line import Line

Kind = OrderAction.Kind
One = Callable[[OrderAction, Line], Answer]
Many = Callable[[Sequence[OrderAction], Line], Mapping[int, Answer]]
Judge = Callable[[OrderAction, Line], Answer | None]


@dataclass(frozen=True, slots=True)
class Way:
    """`send` does one, `send_many` several in one call: {key: answer}; both raise what
    concerns the call. `judge` looks at the platform: the answer if it is over, None if
    it is still to be done. `size`: how many are taken at once. `ships`: the order is
    read again before. `has_key`: repeating it does it once."""

    scope: str
    send: One
    judge: Judge
    send_many: Many | None = None
    size: int = 10
    ships: bool = False
    has_key: bool = False


KINDS: dict[str, Way] = {
    Kind.PULL: Way(
        scopes.ORDERS,
        fetching.pull,
        fetching.never_over,
        send_many=fetching.pull_many,
        size=50,
        has_key=True,
    ),
    Kind.LABEL: Way(
        scopes.FULFILMENT, fetching.fetch_label, fetching.never_over, has_key=True
    ),
    Kind.SHIP: Way(
        scopes.FULFILMENT,
        shipping.ship,
        shipping.judge_package,
        send_many=shipping.ship_many,
        size=50,
        ships=True,
    ),
    Kind.MARK_SHIPPED: Way(
        scopes.FULFILMENT, shipping.mark_shipped, shipping.judge_units, ships=True
    ),
    Kind.UPDATE_TRACKING: Way(
        scopes.FULFILMENT, tracking.correct, tracking.judge_number
    ),
    Kind.BUY_LABEL: Way(
        scopes.FULFILMENT, shipping.buy_label, shipping.judge_label, ships=True
    ),
    Kind.SPLIT: Way(
        scopes.PACKAGE_WRITE, parting.split, parting.judge_split, ships=True
    ),
    Kind.COMBINE: Way(scopes.PACKAGE_WRITE, parting.combine, parting.judge_combined),
    Kind.UNCOMBINE: Way(scopes.PACKAGE_WRITE, parting.uncombine, parting.judge_apart),
    Kind.DELIVER: Way(
        scopes.DELIVERY,
        delivering.deliver,
        delivering.judge_delivered,
        send_many=delivering.deliver_many,
        size=50,
    ),
    Kind.CANCEL: Way(scopes.RETURNS, requests.cancel, requests.judge_cancelled),
    Kind.APPROVE_CANCELLATION: Way(
        scopes.RETURNS,
        requests.agree_to_cancel,
        requests.judge_cancellation,
        has_key=True,
    ),
    Kind.REJECT_CANCELLATION: Way(
        scopes.RETURNS,
        requests.refuse_to_cancel,
        requests.judge_cancellation,
        has_key=True,
    ),
    Kind.CREATE_RETURN: Way(
        scopes.RETURNS, requests.refund, requests.judge_refund, has_key=True
    ),
    Kind.APPROVE_RETURN: Way(
        scopes.RETURNS, requests.agree_to_return, requests.judge_return, has_key=True
    ),
    Kind.REJECT_RETURN: Way(
        scopes.RETURNS, requests.refuse_return, requests.judge_return, has_key=True
    ),
}


def kinds_of(scope: str) -> list[str]:
    """The kinds that need a permission."""
    return [kind for kind, way in KINDS.items() if way.scope == scope]
