"""What every pull keeps book of: counts, issues, life signs, and when to stop."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Shop
from apps.sync.errors import RunStopped
from apps.sync.models import SyncIssue, SyncRun

# A window is walked again when pages shifted under us; more often would not help.
WALKS = 3
# A person looks on: their calls go before the schedule's.
WAITED_FOR = frozenset({SyncRun.Trigger.USER})
_COUNTS = ("expected", "pages", "read", "new", "updated", "same", "failed")
_LIFE_SIGN = timedelta(seconds=30)


@dataclass(slots=True)
class Ledger:
    """The record of one run, as it goes."""

    shop: Shop
    run: SyncRun
    limit: int | None = None
    on_page: Callable[[SyncRun], None] = lambda _: None

    @property
    def is_full(self) -> bool:
        """Whether as many were read as were asked for."""
        return self.limit is not None and self.run.read >= self.limit

    def save(self, issues: Sequence[tuple[str, str]] = ()) -> None:
        """Write the counts down, and (item's ID, why it could not be taken) of each."""
        SyncIssue.objects.bulk_create(
            SyncIssue(run=self.run, remote_id=remote_id[:64], message=reason[:500])
            for remote_id, reason in issues
        )
        run = self.run
        run.failed += len(issues)
        if issues and not run.first_error:
            run.first_error = ": ".join(filter(None, issues[0]))[:500]
        run.heartbeat_at = timezone.now()
        # Not the state: whoever took us for dead has changed it and started anew.
        run.save(update_fields=[*_COUNTS, "first_error", "heartbeat_at"])

    def show_life(self) -> None:
        """Between calls that bring nothing to write down."""
        now = timezone.now()
        if now - self.run.heartbeat_at > _LIFE_SIGN:
            self.run.heartbeat_at = now
            self.run.save(update_fields=["heartbeat_at"])

    def stop_if_told(self) -> None:
        """Whoever pauses or disconnects a shop stops the pull under way as well; so
        does who asks for it."""
        run = SyncRun.objects.select_related("shop").get(pk=self.run.pk)
        current = run.shop
        stopped = (Shop.State.PAUSED, Shop.State.DISCONNECTED)
        if current.state != self.shop.state and current.state in stopped:
            words = current.get_state_display().lower()
            raise ShopRefuses(f"{current} was {words}; the pull stopped.")
        if run.stop_asked_at is not None:
            pages = f"{self.run.pages:,} page{'' if self.run.pages == 1 else 's'}"
            raise RunStopped(f"Stopped on request after {pages}.")


@dataclass(slots=True)
class Walk:
    """Whether one walk over a window's pages may have missed an item.

    An item that changes while we turn the pages leaves the window; those behind it
    move up, perhaps onto a page we have had. The platform's count shrinks with it.
    """

    seen: set[str] = field(default_factory=set)
    nameless: int = 0
    total: int = 0
    most: int = 0

    def note(
        self,
        ids: Iterable[str],
        malformed: Iterable[tuple[str, str]],
        total: int | None,
    ) -> None:
        """Take a page into account; `total` is what the platform counts in all."""
        self.seen.update(ids)
        for remote_id, _ in malformed:
            if remote_id:
                self.seen.add(remote_id)
            else:
                self.nameless += 1
        self.total = total or 0
        self.most = max(self.most, self.total)

    @property
    def is_steady(self) -> bool:
        return self.total >= self.most

    @property
    def missing(self) -> int:
        """How many items the platform counts beyond those it showed."""
        return max(0, self.total - len(self.seen) - self.nameless)
