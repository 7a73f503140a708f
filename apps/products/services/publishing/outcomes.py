"""What became of an item, written down as soon as it is known."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core.errors import DomainError
from apps.core.storing import clean, storable
from apps.integrations.contracts import ItemFailure
from apps.integrations.errors import PlatformError
from apps.integrations.tiktok.products.bodies import Difference
from apps.products.models import ListingDraft, PublishItem
from apps.products.services.publishing.preview import Stale
from apps.products.services.publishing.problems import Problem

State = PublishItem.State
_LONGEST = 1000


@transaction.atomic
def claim(item: PublishItem) -> PublishItem:
    """The item as one being sent, with its draft as it is now; committed before
    anything is called. A draft that is being saved is waited for."""
    if item.draft_id:
        ListingDraft.objects.select_for_update(of=["self"]).get(pk=item.draft_id)
    fresh = (
        PublishItem.objects.select_for_update(of=["self"])
        .select_related("run__shop__client", "run__user", "listing", "draft__listing")
        .get(pk=item.pk)
    )
    fresh.state = State.SENDING
    fresh.attempts += 1
    fresh.code, fresh.failure, fresh.details = None, "", []
    fresh.ended_at = None
    fresh.save()
    return fresh


def note_sending(
    item: PublishItem, request: Any, differences: Iterable[Difference] = ()
) -> None:
    """What is about to be sent, committed before it is: after a crash somebody can
    find out whether it arrived."""
    item.request = storable(request)
    item.differences = as_rows(differences)
    item.sent_at = timezone.now()
    item.save(update_fields=["request", "differences", "sent_at"])


def done(item: PublishItem, details: Iterable[str] = ()) -> None:
    _end(item, State.DONE, details=list(details))


def refused(item: PublishItem, words: str, *, details: Iterable[Any] = ()) -> None:
    """By a rule of ours, before anything was sent."""
    _end(item, State.REFUSED, failure=words, details=list(details))


def refused_for(item: PublishItem, problems: list[Problem]) -> None:
    words = " ".join(problem.message for problem in problems[:3])
    more = f" And {len(problems) - 3} more." if len(problems) > 3 else ""
    refused(item, words + more, details=[asdict(each) for each in problems])


def refused_by(
    item: PublishItem, error: PlatformError | ItemFailure, state: State = State.REFUSED
) -> None:
    """In the platform's own words."""
    details = list(getattr(error, "details", ()))
    if request_id := getattr(error, "request_id", ""):
        details.append(f"request {request_id}")
    _end(item, state, code=error.code or None, failure=error.message, details=details)


def failed(item: PublishItem, error: PlatformError | DomainError) -> None:
    """Nobody knows whether it was done: the answer was none, or not understood."""
    if isinstance(error, PlatformError):
        refused_by(item, error, State.FAILED)
    else:
        _end(item, State.FAILED, failure=str(error), details=[])


def stale(item: PublishItem, versions: Stale) -> None:
    """Changed at the platform after the draft began; both versions are kept."""
    item.differences = as_rows(versions.differences)
    item.save(update_fields=["differences"])
    paths = ", ".join(each.path for each in versions.differences[:5])
    _end(
        item,
        State.STALE,
        failure=f"Changed on TikTok since this draft began ({paths or 'see both'}). "
        "Nothing was sent. Compare both versions, then decide.",
        details=[
            {"version": "seen", "body": storable(versions.seen)},
            {"version": "now", "body": storable(versions.now)},
        ],
    )


def put_back(items: Iterable[PublishItem], error: Exception) -> None:
    """They wait for another try, in another run."""
    for item in items:
        item.state = State.WAITING
        item.failure = clean(str(error))[:_LONGEST]
        item.save(update_fields=["state", "failure"])


def as_rows(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    """[{path, before, after}] for the column."""
    rows: list[dict[str, Any]] = [storable(asdict(each)) for each in differences]
    return rows


def _end(
    item: PublishItem,
    state: State,
    *,
    code: int | None = None,
    failure: str = "",
    details: list[Any],
) -> None:
    item.state, item.code = state, code
    item.failure = clean(failure)[:_LONGEST]
    item.details = storable(details)
    item.ended_at = timezone.now()
    item.save(update_fields=["state", "code", "failure", "details", "ended_at"])
