"""The part of import_file that reads stock, and what it says."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import ExitCode, Progress, json_line, table
from apps.imports.management.telling import SHOWN, write_errors
from apps.imports.services.stock import StockImport, import_stock
from apps.inventory.models import StockDocument, Warehouse
from apps.inventory.services.csv_rows import instant
from apps.inventory.services.csv_rows import write_errors as write_rows
from apps.inventory.services.documents import By
from apps.inventory.services.stock_rows import Mode, Options, Result, RowResult
from apps.platforms.management.shops import shop_named
from apps.platforms.models import Shop
from apps.products.errors import FileUnusable
from apps.products.management.clients import client_named
from apps.users.models import Client

BY = By(process="import_file")


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--client", metavar="ID|NAME", help="stock: whose it is, instead of --shop"
    )
    parser.add_argument(
        "--mode",
        choices=[mode.value for mode in Mode],
        default=Mode.COUNT.value,
        help="stock: what a quantity means where the row does not say: so many lay "
        "there (count), came in (receive), or are more or less (adjust)",
    )
    parser.add_argument(
        "--counted-at",
        metavar="MOMENT",
        help="stock: when it was counted or came in, as “2026-11-25 18:30”; else now",
    )
    parser.add_argument(
        "--time-zone", metavar="ZONE", help="stock: of moments; else the shop's, or UTC"
    )
    parser.add_argument(
        "--warehouse",
        metavar="ID|NAME",
        default="",
        help="stock: where rows that name none belong; else the default one",
    )
    parser.add_argument(
        "--reason",
        choices=StockDocument.Reason.values,
        default="",
        help="stock: why rows that are adjusted are, where they do not say",
    )
    parser.add_argument(
        "--again", action="store_true", help="stock: though the file was booked before"
    )


def run(command: BaseCommand, path: Path, options: dict[str, Any]) -> None:
    """Import, tell, and end with the exit code that fits."""
    client, shop = _whose(options)
    try:
        result = _import(command, client, shop, path, options)
    except FileUnusable as error:
        if options["json"]:
            command.stdout.write(json_line(type="refused", message=str(error)))
        else:
            command.stderr.write(command.style.ERROR(str(error)))
            command.stderr.write("Nothing was written.")
        raise SystemExit(int(ExitCode.USAGE)) from None
    except KeyboardInterrupt:
        command.stderr.write("\nInterrupted; whole documents are kept. Run it again.")
        raise SystemExit(int(ExitCode.INTERRUPTED)) from None
    _tell_rows(command, result, options)
    if refused := result.examined.refused:
        write_errors(command, path, lambda target: _write_to(target, result))
    _tell_summary(command, client, result, options)
    if refused:
        raise SystemExit(int(ExitCode.PARTLY))


def _whose(options: dict[str, Any]) -> tuple[Client, Shop | None]:
    """Raises CommandError (exit 2)."""
    if options["client"] and options["shop"]:
        raise CommandError(
            "Say --client or --shop, not both.", returncode=ExitCode.USAGE
        )
    if options["client"]:
        return client_named(options["client"]), None
    if options["shop"]:
        shop = shop_named(options["shop"])
        return shop.client, shop
    raise CommandError(
        "Say whose stock it is: --client NAME, or --shop NAME for its client.",
        returncode=ExitCode.USAGE,
    )


def _import(
    command: BaseCommand,
    client: Client,
    shop: Shop | None,
    path: Path,
    options: dict[str, Any],
) -> StockImport:
    quiet = options["json"] or options["no_progress"] or options["verbosity"] == 0
    progress = Progress(
        "import_file", f"client={client.pk}", command.stderr, quiet=quiet
    )
    result = import_stock(
        client,
        path.read_bytes(),
        _options(client, shop, options),
        BY,
        file_name=path.name,
        dry_run=options["dry_run"],
        strict=options["strict"],
        again=options["again"],
        on_progress=lambda done, total: progress.show(done, total, {}),
    )
    changed = result.examined.count(Result.CHANGED) if result.is_written else 0
    progress.finish(changed, changed, {})
    return result


def _options(client: Client, shop: Shop | None, options: dict[str, Any]) -> Options:
    """Moments are in the zone that is named, else the shop's, else UTC."""
    zone = ZoneInfo("UTC")
    try:
        if options["time_zone"]:
            zone = ZoneInfo(options["time_zone"])
        elif shop is not None:
            zone = shop.zone
        moment: datetime | None = None
        if options["counted_at"]:
            moment = instant(options["counted_at"], zone)
    except (KeyError, ValueError, OSError) as error:
        raise CommandError(str(error), returncode=ExitCode.USAGE) from error
    return Options(
        mode=Mode(options["mode"]),
        warehouse=_warehouse(client, options["warehouse"]),
        moment=moment,
        zone=zone,
        reason=options["reason"],
    )


