"""What the own fleet delivered, or could not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from apps.integrations.contracts import PackageStatus
from apps.integrations.errors import NotFound
from apps.orders.models import OrderAction
from apps.platforms.services import scopes
from apps.sync.services.actions.answers import Answer, done, from_failure, refused
from apps.sync.services.actions.line import Line
from apps.sync.services.actions.shipping import package_id


def deliver(action: OrderAction, line: Line) -> Answer:
    return deliver_many([action], line)[action.pk]


def deliver_many(actions: Sequence[OrderAction], line: Line) -> Mapping[int, Answer]:
    """A call for each outcome: {key: answer}. Raises PlatformError."""
    by_reason: dict[str, list[OrderAction]] = defaultdict(list)
    for action in actions:
        by_reason[action.details["failed_because"]].append(action)
    answers: dict[int, Answer] = {}
    for reason, some in by_reason.items():
        failures = line.to(scopes.DELIVERY).deliver(
            [package_id(each) for each in some], failed_because=reason
        )
        by_package = {each.remote_id: from_failure(each) for each in failures}
        for each in some:
            answers[each.pk] = by_package.get(package_id(each)) or done()
    return answers


def judge_delivered(action: OrderAction, line: Line) -> Answer | None:
    """Whether it has arrived. That it could not be delivered is not seen: said twice,
    it does no harm."""
    try:
        package = line.to(scopes.FULFILMENT).get_package(package_id(action))
    except NotFound as error:
        return refused(error.message, error.code)
    if package.status is PackageStatus.CANCELLED:
        return refused("The package is cancelled.")
    if package.status is not PackageStatus.COMPLETED:
        return None
    if action.details["failed_because"]:
        return refused("It is delivered already.")
    return done("It is delivered already.")
