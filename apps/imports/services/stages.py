"""From one stage of an uploaded file to the next: who may go where, and who is at work.

    uploaded → checking → checked → waiting → running → done / partly
                   ↑          ↑         ↑         ↓
                   └──────────┘         └─ stopped, failed

Each step is one conditional update, so that two people, or two workers, at one run
cannot both take it. What a worker left behind is found by its silence.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.imports.errors import ImportRefused
from apps.imports.models import ImportRun

State = ImportRun.State
# A batch takes seconds; a worker silent for longer is gone.
LONGEST_SILENCE = timedelta(minutes=3)
_AT_WORK = (State.CHECKING, State.WAITING, State.RUNNING)


def ask_check(run: ImportRun, options: dict[str, object]) -> None:
    """Let a file be checked, with what people chose. Raises ImportRefused where it is
    being worked on, or part of it is read already."""
    moved = _files().filter(
        pk=run.pk, done=0, state__in=(State.UPLOADED, State.CHECKED, State.FAILED)
    )
    _step(
        run,
        moved,
        state=State.CHECKING,
        options=options,
        report={},
        is_stop_asked=False,
        total=0,
        ended_at=None,
        first_error="",
    )


def ask_start(run: ImportRun) -> None:
    """Let a checked file be read, or one that was stopped or broke off be gone on with.
    Raises ImportRefused."""
    resumable = Q(state__in=(State.STOPPED, State.FAILED), total__gt=0)
    moved = _files().filter(Q(state=State.CHECKED) | resumable, pk=run.pk)
    _step(run, moved, state=State.WAITING, is_stop_asked=False, ended_at=None)


def ask_stop(run: ImportRun) -> None:
    """Let a run stop after the batch it is at. Raises ImportRefused if it is over."""
    moved = _files().filter(pk=run.pk, state__in=(State.WAITING, State.RUNNING))
    _step(run, moved, is_stop_asked=True)


def take(run: ImportRun, state: ImportRun.State) -> bool:
    """Whether this worker is now the one at a run in a state, and no other is."""
    now = timezone.now()
    is_free = Q(heard_at=None) | Q(heard_at__lt=now - LONGEST_SILENCE)
    taken = ImportRun.objects.filter(is_free, pk=run.pk, state=state)
    if not taken.update(heard_at=now):
        return False
    run.refresh_from_db()
    return True


def fail(run: ImportRun, state: ImportRun.State, reason: str) -> None:
    """A worker gives a run up that it took in a state, with the reason; nothing where
    another is at it by now."""
    mine = ImportRun.objects.filter(pk=run.pk, state=state, done=run.done)
    done = 0 if state == State.CHECKING else run.done
    mine.update(
        state=State.FAILED,
        ended_at=timezone.now(),
        first_error=reason[:500],
        done=done,
    )


def due_runs(now: datetime) -> list[ImportRun]:
    """Those whose message was lost or whose worker is gone."""
    quiet = Q(heard_at=None) | Q(heard_at__lt=now - LONGEST_SILENCE)
    return list(_files().filter(quiet, state__in=_AT_WORK).order_by("pk"))


def due_undoing(now: datetime) -> list[ImportRun]:
    """Those being undone whose worker is gone."""
    quiet = Q(heard_at=None) | Q(heard_at__lt=now - LONGEST_SILENCE)
    return list(ImportRun.objects.filter(quiet, state=State.UNDOING).order_by("pk"))


def _files() -> QuerySet[ImportRun]:
    return ImportRun.objects.exclude(file="")


def _step(run: ImportRun, moved: QuerySet[ImportRun], **columns: object) -> None:
    if not moved.update(heard_at=_heard(columns), **columns):
        run.refresh_from_db()
        raise ImportRefused(
            f"That is not possible any more: the file is "
            f"{run.get_state_display().lower()}."
        )
    run.refresh_from_db()


def _heard(columns: dict[str, object]) -> object:
    """A run that is to be worked on anew has no worker yet."""
    return None if "state" in columns else F("heard_at")
