"""The part of import_file that reads mapping files, and what it says."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.core.management.reporting import ExitCode, json_line, table
from apps.imports.services.mapping import MappingImport, import_mapping
from apps.orders.services.mapping import By
from apps.platforms.models import Shop
from apps.products.errors import FileUnusable
from apps.products.services.mapping_files import write_errors

SHOWN = 20


def run(command: BaseCommand, shop: Shop, path: Path, options: dict[str, Any]) -> None:
    """Import, tell, and end with the exit code that fits."""
    try:
        result = import_mapping(
            path.read_bytes(),
            [shop],
            By(process="import_file"),
            file_name=path.name,
            unlink_blank=options["unlink_blank"],
            dry_run=options["dry_run"],
            strict=options["strict"],
        )
    except FileUnusable as error:
        if options["json"]:
            command.stdout.write(json_line(type="refused", message=str(error)))
        else:
            command.stderr.write(command.style.ERROR(str(error)))
            command.stderr.write("Nothing was written.")
        raise SystemExit(int(ExitCode.USAGE)) from None
    _tell_problems(command, result, options)
    if result.refused:
        _write_errors(command, result, path)
    _tell_summary(command, result, options)
    if result.refused or result.left:
        raise SystemExit(int(ExitCode.PARTLY))


def _tell_problems(
    command: BaseCommand, result: MappingImport, options: dict[str, Any]
) -> None:
    if options["json"]:
        for row, why in result.refused:
            command.stdout.write(
                json_line(type="error", line=row.line, sku=row.sku_id, message=why)
            )
        for why in result.left:
            command.stdout.write(json_line(type="note", message=why))
        return
    for row, why in result.refused[:SHOWN]:
        command.stderr.write(command.style.ERROR(f"line {row.line}: {why}"))
    if len(result.refused) > SHOWN:
        more = len(result.refused) - SHOWN
        command.stderr.write(command.style.ERROR(f"… and {more} more"))
    for why in result.left[:SHOWN]:
        command.stderr.write(command.style.WARNING(why))


def _write_errors(command: BaseCommand, result: MappingImport, path: Path) -> None:
    target = path.with_name(f"{path.name}.errors.csv")
    try:
        with target.open("w", encoding="utf-8-sig", newline="") as stream:
            write_errors(stream, result.file, result.refused)
    except OSError as error:
        reason = f"The error file could not be written: {error.strerror}."
        command.stderr.write(command.style.WARNING(reason))
        return
    count = len(result.refused)
    command.stderr.write(
        f"{count} refused rows are in {target}; correct and re-import."
    )


def _tell_summary(
    command: BaseCommand, result: MappingImport, options: dict[str, Any]
) -> None:
    counts = result.examined.counts
    lines = sum(outcome.lines for outcome in result.outcomes.values())
    if options["json"]:
        command.stdout.write(
            json_line(
                type="summary",
                rows=len(result.file.rows),
                **counts,
                left=len(result.left),
                order_lines=lines,
                written=result.is_written,
            )
        )
        return
    numbers = (len(result.file.rows), *counts.values(), lines)
    header = ("Rows", *(name.capitalize() for name in counts), "Order lines linked")
    command.stdout.write(table(header, [numbers]))
    if options["dry_run"]:
        command.stdout.write("Dry run: nothing was written.")
    elif not result.is_written:
        command.stdout.write("Nothing was written, because rows are bad (--strict).")
    elif not (counts["new"] or counts["changed"]):
        command.stdout.write("Nothing has changed.")
    for outcome in result.outcomes.values():
        if outcome.batch is not None:
            command.stdout.write(
                f"It can be undone on the page of decisions, as no. {outcome.batch.pk}."
            )
