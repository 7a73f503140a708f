"""Orders and papers fetched: nothing is changed, so nothing can be done twice."""

from collections.abc import Mapping, Sequence

from apps.orders.errors import ActionRefused
from apps.orders.models import OrderAction
from apps.orders.services import papers
from apps.platforms.services import scopes
from apps.sync.services.actions.answers import Answer, done, refused
from apps.sync.services.actions.line import Line
from apps.sync.services.actions.shipping import NO_ORDER
from apps.sync.services.pull_some import pull_some


def pull(action: OrderAction, line: Line) -> Answer:
    return pull_many([action], line)[action.pk]


def pull_many(actions: Sequence[OrderAction], line: Line) -> Mapping[int, Answer]:
    """{key: answer}. Raises PlatformError and ReconnectNeeded."""
    ids = [action.order.remote_id for action in actions]
    pulled = pull_some(line.shop, ids, client=line.client)
    missing = set(pulled.missing)
    why_not = dict(pulled.orders.refused)
    answers: dict[int, Answer] = {}
    for action in actions:
        order_id = action.order.remote_id
        if order_id in missing:
            answers[action.pk] = refused(NO_ORDER)
        elif order_id in why_not:
            answers[action.pk] = refused(why_not[order_id])
        else:
            answers[action.pk] = done()
    return answers


def fetch_label(action: OrderAction, line: Line) -> Answer:
    """Raises PlatformError, and ActionRefused where there is none."""
    if action.package is None:
        raise ActionRefused("The package is no longer known here.")
    paper = papers.Paper(**action.details)
    client = line.to(scopes.FULFILMENT)
    document = papers.fetch(action.package, paper, client)
    return done(document=document.pk)


def never_over(action: OrderAction, line: Line) -> Answer | None:
    """To be fetched until it is."""
    return None
