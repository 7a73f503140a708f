"""Why something cannot be asked of the platform, from what is known here.

What is known may be old: the platform has the last word. But what is known to be
refused is not sent, and who asks hears it at once, in words.
"""

from collections.abc import Callable

from apps.orders.errors import ActionRefused
from apps.orders.models import OrderAction
from apps.orders.services.actions import (
    package_rules,
    request_rules,
    shipping_rules,
)
from apps.orders.services.actions.facts import Facts, facts_of
from apps.orders.services.actions.wishes import Wish, completed, target_of
from apps.platforms.models import Shop

Kind = OrderAction.Kind
Rule = Callable[[Wish, Facts], str]
RULES: dict[str, Rule] = {
    Kind.PULL: lambda wish, facts: "",
    Kind.LABEL: package_rules.no_label,
    Kind.SHIP: shipping_rules.no_shipping,
    Kind.MARK_SHIPPED: shipping_rules.no_marking,
    Kind.UPDATE_TRACKING: shipping_rules.no_correction,
    Kind.BUY_LABEL: shipping_rules.no_buying,
    Kind.SPLIT: package_rules.no_splitting,
    Kind.COMBINE: package_rules.no_combining,
    Kind.UNCOMBINE: package_rules.no_taking_apart,
    Kind.DELIVER: package_rules.no_delivery,
    Kind.CANCEL: request_rules.no_cancelling,
    Kind.APPROVE_CANCELLATION: request_rules.no_agreeing,
    Kind.REJECT_CANCELLATION: request_rules.no_refusing,
    Kind.CREATE_RETURN: request_rules.no_refund,
    Kind.APPROVE_RETURN: request_rules.no_return_agreed,
    Kind.REJECT_RETURN: request_rules.no_return_refused,
}

_SHIPS = (Kind.SHIP, Kind.MARK_SHIPPED, Kind.BUY_LABEL)
_PARTS = (Kind.SPLIT, Kind.COMBINE, Kind.UNCOMBINE)
# What cannot be under way for one order together with something else.
_RIVALS: dict[str, tuple[Kind, ...]] = {
    **dict.fromkeys(_SHIPS, (Kind.CANCEL, *_PARTS)),
    **dict.fromkeys(_PARTS, (Kind.CANCEL, *_SHIPS, *_PARTS)),
    Kind.CANCEL: (*_SHIPS, *_PARTS),
}
# Two answers to one request are never both meant.
_ANSWERS = (
    (Kind.APPROVE_CANCELLATION, Kind.REJECT_CANCELLATION),
    (Kind.APPROVE_RETURN, Kind.REJECT_RETURN),
)


def objection(wish: Wish, facts: Facts | None = None) -> str:
    """Why not, in words for staff; empty if nothing stands against it. Whether the user
    may process orders is the caller's question. No call is made. `facts` (of facts_of)
    spare the queries where many are asked about."""
    facts = facts or facts_of([wish.order])[wish.order.pk]
    try:
        wish = chosen(completed(wish), facts)
    except ActionRefused as error:
        return str(error)
    return judged(wish, facts)


def chosen(wish: Wish, facts: Facts) -> Wish:
    """With its package, where the order leaves no choice. Raises ActionRefused where it
    leaves one, or has none."""
    return package_rules.with_package(wish, facts)


def judged(wish: Wish, facts: Facts) -> str:
    """As objection, of a completed wish."""
    why_not = _closed(facts.shop) or RULES[wish.kind](wish, facts)
    return why_not or _rival(wish, facts)


def _closed(shop: Shop) -> str:
    if shop.state in (Shop.State.PAUSED, Shop.State.DISCONNECTED):
        return f"{shop} is {shop.get_state_display().lower()}: nothing is sent to it."
    return ""


def _rival(wish: Wish, facts: Facts) -> str:
    """What is open for the order and does not go with it."""
    target = target_of(wish)
    for action in facts.open:
        if action.kind == wish.kind and action.target == target:
            continue  # the same, asked for again
        if not _is_rival(wish, target, action):
            continue
        name = action.get_kind_display()
        if action.state == OrderAction.State.HELD:
            return f"“{name}” is held back: let it go or withdraw it first."
        return f"“{name}” is under way: wait for TikTok's answer."
    return ""


def _is_rival(wish: Wish, target: str, action: OrderAction) -> bool:
    if action.kind in _RIVALS.get(wish.kind, ()):
        return True
    if any(wish.kind in pair and action.kind in pair for pair in _ANSWERS):
        return action.target == target
    is_marking = wish.kind == action.kind and wish.kind in shipping_rules.BY_UNITS
    if is_marking and wish.order.pk == action.order_id:
        ours, theirs = wish.details["unit_ids"], action.details.get("unit_ids")
        return not ours or not theirs or bool(set(ours) & set(theirs))
    return False
