"""What people do about a run: start it, stop it, go on with it, undo it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

from apps.core.admin import ModelAdmin
from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.imports.admin.base import run_of
from apps.imports.models import ImportRun
from apps.imports.services.kept import drop
from apps.imports.services.stages import State, ask_check, ask_start, ask_stop
from apps.imports.services.undo import undo
from apps.imports.services.ways_back import WAYS
from apps.imports.tasks import check_file, read_file, undo_file
from apps.integrations.tiktok.exports.times import DateOrder
from apps.orders.admin.base import by_whom

# What is undone while somebody waits; more is left to a task.
AT_ONCE = 500


def _start(request: HttpRequest, run: ImportRun) -> str:
    ask_start(run)
    after_commit(read_file.delay, run.pk)
    return ""


def _stop(request: HttpRequest, run: ImportRun) -> str:
    ask_stop(run)
    return "It stops after the batch it is at. What was read in stays."


def _dates(request: HttpRequest, run: ImportRun) -> str:
    """The answer to how 05/11 is meant, with which the file is checked anew."""
    if request.POST.get("dates") not in list(DateOrder):
        raise Http404
    ask_check(run, run.options | {"dates": request.POST["dates"]})
    after_commit(check_file.delay, run.pk)
    return ""


def _undo(request: HttpRequest, run: ImportRun) -> str:
    by = by_whom(request)
    if run.changes.count() > AT_ONCE:
        after_commit(undo_file.delay, run.pk, by.user.pk if by.user else None)
        return "It is being undone. Look again in a moment."
    done = undo(run, by)
    noun = WAYS[run.kind].noun
    kept = f" {len(done.kept):,} stay, because something depends on them."
    return (
        f"Undone: {done.removed:,} {noun}s gone, {done.restored:,} as they were."
        f"{kept if done.kept else ''}"
    )


def _discard(request: HttpRequest, run: ImportRun) -> str:
    """A file that was not read in, or whose run is over, need not be kept."""
    if run.state in (State.CHECKING, State.WAITING, State.RUNNING, State.UNDOING):
        return ""
    drop(run)
    return "The file is deleted. The log of it stays."


DEEDS: dict[str, Callable[[HttpRequest, ImportRun], str]] = {
    "start": _start,
    "stop": _stop,
    "dates": _dates,
    "undo": _undo,
    "discard": _discard,
}


def act(
    pages: ModelAdmin, request: HttpRequest, run_id: int, deed: str
) -> HttpResponse:
    run = run_of(request, run_id, acts=True)
    if run is None:
        return pages.missing(request, str(run_id))
    if deed not in DEEDS:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        if words := DEEDS[deed](request, run):
            messages.success(request, words)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("admin:imports_importrun_run", run.pk)
