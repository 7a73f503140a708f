"""How a run is told: its badge, what it pulls, how far it is."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.sync.models import Resource, SyncRun
from apps.sync.services.runs import is_dead
from apps.sync.services.standing import progress_of

State = SyncRun.State
STATE_BADGES = {
    State.RUNNING: "progress",
    State.DONE: "good",
    State.PARTLY: "attention",
    State.FAILED: "bad",
    State.INTERRUPTED: "attention",
}
# What is counted, one and many.
NOUNS = {
    Resource.ORDERS: ("order", "orders"),
    Resource.PRODUCTS: ("product", "products"),
    Resource.STOCK: ("SKU", "SKUs"),
    Resource.PACKAGES: ("package", "packages"),
    Resource.CANCELLATIONS: ("cancellation", "cancellations"),
    Resource.RETURNS: ("return", "returns"),
    Resource.FINANCE: ("line", "lines"),
    Resource.AFFILIATE: ("affiliate sale", "affiliate sales"),
}


def run_badge(run: SyncRun) -> SafeString:
    words, kind = badge_words(run)
    return badge(words, kind)


def badge_words(run: SyncRun) -> tuple[str, str]:
    """Its text and kind. Who asked it to stop wants to see that it was heard."""
    state = State(run.state)
    if run.stop_asked_at is not None and state == State.RUNNING:
        return "Stopping", "progress"
    if run.stop_asked_at is not None and state == State.INTERRUPTED:
        return "Stopped", "neutral"
    return run.get_state_display(), STATE_BADGES[state]


def what_of(run: SyncRun) -> str:
    by_placing = run.basis == SyncRun.Basis.PLACED and run.resource == Resource.ORDERS
    return f"{run.get_resource_display()}{', by placing' if by_placing else ''}"


def counted(run: SyncRun, count: int) -> str:
    one, many = NOUNS.get(Resource(run.resource), ("order", "orders"))
    return f"{count:,} {one if count == 1 else many}"


def words_of(run: SyncRun, now: datetime) -> str:
    """“1,240 of 2,000 orders · new 1,180 · updated 52 · failed 8 · page 25 · 0:20
    left”."""
    far = progress_of(run, now)
    total = f"{run.read:,} of {counted(run, far.total)}" if far.total else ""
    parts = [total or counted(run, run.read)]
    for name in ("new", "updated", "failed"):
        if count := getattr(run, name):
            parts.append(f"{name} {count:,}")
    if not far.is_over:
        if run.pages:
            parts.append(f"page {run.pages:,}")
        if is_dead(run):
            parts.append("its process seems to be gone")
        elif run.stop_asked_at is not None:
            parts.append("stops after this page")
        elif far.left_seconds is not None:
            parts.append(f"{_clock(far.left_seconds)} left")
    return " · ".join(parts)


def status_of(run: SyncRun) -> dict[str, Any]:
    """For a page's script; the same words as on the page."""
    now = timezone.now()
    far = progress_of(run, now)
    return {
        "words": words_of(run, now),
        "done": far.done,
        "total": far.total or 0,
        "is_over": far.is_over,
    }


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
