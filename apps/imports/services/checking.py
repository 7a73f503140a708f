"""The dry run of an uploaded file: all of it is read and compared, nothing is written
but what was found."""

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.imports.models import ImportProblem, ImportRun
from apps.imports.services.inspecting import read_as
from apps.imports.services.kept import opened
from apps.imports.services.log import last_read
from apps.imports.services.readers import READERS, Opened
from apps.imports.services.stages import fail, take
from apps.integrations.tiktok.exports import FileRefused, Problem
from apps.integrations.tiktok.exports.reader import Dates

State = ImportRun.State
_KEPT = 1_000
# Where a problem of each kind names its item.
_ITEMS: dict[str, Any] = {
    ImportRun.Kind.ORDERS: "order_id",
    ImportRun.Kind.PRODUCTS: "product_id",
    ImportRun.Kind.RETURNS: "return_id",
    ImportRun.Kind.SETTLEMENT: "order_id",
    ImportRun.Kind.AFFILIATE: "order_id",
}


def check(run: ImportRun) -> None:
    """Check a file whose check was asked for; nothing where another worker does. It is
    CHECKED then, or FAILED where it cannot be used, with the reason."""
    if not take(run, State.CHECKING):
        return
    try:
        with opened(run) as path:
            _check(run, path)
    except FileRefused as error:
        fail(run, State.CHECKING, error.message)
    except Exception as error:
        fail(run, State.CHECKING, f"It broke off ({type(error).__name__}).")
        raise


def dates_of(run: ImportRun) -> Dates:
    """How people said that dates of a run's file are written."""
    told: Dates = run.options.get("dates", "auto")
    return told


def keep_problems(run: ImportRun, problems: list[Problem]) -> None:
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(
                run=run,
                line=problem.line,
                column=problem.column[:200],
                message=problem.message[:1000],
                item=problem_item(problem)[:64],
                is_error=problem.is_error,
            )
            for problem in problems
        ],
        batch_size=_KEPT,
    )


def _check(run: ImportRun, path: Path) -> None:
    assert run.shop is not None
    reader = READERS[run.kind]
    file = reader.open(run.shop, path, dates_of(run))
    counts = {"new": 0, "updated": 0, "same": 0}
    waiting = 0
    refused: list[Problem] = []
    items, done = file.items(), 0
    while batch := list(islice(items, reader.batch)):
        outcome = reader.preview(run.shop, batch)
        for name in counts:
            counts[name] += getattr(outcome, name)
        refused += refusals(run.kind, outcome.refused)
        waiting += reader.waiting(run.shop, batch)
        done += len(batch)
        mine = ImportRun.objects.filter(pk=run.pk, state=State.CHECKING, done=run.done)
        if not mine.update(heard_at=timezone.now(), done=done, total=file.total):
            return  # somebody else checks it now
        run.done = done
    _conclude(run, file, counts | {"waiting": waiting}, refused)


@transaction.atomic
def _conclude(
    run: ImportRun, file: Opened, counts: dict[str, int], refused: list[Problem]
) -> None:
    mine = ImportRun.objects.filter(pk=run.pk, state=State.CHECKING, done=run.done)
    if not mine.update(heard_at=timezone.now()):
        return  # somebody else checked it meanwhile
    run.problems.all().delete()
    keep_problems(run, file.problems + refused)
    earlier = last_read(run)
    assert run.shop is not None
    run.report = (
        _plain(file)
        | counts
        | {
            "read_as": read_as(run.shop, ImportRun.Kind(run.kind), dates_of(run)),
            "held_back": file.refused,
            "failed": file.refused + len(refused),
            "earlier": earlier.isoformat() if earlier else "",
        }
    )
    run.state = State.CHECKED
    run.rows, run.total, run.done = file.rows, file.total, 0
    run.save()


def problem_item(problem: Problem) -> str:
    """ID of the order, product or return a problem is of, or empty."""
    return problem.return_id or problem.product_id or problem.order_id


def as_problem(kind: str, row: ImportProblem) -> Problem:
    """A kept problem as it was found."""
    found = Problem(row.line, row.column, row.message, is_error=row.is_error)
    return _of_item(found, kind, row.item)


def refusals(kind: str, refused: list[tuple[str, str]]) -> list[Problem]:
    """What the shop's own data says against items, as problems of the file."""
    noun = READERS[kind].noun
    return [
        _of_item(Problem(0, "", f"The {noun} was refused: {why}."), kind, item)
        for item, why in refused
    ]


def _of_item(problem: Problem, kind: str, item: str) -> Problem:
    named: dict[str, Any] = {_ITEMS[kind]: item}
    return replace(problem, **named)


def _plain(file: Opened) -> dict[str, Any]:
    figures = [[name.replace("_", " "), str(n)] for name, n in file.figures.items()]
    return {
        "figures": figures,
        "unknown": list(file.unknown)[:200],
        "date_order": file.date_order,
        "is_date_order_told": file.is_date_order_told,
    }
