"""Act on a shop's events: read what they name, once for many, then note what came of
each. Whoever dies in between leaves them due; reading again changes nothing."""

import contextlib
import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils import timezone

from apps.core import bulk
from apps.core.logging import bound
from apps.core.storing import clean, portions
from apps.integrations.contracts import PlatformClient
from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    PlatformUnavailable,
    ScopeMissing,
)
from apps.integrations.tiktok.topics import Topic
from apps.integrations.tiktok.webhooks import Notice, parse_notice
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.platforms.services.clients import note_consent_gone
from apps.platforms.services.scopes import ORDERS
from apps.webhooks.handlers import HANDLERS, Handler, News
from apps.webhooks.models import WebhookAttempt, WebhookEvent
from apps.webhooks.services import days, fates
from apps.webhooks.services.claiming import AT_ONCE, Claim, claim
from apps.webhooks.services.fates import Fate, Verdict

logger = logging.getLogger(__name__)

State = WebhookEvent.State
# One by one, so many without an answer in a row are an outage, not their own matter.
MOST_OUTAGES = 3
# What else is due in a shop waits while the shop as a whole takes nothing.
HOLD = timedelta(seconds=30)
_WRITTEN = (
    "state",
    "attempts",
    "next_try_at",
    "claimed_by",
    "claimed_until",
    "processed_at",
    "milliseconds",
    "outcome",
    "error",
)
# The database is away: nothing is known of the events.
_OURS = (OperationalError, InterfaceError)
Verdicts = dict[int, Verdict]


@dataclass(slots=True)
class Worked:
    """What became of the events taken; `troubles` says why, for each not done."""

    done: int = 0
    failed: int = 0
    waiting: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def taken(self) -> int:
        return self.done + self.failed + self.waiting

    def add(self, other: "Worked") -> None:
        self.done += other.done
        self.failed += other.failed
        self.waiting += other.waiting
        self.troubles += other.troubles


def work_events(
    shop: Shop,
    *,
    only: Collection[int] | None = None,
    most: int | None = None,
    client: PlatformClient | None = None,
) -> Worked:
    """Act on all that is due in a shop, or on `only` these, `most` at the most. Several
    workers may be at it. Nothing the platform says is raised: where the shop as a whole
    takes nothing, what is due waits."""
    work = _Work(shop, client)
    while not work.is_stopped:
        left = AT_ONCE if most is None else min(AT_ONCE, most - work.worked.taken)
        taken = claim(shop, only=only, most=left) if left > 0 else None
        if taken is None:
            break
        work.do(taken)
    return work.worked


