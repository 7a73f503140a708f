"""The third and fourth step: what a file comes to, and how far it is read in."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.core.admin import ModelAdmin, ago
from apps.imports.admin.base import STATE_BADGES, run_of
from apps.imports.admin.steps import step_of, steps
from apps.imports.models import ImportRun
from apps.imports.services.kept import has_file
from apps.imports.services.readers import READERS
from apps.imports.services.refused_rows import refused_rows
from apps.imports.services.stages import LONGEST_SILENCE, State
from apps.imports.services.undo import UndoPreview, has_way_back, preview_undo
from apps.imports.services.who_may import may_act
from apps.integrations.tiktok.exports import FileRefused
from apps.orders.admin.base import by_whom
from apps.orders.services.buyer_views import note_buyers_taken

PROBLEMS_A_PAGE = 50
LOOKED_AT_HERE = 2_000
_AT_WORK = (State.CHECKING, State.WAITING, State.RUNNING, State.UNDOING)
_READING = (State.CHECKING, State.WAITING, State.RUNNING)
_COUNTS = (
    ("new", "new", "good"),
    ("updated", "changed", "progress"),
    ("same", "unchanged", "neutral"),
    ("failed", "refused", "bad"),
)


def page(pages: ModelAdmin, request: HttpRequest, run_id: int) -> HttpResponse:
    run = run_of(request, run_id)
    if run is None:
        return pages.missing(request, str(run_id))
    acts = may_act(request.user, run)
    if run.state == State.UPLOADED and acts and run.kind in READERS:
        return redirect("admin:imports_importrun_match", run.pk)
    reader = READERS.get(run.kind)
    is_checked = run.state == State.CHECKED
    report: dict[str, Any] = run.report if isinstance(run.report, dict) else {}
    counted = report if is_checked else vars(run)
    counts = {name: int(counted.get(name) or 0) for name, _, _ in _COUNTS}
    problems = _problems(request, run) if acts else None
    is_kept = has_file(run)
    good = counts["new"] + counts["updated"]
    asks_dates = is_checked and report.get("is_date_order_told") is False
    context = {
        "title": run.file_name,
        "run": run,
        "noun": reader.noun if reader else "row",
        "badge": STATE_BADGES[ImportRun.State(run.state)],
        "steps": steps(step_of(run), run) if reader else [],
        "started": ago(run.started_at),
        "status": told(run),
        "is_at_work": run.state in _AT_WORK,
        "is_checked": is_checked,
        "counts": [(counts[name], words, kind) for name, words, kind in _COUNTS],
        "good": good,
        "refused": counts["failed"],
        "figures": [(name, n) for name, n in report.get("figures") or [] if _says(n)],
        "unknown": report.get("unknown") or [],
        "earlier": parse_datetime(str(report.get("earlier") or "")),
        "date_order": report.get("date_order") or "",
        "asks_dates": asks_dates,
        "problems": problems,
        "undo": _undo(run) if acts and "undo" in request.GET else None,
        "waiting": report.get("waiting") if is_checked else _waiting(run),
        "not_undone": report.get("not_undone") if acts else "",
        "may_act": acts,
        "may_start": acts and is_checked and is_kept and not asks_dates and good > 0,
        "may_stop": acts
        and run.state in (State.WAITING, State.RUNNING)
        and not run.is_stop_asked,
        "may_resume": acts
        and is_kept
        and run.state in (State.STOPPED, State.FAILED)
        and run.total > 0
        and run.done < run.total,
        "may_match": acts and is_kept and not run.done and run.state == State.FAILED,
        "may_undo": acts
        and has_way_back(run)
        and run.state not in _READING
        and run.changes.exists(),
        "has_errors": acts and is_kept and bool(counts["failed"]),
    }
    return pages.own_page(request, "imports/run.html", context)


def status(pages: ModelAdmin, request: HttpRequest, run_id: int) -> HttpResponse:
    """For the page's script: {"words", "done", "total", "is_over"}."""
    run = run_of(request, run_id)
    if run is None:
        return pages.missing(request, str(run_id))
    return JsonResponse(told(run))


def errors(pages: ModelAdmin, request: HttpRequest, run_id: int) -> HttpResponse:
    """The refused rows with their reasons, to correct and upload again."""
    run = run_of(request, run_id, acts=True)
    if run is None:
        return pages.missing(request, str(run_id))
    if run.kind not in READERS:
        return redirect("admin:imports_importrun_run", run.pk)
    try:
        found = refused_rows(run)
    except FileRefused as error:
        messages.error(request, error.message)
        return redirect("admin:imports_importrun_run", run.pk)
    if found.shows_buyers:
        assert run.shop is not None
        by = by_whom(request)
        note_buyers_taken([(run.shop, found.items)], by.user, address=by.address)
    return HttpResponse(
        found.content,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{found.name}"',
            "Cache-Control": "no-store",
        },
    )


def told(run: ImportRun) -> dict[str, Any]:
    """How far it is, in words and numbers."""
    return {
        "words": _words(run),
        "done": run.done,
        "total": run.total,
        "is_over": run.state not in _AT_WORK,
    }


def _says(figure: str) -> bool:
    """What is not in a file need not be said."""
    return figure not in ("0", "0.00", "")


def _words(run: ImportRun) -> str:
    reader = READERS.get(run.kind)
    nouns = f"{reader.noun}s" if reader else "rows"
    through = f"{run.done:,} of {run.total:,} {nouns}" if run.total else ""
    if run.state == State.CHECKING:
        return f"Looking through the file: {through or 'it begins'}"
    if run.state == State.WAITING:
        return "It begins as soon as a worker is free"
    if run.state == State.UNDOING:
        return f"Being undone: {run.changes.count():,} {nouns} are left"
    if run.state == State.RUNNING:
        if run.is_stop_asked:
            return f"It stops after this batch: {through}"
        silent = run.heard_at and timezone.now() - run.heard_at > LONGEST_SILENCE
        if silent:
            return f"Interrupted at {through}; it is gone on with shortly"
        return f"Read in: {through}"
    return through


def _problems(request: HttpRequest, run: ImportRun) -> Any:
    return Paginator(run.problems.all(), PROBLEMS_A_PAGE).get_page(request.GET.get("p"))


def _waiting(run: ImportRun) -> int:
    """How many returns that the file brought or changed are of orders that are not
    known."""
    rows = run.changes.filter(order_return__isnull=False)
    return rows.filter(order_return__order=None).count()


def _undo(run: ImportRun) -> UndoPreview | None:
    """Of a large run a part is looked at while somebody waits; a task looks at all of
    it before it undoes anything."""
    if not (has_way_back(run) and run.changes.exists()):
        return None
    return preview_undo(run, most=LOOKED_AT_HERE)