def _warehouse(client: Client, name: str) -> Warehouse | None:
    if not name:
        return None
    known: list[Warehouse] = list(Warehouse.objects.filter(client=client))
    for each in known:
        if name == str(each.pk) or name.casefold() == each.name.casefold():
            return each
    names = ", ".join(f"{each.pk} {each}" for each in known) or "there is none yet"
    raise CommandError(
        f"No warehouse “{name}”. Known: {names}.", returncode=ExitCode.USAGE
    )


def _tell_rows(
    command: BaseCommand, result: StockImport, options: dict[str, Any]
) -> None:
    """Refused rows, then what is good to know of others; 20 of each for people."""
    refused = result.examined.of(Result.REFUSED)
    noted = [
        each
        for each in result.examined.rows
        if each.said and each.result != Result.REFUSED
    ]
    if options["json"]:
        for kind, rows in (("error", refused), ("note", noted)):
            for each in rows:
                command.stdout.write(_json_row(kind, each))
        return
    noted = [each for each in noted if each.result != Result.SAME]
    for rows, style in (
        (refused, command.style.ERROR),
        (noted, command.style.WARNING),
    ):
        for each in rows[:SHOWN]:
            command.stderr.write(style(f"line {each.row.line}: {each.said}"))
        if len(rows) > SHOWN:
            command.stderr.write(style(f"… and {len(rows) - SHOWN} more"))


def _json_row(kind: str, each: RowResult) -> str:
    return json_line(
        type=kind, line=each.row.line, sku=each.row.cell("sku"), message=each.said
    )


def _write_to(target: Path, result: StockImport) -> int:
    with target.open("w", encoding="utf-8-sig", newline="") as stream:
        return write_rows(stream, result.examined.file, result.examined.refused)


def _tell_summary(
    command: BaseCommand,
    client: Client,
    result: StockImport,
    options: dict[str, Any],
) -> None:
    counts = {each.value: result.examined.count(each) for each in Result}
    if options["json"]:
        command.stdout.write(
            json_line(
                type="summary",
                rows=len(result.examined.rows),
                **counts,
                documents=[document.pk for document in result.documents],
                earlier=result.earlier.pk if result.earlier else None,
                written=result.is_written,
            )
        )
        return
    header = ("Rows", *(name.capitalize() for name in counts))
    numbers = (len(result.examined.rows), *counts.values())
    command.stdout.write(table(header, [numbers]))
    command.stdout.write(_outcome(client, result, options))


def _outcome(client: Client, result: StockImport, options: dict[str, Any]) -> str:
    earlier = result.earlier
    told = ""
    if earlier is not None:
        told = (
            f"This file was booked on {earlier.created_at:%d %b %Y %H:%M} UTC, as "
            f"{earlier}. Book it again? Then say --again.\n"
        )
    if options["dry_run"]:
        return f"{told}Dry run: nothing was written."
    if earlier is not None:
        return f"{told}Nothing was written."
    if not result.is_written:
        return "Nothing was written, because rows are bad (--strict)."
    if not result.documents:
        return "Nothing has changed."
    return f"Booked into {client}: {', '.join(map(str, result.documents))}."