@dataclass(slots=True)
class _Work:
    """What one worker does in a shop."""

    shop: Shop
    client: PlatformClient | None
    worked: Worked = field(default_factory=Worked)
    is_stopped: bool = False
    hold: timedelta = HOLD

    def do(self, taken: Claim) -> None:
        left = {event.pk for event in taken.events}
        is_over = False
        try:
            for handler, news in _grouped(taken):
                began = time.monotonic()
                verdicts = self._judge(handler, news, taken)
                self._note(taken, verdicts, time.monotonic() - began)
                left -= verdicts.keys()
                if self.is_stopped:
                    break
            is_over = True
        finally:
            taken.end()
            if left:
                # The error that brought us here says more than one of this would.
                ignored = () if is_over else (DatabaseError, InterfaceError)
                with contextlib.suppress(*ignored):
                    taken.put_back(left, self.hold)

    def _judge(
        self, handler: Handler | None, news: Sequence[News], taken: Claim
    ) -> Verdicts:
        if handler is None:
            words = "Nothing is done about events of this type"
            return {each.event.pk: Verdict(words, State.KEPT) for each in news}
        try:
            return self._act(handler, news, taken)
        except _OURS:
            raise
        except Exception as error:  # noqa: BLE001 (any of them may be one event's)
            fate = self._fate(handler, error)
        if len(news) > 1 and not fate.is_of_all:
            return self._one_by_one(handler, news, taken)
        return self._of_all(news, fate)

    def _one_by_one(
        self, handler: Handler, news: Sequence[News], taken: Claim
    ) -> Verdicts:
        """Something is wrong with one of them: the others are not to wait for it."""
        verdicts: Verdicts = {}
        outages = 0
        for place, each in enumerate(news):
            try:
                verdicts |= self._act(handler, [each], taken)
                outages = 0
                continue
            except _OURS:
                raise
            except Exception as error:  # noqa: BLE001 (it is noted with the event)
                fate = self._fate(handler, error)
            verdicts[each.event.pk] = fate.verdict
            outages += fate.is_outage
            if fate.is_of_all or outages >= MOST_OUTAGES:
                return verdicts | self._of_all(news[place:], fate)
        return verdicts

    def _of_all(self, news: Sequence[News], fate: Fate) -> Verdicts:
        """The last word on these; where it is about the shop, all else waits."""
        verdict = fate.verdict
        if fate.is_outage and (until := self._rests_until(verdict)):
            # What waits for a shop that rests is not worn out by that.
            verdict = fates.later(verdict.words, until - timezone.now())
        if fate.stops or fate.is_outage:
            self.is_stopped, self.hold = True, max(HOLD, verdict.pause)
        return {each.event.pk: verdict for each in news}

    def _act(self, handler: Handler, news: Sequence[News], taken: Claim) -> Verdicts:
        taken.renew()
        keys = ",".join(str(each.event.pk) for each in news[:5])
        with bound(event=keys):
            outcomes = handler.act(self.shop, news, self.client)
        breaker.note_success(self.shop)
        return {
            key: fates.failed(each.words) if each.is_failed else fates.done(each.words)
            for key, each in outcomes.items()
        }

    def _fate(self, handler: Handler, error: Exception) -> Fate:
        fate = fates.fate_of(error)
        if isinstance(error, ConsentNeeded | ReconnectNeeded):
            is_of_one = isinstance(error, ScopeMissing) and handler.scope != ORDERS
            if not is_of_one:
                note_consent_gone(self.shop, error, handler.scope)
                return replace(fate, stops=True)
        elif fate.is_ours:
            logger.error("event failed shop=%s", self.shop.pk, exc_info=error)
        return fate

    def _rests_until(self, verdict: Verdict) -> datetime | None:
        error = PlatformUnavailable(verdict.words)
        return breaker.note_failure(self.shop, error)

    def _note(self, taken: Claim, verdicts: Verdicts, seconds: float) -> None:
        for event in note(taken, verdicts, seconds):
            if event.error:
                self.worked.troubles.append(event.error)
            if event.state in WebhookEvent.OPEN:
                self.worked.waiting += 1
            elif event.state in (State.PROCESSED, State.KEPT):
                self.worked.done += 1
            else:
                self.worked.failed += 1
                logger.warning("event failed event=%s state=%s", event.pk, event.state)


@transaction.atomic
def note(
    taken: Claim, verdicts: Mapping[int, Verdict], seconds: float
) -> list[WebhookEvent]:
    """Write down what became of these, and their tries; those that are no longer ours
    are left to whoever has them. The rows written."""
    now, milliseconds = timezone.now(), round(seconds * 1000)
    rows = list(taken.rows(verdicts).select_for_update(of=["self"], no_key=True))
    tries = []
    for event in rows:
        verdict = verdicts[event.pk]
        fates.apply(event, verdict, now)
        event.outcome, event.error = clean(event.outcome), clean(event.error)
        if verdict.counts:
            event.milliseconds = milliseconds
            tries.append(
                WebhookAttempt(
                    event=event,
                    at=now,
                    milliseconds=milliseconds,
                    is_ok=event.state in (State.PROCESSED, State.KEPT),
                    message=clean(verdict.words)[:500],
                )
            )
    bulk.update(rows, _WRITTEN)
    WebhookAttempt.objects.bulk_create(tries)
    days.forget((event.received_at for event in rows), now)
    return rows


def _grouped(taken: Claim) -> Iterator[tuple[Handler | None, Sequence[News]]]:
    """Events of all topics that one handler serves go together, the oldest first."""
    groups: dict[Handler | None, list[News]] = {}
    for event in taken.events:
        notice = _read(event)
        handler = HANDLERS.get(notice.topic)
        groups.setdefault(handler, []).append(News(event, notice))
    for handler, news in groups.items():
        for some in portions(news, handler.most if handler else AT_ONCE):
            yield handler, some


def _read(event: WebhookEvent) -> Notice:
    try:
        return parse_notice(event.body.encode())
    except MalformedReply:
        # It could be read when it came: somebody has changed the row.
        return Notice(event.type_number, Topic.UNKNOWN, event.notification_id)
