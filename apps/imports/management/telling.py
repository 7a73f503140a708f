"""What import_file says of any Seller Center file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.core.management.reporting import json_line
from apps.integrations.tiktok.exports import FileRefused, Problem

SHOWN = 20


def tell_refused(
    command: BaseCommand, error: FileRefused, options: dict[str, Any]
) -> None:
    """The file cannot be used at all."""
    if options["json"]:
        command.stdout.write(
            json_line(
                type="refused",
                line=error.line,
                column=error.column,
                message=error.message,
            )
        )
        return
    where = _where(error.line, error.column, error.message)
    command.stderr.write(command.style.ERROR(f"{where}{error.message}"))
    command.stderr.write("Nothing was written.")


def tell_problems(
    command: BaseCommand, problems: Sequence[Problem], options: dict[str, Any]
) -> None:
    """Errors first, then notes; at most 20 of each, unless programs listen."""
    if options["json"]:
        for problem in problems:
            command.stdout.write(json_line(**_fields(problem)))
        return
    styles = ((True, command.style.ERROR), (False, command.style.WARNING))
    for is_error, style in styles:
        shown = [p for p in problems if p.is_error is is_error]
        for problem in shown[:SHOWN]:
            where = _where(problem.line, problem.column, problem.message)
            whose = f" ({owner})" if (owner := _owner(problem)) else ""
            command.stderr.write(style(f"{where}{problem.message}{whose}"))
        if len(shown) > SHOWN:
            command.stderr.write(style(f"… and {len(shown) - SHOWN} more"))


def write_errors(
    command: BaseCommand, path: Path, write: Callable[[Path], int]
) -> None:
    """Beside the file: `write` puts the refused rows into what it is given."""
    target = path.with_name(f"{path.name}.errors.csv")
    try:
        rows = write(target)
    except OSError as error:
        reason = f"The error file could not be written: {error.strerror}."
        command.stderr.write(command.style.WARNING(reason))
        return
    command.stderr.write(f"{rows} refused rows are in {target}; correct and re-import.")


def _fields(problem: Problem) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "type": "error" if problem.is_error else "note",
        "line": problem.line,
        "column": problem.column,
        "order": problem.order_id,
        "message": problem.message,
    }
    if problem.return_id:
        fields["return"] = problem.return_id
    return fields | ({"product": problem.product_id} if problem.product_id else {})


def _owner(problem: Problem) -> str:
    if problem.order_id:
        return f"order {problem.order_id}"
    if problem.return_id:
        return f"return {problem.return_id}"
    return f"product {problem.product_id}" if problem.product_id else ""


def _where(line: int, column: str, message: str) -> str:
    """What goes before a message; most of them begin with the column already."""
    parts = [f"line {line}"] if line else []
    if column and not message.startswith(column):
        parts.append(f"column {column}")
    where = ", ".join(parts)
    return f"{where}: " if where else ""
