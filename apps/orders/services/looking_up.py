"""What a person has looked up on the platform about one order, while they wait.

As in `actions.questions`, a failure is told in words, never raised.
"""

from collections.abc import Sequence

from django.db import transaction

from apps.core.storing import clean
from apps.integrations.contracts import (
    Combinable,
    PlatformClient,
    RemoteTrackingStep,
    RequestRecord,
)
from apps.orders.models import Order, Return, TrackingStep
from apps.orders.services.asking_platform import Told, told
from apps.orders.services.preferences import locked_shop
from apps.platforms.services import scopes

MOST_PAGES = 20  # of 50 offers each
_ERASED = (
    "The buyer's data was erased: scans, which may tell who signed, are not kept any "
    "more. Seller Center shows them."
)


def combine_offers(order: Order) -> Told[list[Combinable]]:
    """What the platform would put into one package together with this order."""

    def ask(client: PlatformClient) -> list[Combinable]:
        found: list[Combinable] = []
        token = ""
        for _ in range(MOST_PAGES):
            offers, token = client.combinable(page_token=token)
            found += [offer for offer in offers if order.remote_id in offer.order_ids]
            if not token:
                break
        return found

    nothing: list[Combinable] = []
    key = f"combine.{order.pk}.{order.remote_updated_at}"
    return told(order.shop, scopes.FULFILMENT, ask, nothing, key=key)


def story_of(order_return: Return) -> Told[list[RequestRecord]]:
    """A return's steps as the platform keeps them, newest first. They may show who
    bought, and are not kept here."""

    def ask(client: PlatformClient) -> list[RequestRecord]:
        records = client.return_records(order_return.remote_id)
        return sorted(records, key=_instant, reverse=True)

    nothing: list[RequestRecord] = []
    return told(order_return.shop, scopes.RETURNS, ask, nothing)


def fetch_tracking(order: Order) -> Told[int]:
    """Keep the scans of the order's packages: how many are new. Repeating it keeps
    each once. Carriers write down who signed: of a buyer who was erased none is
    kept."""
    if order.buyer_erased_at is not None:
        return Told(0, _ERASED)
    nothing: list[RemoteTrackingStep] = []
    answer = told(
        order.shop,
        scopes.FULFILMENT,
        lambda client: client.tracking(order.remote_id),
        nothing,
    )
    return Told(_keep(order, answer.value), answer.problem)


@transaction.atomic
def _keep(order: Order, steps: Sequence[RemoteTrackingStep]) -> int:
    """Under the lock that erasing takes, so that neither misses the other."""
    locked_shop(order.shop_id)
    if Order.objects.filter(pk=order.pk, buyer_erased_at__isnull=False).exists():
        return 0
    before = order.tracking_steps.count()
    TrackingStep.objects.bulk_create(
        [_step(order, each) for each in steps], ignore_conflicts=True
    )
    return order.tracking_steps.count() - before


def _instant(record: RequestRecord) -> float:
    return record.happened_at.timestamp() if record.happened_at else 0.0


def _step(order: Order, step: RemoteTrackingStep) -> TrackingStep:
    return TrackingStep(
        order=order,
        tracking_number=clean(step.tracking_number)[:80],
        happened_at=step.happened_at,
        description=clean(step.description)[:400],
        code=step.code,
    )
