"""Celery entry points. Rows say what is due; messages only wake."""

from celery import shared_task
from django.utils import timezone

from apps.imports.errors import UndoRefused, UndoUnderWay
from apps.imports.models import ImportRun
from apps.imports.services import checking, running, stages, stock_later
from apps.imports.services.changes import forget_erased
from apps.imports.services.undo import undo
from apps.users.models import User
from apps.users.services.audit import By


@shared_task
def check_file(run_id: int) -> None:
    """The dry run of an uploaded file; a second message finds nothing."""
    if run := _run(run_id):
        checking.check(run)


@shared_task
def read_file(run_id: int) -> None:
    """Read an uploaded file in; a second message finds nothing."""
    if run := _run(run_id):
        running.read_in(run)


@shared_task
def undo_file(run_id: int, user_id: int | None) -> None:
    """Undo what a file changed; why not stands in the run, for who looks."""
    if run := _run(run_id):
        by = By(User.objects.filter(pk=user_id).first() if user_id else None)
        told = ""
        try:
            undo(run, by)
        except UndoUnderWay:
            return
        except UndoRefused as error:
            told = str(error)[:500]
        report = run.report | {"not_undone": told}
        ImportRun.objects.filter(pk=run_id).update(report=report)


@shared_task
def sweep_files() -> int:
    """Wake each uploaded file whose message was lost or whose worker is gone."""
    due = stages.due_runs(timezone.now())
    for run in due:
        is_check = run.state == ImportRun.State.CHECKING
        (check_file if is_check else read_file).delay(run.pk)
    undoing = stages.due_undoing(timezone.now())
    for run in undoing:
        undo_file.delay(run.pk, None)
    return len(due) + len(undoing)


@shared_task
def forget_erased_buyers() -> int:
    """Let buyers who were erased go from what is kept to undo imports: how many."""
    gone = 0
    while count := forget_erased():
        gone += count
    return gone


@shared_task
def book_stock_file(run_id: int) -> None:
    """Book a stock file that was left for later; a second message finds nothing."""
    if run := _run(run_id):
        stock_later.book_kept(run)


@shared_task
def sweep_stock_files() -> int:
    """Wake each stock file whose worker was lost; how many."""
    due = stock_later.due_runs(timezone.now())
    for run in due:
        book_stock_file.delay(run.pk)
    return len(due)


def _run(run_id: int) -> ImportRun | None:
    runs = ImportRun.objects.select_related("shop__client", "client", "user")
    return runs.filter(pk=run_id).first()
