"""The second step: what the file is, and what its columns mean."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.core.admin import ModelAdmin
from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.imports.admin.base import run_of
from apps.imports.admin.steps import step_of, steps
from apps.imports.models import ImportRun
from apps.imports.services.headings import aliases_of, remember
from apps.imports.services.kept import opened
from apps.imports.services.readers import READERS, Headings
from apps.imports.services.stages import ask_check
from apps.imports.tasks import check_file
from apps.integrations.tiktok.exports import FileRefused
from apps.integrations.tiktok.exports.headers import normalise
from apps.integrations.tiktok.exports.recognise import Recognised, recognise

DATES = (
    ("auto", "as the file tells, else as the shop's region writes them"),
    ("day-first", "day first: 05/11 is 5 November"),
    ("month-first", "month first: 05/11 is 11 May"),
)
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_FIRST_VALUES = 3
_LONGEST_VALUE = 40


def match(pages: ModelAdmin, request: HttpRequest, run_id: int) -> HttpResponse:
    """GET shows the columns; POST keeps what they mean and begins the dry run."""
    run = run_of(request, run_id, acts=True)
    if run is None:
        return pages.missing(request, str(run_id))
    if run.kind not in READERS or step_of(run) == "run":
        return redirect("admin:imports_importrun_run", run.pk)
    try:
        with opened(run) as path:
            assert run.shop is not None
            found = recognise(path, region=run.shop.region)
    except FileRefused as error:
        messages.error(request, error.message)
        return redirect("admin:imports_importrun_upload")
    if request.method == "POST":
        return _check(request, run, found)
    headings = READERS[run.kind].headings
    columns = _columns(run, found, headings)
    context = {
        "title": run.file_name,
        "run": run,
        "steps": steps("match", run),
        "found": found,
        "separator": _SEPARATORS.get(found.separator, found.separator),
        "known": [each for each in columns if each["is_ours"]],
        "others": [each for each in columns if not each["is_ours"]],
        "column_count": len(columns),
        "missing": _missing(columns, headings) if headings else [],
        "can_match": headings is not None,
        "choices": headings.columns if headings else [],
        "dates": DATES,
        "chosen_dates": run.options.get("dates") or _last_dates(run),
    }
    return pages.own_page(request, "imports/match.html", context)


def _check(request: HttpRequest, run: ImportRun, found: Recognised) -> HttpResponse:
    assert run.shop is not None
    dates = request.POST.get("dates", "auto")
    if dates not in dict(DATES):
        dates = "auto"
    try:
        ask_check(run, {"dates": dates})
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("admin:imports_importrun_preview", run.pk)
    if headings := READERS[run.kind].headings:
        chosen = _chosen(request, found, headings)
        remember(run.shop, ImportRun.Kind(run.kind), chosen)
    after_commit(check_file.delay, run.pk)
    return redirect("admin:imports_importrun_preview", run.pk)


def _chosen(
    request: HttpRequest, found: Recognised, headings: Headings
) -> dict[str, str]:
    """{heading: our column, or ""} of headings that are not ours anyway."""
    known = set(headings.by_name.values())
    told = {}
    for number, heading in enumerate(found.headings):
        value = request.POST.get(f"column-{number}")
        if value is not None and normalise(heading) not in headings.by_name:
            told[heading] = value if value in known else ""
    return told


def _columns(
    run: ImportRun, found: Recognised, headings: Headings | None
) -> list[dict[str, Any]]:
    assert run.shop is not None
    aliases = aliases_of(run.shop, ImportRun.Kind(run.kind))
    columns = []
    for number, heading in enumerate(found.headings):
        name = normalise(heading)
        ours = headings.by_name.get(name) if headings else None
        column = ours or aliases.get(name) or ""
        values = [row[number] for row in found.rows if number < len(row)]
        is_private = headings is not None and column in headings.private
        columns.append(
            {
                "number": number,
                "heading": " ".join(heading.split()),
                "is_ours": ours is not None,
                "column": column,
                "label": headings.title(ours) if headings and ours else "",
                "is_mandatory": headings is not None
                and column in (*headings.mandatory, *headings.either),
                "values": _shown(values, is_private=is_private),
            }
        )
    return columns


def _shown(values: list[str], *, is_private: bool) -> str:
    some = [" ".join(value.split())[:_LONGEST_VALUE] for value in values]
    some = list(dict.fromkeys(value for value in some if value))[:_FIRST_VALUES]
    if is_private:
        return "hidden: it is about buyers" if some else ""
    return " · ".join(some)


def _missing(columns: list[dict[str, Any]], headings: Headings) -> list[str]:
    there = {each["column"] for each in columns}
    missing = [headings.title(c) for c in headings.mandatory if c not in there]
    if there.isdisjoint(headings.either):
        missing.append(" or ".join(map(headings.title, headings.either)))
    return missing


def _last_dates(run: ImportRun) -> str:
    """As it was answered for the shop's last file of the kind."""
    rows = ImportRun.objects.filter(shop=run.shop, kind=run.kind).exclude(pk=run.pk)
    for options in rows.values_list("options", flat=True)[:10]:
        if isinstance(options, dict) and options.get("dates"):
            return str(options["dates"])
    return "auto"
