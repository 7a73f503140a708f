"""What was claimed, sent: looked at first where it must be, and each call answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from apps.integrations.contracts import OrderStatus, RemoteOrder
from apps.integrations.errors import RequestRefused
from apps.orders.models import OrderAction
from apps.platforms.services import scopes
from apps.sync.services.actions.answers import (
    TROUBLE,
    Answer,
    Fate,
    after_look,
    from_trouble,
    refused,
)
from apps.sync.services.actions.claiming import Claim
from apps.sync.services.actions.kinds import KINDS, Many, Way
from apps.sync.services.actions.line import Line
from apps.sync.services.actions.shipping import CANCELLED, NO_ORDER

ON_HOLD = "On hold: the buyer may still call it off, and TikTok takes no shipment."
ASKED = "The buyer asks to cancel: answer that first."
Group = list[tuple[Claim, Answer]]


def send(claims: Sequence[Claim], line: Line) -> Iterator[Group]:
    """Send actions of one kind: what each call, or look, made of them. It is to be
    noted before the next is asked for.

    What an earlier worker may have sent is looked at first; what ships is sent only if
    its order, read again, may be shipped still. Raises what is our own fault, when that
    is noted, too.
    """
    way = KINDS[claims[0].action.kind]
    left: list[Claim] = []
    for claim in claims:
        try:
            seen = _seen(claim, way, line) if claim.before and not way.has_key else None
        except Exception as error:
            yield [(claim, _our_fault(error))]
            raise
        if seen is None:
            left.append(claim)
        else:
            yield [(claim, seen)]
    if way.ships and left:
        why_not = _looked(left, line)
        yield [(claim, why_not[claim]) for claim in left if claim in why_not]
        left = [claim for claim in left if claim not in why_not]
    if way.send_many is not None and len(left) > 1:
        yield from _in_one_call(left, way, way.send_many, line)
    else:
        yield from _one_by_one(left, way, line)


def _in_one_call(
    claims: Sequence[Claim], way: Way, send_many: Many, line: Line
) -> Iterator[Group]:
    ours = [claim for claim in claims if claim.touch()]
    if not ours:
        return
    actions = [claim.action for claim in ours]
    try:
        answers = send_many(actions, line)
    except TROUBLE as error:
        if isinstance(error, RequestRefused) and not error.may_be_done:
            # One of them spoils the call: each for itself tells which.
            yield from _one_by_one(ours, way, line)
            return
        answers = {action.pk: from_trouble(error) for action in actions}
    yield [
        (claim, _settled(claim, answers[claim.action.pk], way, line)) for claim in ours
    ]


def _one_by_one(claims: Sequence[Claim], way: Way, line: Line) -> Iterator[Group]:
    for claim in claims:
        if not claim.touch():
            continue
        try:
            answer = way.send(claim.action, line)
        except TROUBLE as error:
            answer = from_trouble(error)
        except Exception as error:
            yield [(claim, _our_fault(error))]
            raise
        yield [(claim, _settled(claim, answer, way, line))]


def _settled(claim: Claim, answer: Answer, way: Way, line: Line) -> Answer:
    """Where an answer asks for a look, what that makes of it."""
    if answer.fate is not Fate.LOOK:
        return answer
    try:
        return after_look(answer, way.judge(claim.action, line))
    except TROUBLE as error:
        return _doubtful(from_trouble(error))


def _seen(claim: Claim, way: Way, line: Line) -> Answer | None:
    """What became of what was sent before; None if it is still to be sent."""
    try:
        return way.judge(claim.action, line)
    except TROUBLE as error:
        return _doubtful(from_trouble(error))


def _our_fault(error: Exception) -> Answer:
    """Its words stay in our log: they may quote what nobody else is to read."""
    return replace(refused(f"We failed: {type(error).__name__}."), trouble=error)


def _doubtful(answer: Answer) -> Answer:
    """A look failed: whether the deed was done is as unknown as before."""
    fate = Fate.PERSON if answer.fate is Fate.PERSON else Fate.LATER
    return replace(answer, fate=fate, may_be_done=True)


def _looked(claims: Sequence[Claim], line: Line) -> Mapping[Claim, Answer]:
    """Of orders read again: why some are not shipped."""
    ids = list(dict.fromkeys(claim.action.order.remote_id for claim in claims))
    try:
        found = line.to(scopes.ORDERS).get_orders(ids)
    except TROUBLE as error:
        answer = _doubtful(from_trouble(error))
        return {
            claim: replace(answer, may_be_done=claim.before is not None)
            for claim in claims
        }
    orders = {order.remote_id: order for order in found}
    return {
        claim: refused(words)
        for claim in claims
        if (words := _why_not(claim.action, orders))
    }


def _why_not(action: OrderAction, orders: Mapping[str, RemoteOrder]) -> str:
    order = orders.get(action.order.remote_id)
    if order is None:
        return NO_ORDER
    if order.status is OrderStatus.CANCELLED:
        return CANCELLED
    if order.status is OrderStatus.ON_HOLD:
        return ON_HOLD
    return ASKED if order.is_cancel_requested else ""
