"""Complete wishes on their way to rows: new ones, and those that are open already."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from apps.core.storing import portions
from apps.orders.errors import ActionRefused
from apps.orders.models import (
    ActionRun,
    OrderAction,
    OrderEvent,
    ShopOrderSettings,
)
from apps.orders.services.actions.wishes import Wish
from apps.orders.services.actions.words import VERBS, described, for_trail
from apps.orders.services.events import Happening, note_events
from apps.orders.services.order_settings import is_held
from apps.platforms.models import Shop
from apps.users.services import audit
from apps.users.services.audit import By

State = OrderAction.State
Kind = OrderAction.Kind
Place = tuple[str, str]  # kind, target
# What is only read writes no line in an order's timeline before it is there.
_QUIET = (Kind.PULL, Kind.LABEL)
_REWRITTEN = (
    "details",
    "user",
    "process",
    "package",
    "row",
    "run",
    "state",
    "due_at",
    "code",
    "message",
    "attempts",
    "modified_at",
)


def own_key(shop: Shop, key: str) -> str:
    """A caller's key for one action, as it is kept: unique over all shops."""
    return hashlib.sha256(f"{shop.pk}:{key}".encode()).hexdigest()


@dataclass(slots=True)
class Taking:
    """One call's wishes; the caller holds the shop's lock. `key` is that of a single
    wish; `held` None: as the settings say."""

    shop: Shop
    by: By
    source: str
    settings: ShopOrderSettings
    held: bool | None = None
    key: str = ""
    _open: dict[Place, OrderAction] = field(default_factory=dict)
    _taken: dict[Place, tuple[Wish, OrderAction]] = field(default_factory=dict)
    _new: list[OrderAction] = field(default_factory=list)
    _changed: dict[int, OrderAction] = field(default_factory=dict)

    def look_for(self, places: Sequence[Place]) -> None:
        """Know what is open of these, whichever order it was asked of; no worker takes
        it meanwhile."""
        for some in portions(places):
            rows = OrderAction.objects.open().filter(
                shop=self.shop,
                kind__in={kind for kind, _ in some},
                target__in={target for _, target in some},
            )
            rows = rows.select_for_update(of=["self"], no_key=True).order_by("pk")
            for action in rows.select_related("order", "package"):
                self._open[action.kind, action.target] = action

    def take(self, wish: Wish, target: str) -> OrderAction:
        """The row it becomes, or the open one that is the same. Raises ActionRefused
        where another is being sent, or this call has named it before."""
        place = (str(wish.kind), target)
        if place in self._taken:
            other = self._taken[place][0].order
            if other.pk == wish.order.pk:
                raise ActionRefused("It is named twice.")
            raise ActionRefused(f"It goes with order {other.remote_id}.")
        action = self._open.get(place)
        if action is None:
            action = self._row(wish, target)
            self._new.append(action)
        else:
            self._renew(action, wish)
        self._taken[place] = (wish, action)
        return action

    def join(self, run: ActionRun, refused: Sequence[tuple[Wish, str]]) -> None:
        """Make a run of what is new, or waits for no other run; the run keeps why the
        rest of its rows is not in it."""
        left = [[wish.row, wish.order.remote_id, why] for wish, why in refused]
        for wish, action in self._taken.values():
            if action.pk is None:
                action.run = run
            elif action.run_id is None and action.sent_at is None:
                action.run, action.row = run, wish.row
                self._changed[action.pk] = action
            else:
                left.append(
                    [wish.row, wish.order.remote_id, "It was asked for before."]
                )
        run.refused_rows = left
        run.save(update_fields=["refused_rows", "modified_at"])

    def write(self, run: ActionRun | None) -> None:
        """The rows, the timelines, the trail."""
        now = timezone.now()
        OrderAction.objects.bulk_create(self._new, batch_size=500)
        changed = list(self._changed.values())
        for action in changed:
            action.modified_at = now
        OrderAction.objects.bulk_update(changed, _REWRITTEN, batch_size=500)
        written = [*self._new, *changed]
        kind = OrderEvent.Kind.ACTION
        note_events(
            [
                Happening(action.order, kind, _asked_words(action), self.by)
                for action in written
                if action.kind not in _QUIET
            ]
        )
        if run is not None:
            self._record_run(run, written)
        else:
            for action in written:
                self._record(action)

    def _renew(self, action: OrderAction, wish: Wish) -> None:
        """Nothing of what was sent changes; else the newest wish counts, and one that
        is not held lets go what was."""
        is_same = action.details == wish.details
        if action.state == State.SENDING or action.sent_at is not None:
            if not is_same:
                raise ActionRefused(
                    "It is being sent with other details: wait for TikTok's answer."
                )
            return
        becomes_free = action.state == State.HELD and not self._is_held(wish)
        if is_same and not becomes_free:
            return
        action.details, action.user = dict(wish.details), self.by.user
        action.process = "" if self.by.user else self.by.process[:40]
        action.package, action.row = wish.package, wish.row
        action.state = State.WAITING if becomes_free else action.state
        action.due_at = timezone.now()
        action.code, action.message, action.attempts = None, "", 0
        self._changed[action.pk] = action

    def _row(self, wish: Wish, target: str) -> OrderAction:
        return OrderAction(
            shop=self.shop,
            order=wish.order,
            package=wish.package,
            cancellation=wish.cancellation,
            order_return=wish.order_return,
            row=wish.row,
            kind=wish.kind,
            details=dict(wish.details),
            target=target,
            state=State.HELD if self._is_held(wish) else State.WAITING,
            user=self.by.user,
            process="" if self.by.user else self.by.process[:40],
            idempotency_key=self.key or uuid.uuid4().hex,
        )

    def _is_held(self, wish: Wish) -> bool:
        if self.held is not None:
            return self.held
        return is_held(self.settings, wish.kind, self.source)

    def _record_run(self, run: ActionRun, written: Sequence[OrderAction]) -> None:
        audit.record(
            VERBS.get(run.kind, "asked for many things"),
            run,
            actor=self.by.user,
            process=self.by.process,
            client=self.shop.client,
            address=self.by.address,
            source=self.source,
            asked=len(written),
            refused=len(run.refused_rows),
            held=sum(action.state == State.HELD for action in written),
        )

    def _record(self, action: OrderAction) -> None:
        audit.record(
            VERBS[action.kind],
            action.order,
            actor=self.by.user,
            process=self.by.process,
            client=self.shop.client,
            address=self.by.address,
            action=action.pk,
            source=self.source,
            about=action.target,
            held=action.state == State.HELD,
            **for_trail(action.details),
        )


def _asked_words(action: OrderAction) -> str:
    begin = "Held back" if action.state == State.HELD else "Asked"
    return f"{begin}: {described(action)}"
