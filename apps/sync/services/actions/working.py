"""A shop's actions, until nothing is due; one action, while a page waits."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.core.storing import clean
from apps.integrations.contracts import PlatformClient
from apps.integrations.errors import (
    PlatformError,
    PlatformUnavailable,
    RateLimited,
    TokenExpired,
)
from apps.orders.models import OrderAction
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.platforms.services.clients import note_consent_gone
from apps.sync.services.actions.answers import CONSENT_GONE, Answer, Fate
from apps.sync.services.actions.claiming import (
    Claim,
    claim,
    claim_one,
    put_back,
    put_back_dead,
    ready,
)
from apps.sync.services.actions.kinds import KINDS, kinds_of
from apps.sync.services.actions.line import Line
from apps.sync.services.actions.outcomes import (
    PERSON_FOR,
    note,
    note_runs,
)
from apps.sync.services.actions.sending import Group, send
from apps.sync.services.pull_some import pull_some
from apps.sync.services.stock_push.standing import pause_after

logger = logging.getLogger(__name__)

State = OrderAction.State
Kind = OrderAction.Kind
# One call that gets no answer is its own matter; so many in a row, an outage.
MOST_OUTAGES = 3
# Orders are read again so many at once, or when all is sent.
READ_AT_ONCE = 20


@dataclass(slots=True)
class Worked:
    """What became of those taken."""

    done: int = 0
    refused: int = 0
    waiting: int = 0

    @property
    def taken(self) -> int:
        return self.done + self.refused + self.waiting


def work_action(
    action: OrderAction, *, urgent: bool = True, client: PlatformClient | None = None
) -> OrderAction:
    """Send it now and read its order again; the row as it is then. Raises nothing the
    platform says: `state` and `message` tell (waiting: it is tried again later).

    Nothing happens to what does not wait, or is another worker's.
    """
    shop = Shop.objects.select_related("client").get(pk=action.shop_id)
    if shop.state != Shop.State.CONNECTED:
        words = f"{shop} is {shop.get_state_display().lower()}: it waits until then."
        waiting = OrderAction.objects.filter(pk=action.pk, state=State.WAITING)
        waiting.update(message=words)
    elif claimed := claim_one(action):
        work = _Work(shop, Line(shop, urgent=urgent, client=client))
        work.do([claimed])
        work.read_again()
    action.refresh_from_db()
    return action


def work_actions(
    shop: Shop,
    *,
    limit: int | None = None,
    only: Collection[int] | None = None,
    client: PlatformClient | None = None,
) -> Worked:
    """Send all that is due in a shop, `limit` at most, or `only` of these. Several
    workers may be at it; each action is one's. Where the shop as a whole takes nothing,
    what is due waits, longer each time, or for a person; nothing is raised for that."""
    put_back_dead()
    work = _Work(shop, Line(shop, client=client))
    try:
        while not work.is_stopped:
            left = None if limit is None else limit - work.worked.taken
            claims = claim(shop, only=only, most=left) if left is None or left else []
            if not claims:
                break
            work.do(claims)
            if len(work.unread) >= READ_AT_ONCE:
                work.read_again()
    finally:
        work.read_again()
    if work.has_answer and not work.is_stopped:
        breaker.note_success(shop)
    return work.worked


@dataclass(slots=True)
class _Work:
    """What one worker has done in a shop. `unread` are orders to be read again."""

    shop: Shop
    line: Line
    worked: Worked = field(default_factory=Worked)
    unread: dict[str, None] = field(default_factory=dict)
    outages: int = 0
    has_answer: bool = False
    is_stopped: bool = False

    def do(self, claims: Sequence[Claim]) -> None:
        """Send what was claimed, all of one kind; what is not answered waits again."""
        left = {each.action.pk: each for each in claims}
        runs = {each.action.run_id for each in claims if each.action.run_id}
        rest, failed = None, False
        group: Group = []
        try:
            for group in send(claims, self.line):
                for each, answer in group:
                    del left[each.action.pk]
                    self._note(each, answer)
                if rest := self._rest_after(group):
                    break
        except Exception as error:
            # Where it is known whose it is, that one has been noted.
            failed = not any(answer.trouble is error for _, answer in group)
            raise
        finally:
            for each in left.values():
                put_back(each, failed=failed)
            note_runs(runs)
        if rest is not None:
            rest.hold(self.shop)
            self.is_stopped = not rest.kinds

    def read_again(self) -> None:
        """The deed is done whatever comes of this: what cannot be read now is brought
        by the next pull."""
        ids, self.unread = list(self.unread), {}
        if not ids:
            return
        try:
            pull_some(self.shop, ids, client=self.line.client)
        except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
            logger.warning(
                "orders not read again shop=%s count=%d error=%s",
                self.shop.pk,
                len(ids),
                error,
            )

    def _note(self, claimed: Claim, answer: Answer) -> None:
        action = note(claimed, answer)
        if action is None:
            return
        logger.info(
            "action answered action=%s kind=%s state=%s code=%s",
            action.pk,
            action.kind,
            action.state,
            action.code,
        )
        if action.state == State.WAITING:
            self.worked.waiting += 1
            return
        if action.state == State.DONE:
            self.worked.done += 1
        else:
            self.worked.refused += 1
        if action.kind != Kind.PULL:
            self.unread[action.order.remote_id] = None
            self.unread |= dict.fromkeys(action.details.get("order_ids", ()))

    def _rest_after(self, group: Group) -> "_Rest | None":
        """What others wait for, where an answer is not about one order alone."""
        for claimed, answer in group:
            if isinstance(answer.trouble, CONSENT_GONE):
                note_consent_gone(self.shop, answer.trouble, self.line.scope)
                scope = KINDS[claimed.action.kind].scope
                return _Rest(PERSON_FOR, answer.words, kinds_of(scope))
            if answer.fate is Fate.PERSON:
                return _Rest(PERSON_FOR, answer.words)
            if answer.trouble is None or answer.fate is not Fate.LATER:
                self.has_answer, self.outages = True, 0
        troubles = [answer.trouble for _, answer in group if answer.trouble is not None]
        if not troubles:
            return None
        if isinstance(troubles[0], _ALL_WAIT):
            asked = max(answer.pause_seconds for _, answer in group)
            return _Rest(max(timedelta(seconds=asked), pause_after(1)))
        if not _is_outage(troubles[0]):
            return None
        self.outages += 1
        if self.outages < MOST_OUTAGES:
            return None
        breaker.note_failure(self.shop, troubles[0])
        self.shop.refresh_from_db(fields=["failures_in_a_row"])
        return _Rest(pause_after(self.shop.failures_in_a_row))


@dataclass(frozen=True, slots=True)
class _Rest:
    """Nothing of a shop, or of these kinds, is sent for a while, and why."""

    pause: timedelta
    words: str = ""
    kinds: Collection[str] = ()

    def hold(self, shop: Shop) -> None:
        now = timezone.now()
        due = OrderAction.objects.filter(ready(now), shop=shop)
        due = due.filter(kind__in=self.kinds) if self.kinds else due
        changes: dict[str, Any] = {"due_at": now + self.pause, "modified_at": now}
        if self.words:
            changes["message"] = clean(self.words)[:500]
        due.update(**changes)


_ALL_WAIT = (RateLimited, TokenExpired, RefreshInProgress)
# Codes of the platform's gateway, about no order in particular.
_GATEWAY_CODES = range(36_009_000, 36_010_000)


def _is_outage(error: Exception) -> bool:
    """No answer at all, or none that is about one order."""
    if not isinstance(error, PlatformUnavailable):
        return False
    return not error.code or error.code in _GATEWAY_CODES
