"""What is due, and taken by one worker."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.core.processes import is_gone, process_name
from apps.orders.models import ActionRun, OrderAction
from apps.orders.services.actions.runs import settle_runs
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.sync.services.actions.kinds import KINDS
from apps.sync.services.stock_push.standing import pause_after

State = OrderAction.State
# A call and what it waits for take less; who is silent for longer has lost its worker.
SILENCE = timedelta(minutes=5)
_WITH = ("order", "package", "cancellation", "order_return", "run", "user")


@dataclass(slots=True, eq=False)
class Claim:
    """One action, ours until its answer is noted. `before`: when an earlier worker may
    have sent it, and nobody knows what became of it."""

    action: OrderAction
    before: datetime | None
    sent_at: datetime
    is_touched: bool = False

    def touch(self) -> bool:
        """Commit that it is about to be sent; False if it is no longer ours."""
        now = timezone.now()
        if not self.rows().update(sent_at=now):
            return False
        self.sent_at, self.is_touched = now, True
        return True

    def rows(self) -> "QuerySet[OrderAction]":
        """The row, as long as it is ours."""
        return OrderAction.objects.filter(
            pk=self.action.pk,
            state=State.SENDING,
            worker=process_name(),
            sent_at=self.sent_at,
        )


def ready(now: datetime) -> Q:
    """Actions that may be sent now."""
    return Q(state=State.WAITING, due_at__lte=now)


def shops_due(now: datetime) -> list[Shop]:
    """Connected shops that do not rest, have something to be sent and no worker at it:
    one shop's long run is not to take all workers. One query."""
    due = OrderAction.objects.filter(ready(now), shop=OuterRef("pk"))
    sending = OrderAction.objects.filter(state=State.SENDING, shop=OuterRef("pk"))
    connected = Shop.objects.connected().filter(breaker.not_resting(now))
    found = connected.filter(Exists(due), ~Exists(sending))
    return list(found.order_by("pk"))


def is_due(shop: Shop, now: datetime) -> bool:
    """As shops_due, of one."""
    actions = OrderAction.objects.filter(shop=shop)
    is_free = not actions.filter(state=State.SENDING).exists()
    return is_free and actions.filter(ready(now)).exists()


def put_back_dead() -> int:
    """What a worker was sending that has ended waits again: whether it was done is
    looked at before it is sent again. How many."""
    now = timezone.now()
    sending = OrderAction.objects.filter(state=State.SENDING).order_by()
    workers = set(sending.values_list("worker", flat=True).distinct())
    gone = [name for name in workers if is_gone(name)]
    lost = sending.filter(Q(worker__in=gone) | Q(sent_at__lt=now - SILENCE))
    count = lost.update(state=State.WAITING, due_at=now, modified_at=now)
    _let_runs_wait(now)
    return count


def put_back(claim: Claim, *, failed: bool = False) -> None:
    """It was not answered: it waits as before, and for a while where we failed, so that
    it stands in nobody's way. Where its call was begun, it may have been done."""
    now = timezone.now()
    changes: dict[str, Any] = {"attempts": F("attempts") - 1}
    if failed:
        changes = {"due_at": now + pause_after(claim.action.attempts)}
    claim.rows().update(
        state=State.WAITING,
        sent_at=claim.sent_at if claim.is_touched else claim.before,
        modified_at=now,
        **changes,
    )


def claim(
    shop: Shop, *, only: Collection[int] | None = None, most: int | None = None
) -> list[Claim]:
    """Take what waits longest, and more of its kind as far as they go together, `most`
    in all; nothing where nothing is due. What another worker is taking is passed over.
    """
    now = timezone.now()
    rows = OrderAction.objects.filter(ready(now), shop=shop)
    rows = rows if only is None else rows.filter(pk__in=only)
    due = _free(rows).order_by("due_at", "pk")
    with transaction.atomic():
        first = due.first()
        if first is None:
            return []
        size = KINDS[first.kind].size
        size = size if most is None else min(size, most)
        alike = due.filter(kind=first.kind).select_related(*_WITH)
        claims = _take(list(alike[:size]), now)
    _begin_runs(claims, now)
    return claims


def claim_one(action: OrderAction) -> Claim | None:
    """Take one that waits, be it due or not; None if it does not, or another has it."""
    now = timezone.now()
    waiting = OrderAction.objects.filter(pk=action.pk, state=State.WAITING)
    with transaction.atomic():
        claims = _take(list(_free(waiting).select_related(*_WITH)), now)
    _begin_runs(claims, now)
    return claims[0] if claims else None


def _free(rows: "QuerySet[OrderAction]") -> "QuerySet[OrderAction]":
    """Those nobody else is taking, locked."""
    return rows.select_for_update(of=["self"], no_key=True, skip_locked=True)


def _take(actions: list[OrderAction], now: datetime) -> list[Claim]:
    claims = [Claim(each, each.sent_at, now) for each in actions]
    OrderAction.objects.filter(pk__in=[each.pk for each in actions]).update(
        state=State.SENDING,
        worker=process_name(),
        sent_at=now,
        attempts=F("attempts") + 1,
        modified_at=now,
    )
    for action in actions:
        action.state, action.attempts = State.SENDING, action.attempts + 1
    return claims


def _begin_runs(claims: Sequence[Claim], now: datetime) -> None:
    """After the actions, not with them: who stops a run holds it, and wants those."""
    runs = {each.action.run_id for each in claims if each.action.run_id is not None}
    ActionRun.objects.filter(pk__in=runs).update(
        state=ActionRun.State.RUNNING,
        started_at=Coalesce("started_at", Value(now)),
        heartbeat_at=now,
        process=process_name(),
    )


def _let_runs_wait(now: datetime) -> None:
    """Runs at which nobody is at work: their worker has ended, or they pause."""
    running = ActionRun.objects.filter(state=ActionRun.State.RUNNING)
    names = set(running.order_by().values_list("process", flat=True).distinct())
    gone = [name for name in names if is_gone(name)]
    lost = running.filter(Q(process__in=gone) | Q(heartbeat_at__lt=now - SILENCE))
    if keys := list(lost.values_list("pk", flat=True)):
        waiting = ActionRun.State.WAITING
        lost.update(state=waiting, process="", modified_at=now)
        settle_runs(keys)
