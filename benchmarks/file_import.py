"""Reading an orders file in, by the page's own services, against other ways.

The whole way is measured: the dry run, which reads and compares every row, then the
reading in, with what undoing needs written down, lines matched and stock reserved;
then both again with nothing new. The other ways, in the same run: the limit, the same
cells through the database's bulk door (COPY and ON CONFLICT on PostgreSQL, executemany
on SQLite) into bare tables of text with one key each, once one of orders and one of
lines with the payload as JSON, once one flat table with a column for each of the
file's, once tables like ours with the very rows that ours has written; and
django-import-export as it comes, where it is installed: the first 2,000 rows into one
flat table, and into our tables of orders, lines and payloads (without buyers, packages,
matches, stock, or a way back).

Prints rows a second of CPU (ours and, on this machine, the database's) and of the
clock, ratios of CPU, which who else is at work does not change, and the peak of memory
above idle. Uses DATABASE_URL, else SQLite in a file.

    .venv/bin/python benchmarks/file_import.py [rows]
"""

import csv
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.conf import settings
from django.db import connection, models
from django.test.utils import setup_databases, teardown_databases

from apps.imports.models import ImportRun
from apps.imports.services.checking import check
from apps.imports.services.kept import keep
from apps.imports.services.running import read_in
from apps.imports.services.stages import ask_check, ask_start
from apps.imports.services.undo import preview_undo, undo
from apps.orders.models import Order, OrderLine, OrderPayload
from apps.platforms.models import Shop
from apps.users.services.audit import By
from benchmarks.order_ingest import make_shop, stock_shelves
from benchmarks.parts.bulk_door import (
    create_bare_tables,
    drop_twins,
    into_one_flat_table,
    make_twins,
    newest_keys,
    the_same_rows,
    through_the_bulk_door,
)
from benchmarks.parts.orders_file import HEADER, write_file

ROWS = 20_000
SAMPLE = 2_000
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU and of the clock."""

    cpu: float
    clock: float

    def __add__(self, other: Self) -> Self:
        return type(self)(self.cpu + other.cpu, self.clock + other.clock)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    # An order is in one shop of a client alone.
    shop, other = make_shop("1"), make_shop("2", "Another client")
    stock_shelves(shop)
    with TemporaryDirectory() as folder:
        settings.MEDIA_ROOT = folder
        path = Path(folder) / "orders.csv"
        write_file(path, 2_000)
        import_it(other, path)  # what is loaded once is no cost of a file
        size = write_file(path, rows) / 2**20
        print(f"{connection.vendor}, {rows:,} rows, {size:.0f} MB", flush=True)
        before = newest_keys()
        idle = memory("VmRSS")
        forget_peak()
        costs, run = import_it(shop, path)
        above = (memory("VmHWM") - idle) / 2**20
        whole = costs["dry run"] + costs["read in"]
        for name, cost in (costs | {"the whole way": whole}).items():
            tell(name, rows, cost)
        print(f"  memory above idle: {above:.0f} MB of {idle / 2**20:.0f} MB")
        twins = make_twins(before)
        again, _ = import_it(shop, path)
        for name, cost in again.items():
            tell(f"{name}, unchanged", rows, cost)
        flat = cost_of(lambda: into_one_flat_table(path))
        tell("bulk door, flat", rows, flat)
        bulk = cost_of(lambda: through_the_bulk_door(path))
        tell("bulk door", rows, bulk)
        same = cost_of(lambda: the_same_rows(path, twins))
        tell(f"{sum(len(each.rows) for each in twins):,} same rows", rows, same)
        drop_twins(twins)
        bulk_again = cost_of(lambda: through_the_bulk_door(path))
        tell("bulk door, unchanged", rows, bulk_again)
        ratio("read in : bulk door", bulk, costs["read in"])
        ratio("whole way : bulk door", bulk, whole)
        ratio("read in : the same rows", same, costs["read in"])
        ratio("unchanged : bulk door", bulk_again, again["read in"])
        ratio("read in : bulk door, flat", flat, costs["read in"])
        if find_spec("import_export") is None:
            print("  import-export is not installed, so it is left out")
        else:
            sample = by_import_export(path)
            tell("import-export", SAMPLE, sample)
            others = Cost(sample.cpu * rows / SAMPLE, sample.clock * rows / SAMPLE)
            ratio("read in : import-export, flat", others, costs["read in"])
            ratio("whole way : import-export, flat", others, whole)
            sample = by_import_export_whole(other, path)
            tell("import-export, ours", SAMPLE, sample)
            ours = Cost(sample.cpu * rows / SAMPLE, sample.clock * rows / SAMPLE)
            ratio("read in : import-export, ours", ours, costs["read in"])
            ratio("whole way : import-export, ours", ours, whole)
        for name, cost in take_back(run).items():
            tell(name, rows, cost)


def ratio(name: str, other: Cost, ours: Cost) -> None:
    """How many times as fast ours is."""
    print(f"  {name} = {other.cpu / ours.cpu:.2f}", flush=True)


def tell(name: str, rows: int, cost: Cost) -> None:
    per_second = f"{rows / cost.cpu:>10,.0f} rows/s"
    told = f"{per_second}{cost.cpu:>8.1f} s CPU{cost.clock:>8.1f} s"
    print(f"  {name:<22}{told}", flush=True)


def cost_of(work: Callable[[], Any]) -> Cost:
    cpu, clock = cpu_seconds(), time.perf_counter()
    work()
    return Cost(cpu_seconds() - cpu, time.perf_counter() - clock)


def cpu_seconds() -> float:
    """This process's, and that of the database's which works for it."""
    seconds = time.process_time()
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
        if stat.exists():
            user, system = stat.read_text().rpartition(")")[2].split()[11:13]
            seconds += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return seconds


def memory(what: str) -> int:
    """Bytes this process holds (VmRSS), or has held at most (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    line = next(each for each in status.splitlines() if each.startswith(what))
    return int(line.split()[1]) * 1024


def forget_peak() -> None:
    """Making the database took more than any file does."""
    Path("/proc/self/clear_refs").write_text("5")


def import_it(shop: Shop, path: Path) -> tuple[dict[str, Cost], ImportRun]:
    """As the page does it, without the page."""
    run = keep(shop, ImportRun.Kind.ORDERS, path.name, path)
    ask_check(run, {})
    costs = {"dry run": cost_of(lambda: check(run))}
    if not run.report["failed"]:
        ask_start(run)
    costs["read in"] = cost_of(lambda: read_in(run))
    if run.state != ImportRun.State.DONE:
        raise SystemExit(f"The run is {run.state}: {run.first_error} {run.report}")
    return costs, run


def take_back(run: ImportRun) -> dict[str, Cost]:
    looked = cost_of(lambda: preview_undo(run))
    by = By(process="benchmark")
    return {"undo, looked at": looked, "undo": cost_of(lambda: undo(run, by))}


def flat_model() -> type[models.Model]:
    """One row of the file, as import-export is usually set up. Made late: databases
    are made with a table for each model there is."""
    cells = {f"cell_{n}": models.TextField(blank=True) for n in range(len(HEADER))}
    meta = type("Meta", (), {"app_label": "imports"})  # some app it must be of
    key = models.CharField(max_length=80, unique=True)
    return type(
        "FlatRow",
        (models.Model,),
        {"__module__": __name__, "Meta": meta, "key": key, **cells},
    )


def by_import_export(path: Path) -> Cost:
    """Of the first rows."""
    tablib = import_module("tablib")
    resources = import_module("import_export.resources")
    model = flat_model()
    with connection.schema_editor() as editor:
        editor.create_model(model)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(islice(csv.reader(stream), 1, SAMPLE + 1))
    names = ["key", *(f"cell_{number}" for number in range(len(HEADER)))]
    data = tablib.Dataset(
        *[(f"{row[0].strip()}-{row[5].strip()}", *row) for row in rows], headers=names
    )
    kind = resources.modelresource_factory(
        model, meta_options={"import_id_fields": ["key"], "exclude": ["id"]}
    )
    cost = cost_of(lambda: kind().import_data(data, raise_errors=True))
    with connection.schema_editor() as editor:
        editor.delete_model(model)
    return cost


def by_import_export_whole(shop: Shop, path: Path) -> Cost:
    """Of the first rows, into a shop that has none of them."""
    Order.objects.filter(shop=shop).delete()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        read = csv.DictReader(stream)
        rows = [{k: v.strip() for k, v in row.items()} for row in islice(read, SAMPLE)]
    firsts = {row["Order ID"]: row for row in rows}

    def work() -> None:
        import_rows(
            Order, ["shop", "remote_id"], [_order(shop, o) for o in firsts.values()]
        )
        found = Order.objects.filter(shop=shop, remote_id__among=firsts)
        keys = dict(found.values_list("remote_id", "pk"))
        import_rows(OrderLine, ["order", "key"], [_line(keys, row) for row in rows])
        payloads = [_payload(keys, row) for row in firsts.values()]
        import_rows(OrderPayload, ["order", "source"], payloads)

    return cost_of(work)


def import_rows(
    model: type[models.Model], key: list[str], rows: list[dict[str, Any]]
) -> None:
    resources = import_module("import_export.resources")
    names = list(rows[0])
    kind = resources.modelresource_factory(
        model, meta_options={"import_id_fields": key, "fields": names}
    )
    data = import_module("tablib").Dataset(
        *[list(row.values()) for row in rows], headers=names
    )
    kind().import_data(data, raise_errors=True)


def _order(shop: Shop, row: dict[str, str]) -> dict[str, Any]:
    placed = datetime.strptime(row["Created Time"], "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007
    return {
        "shop": shop.pk,
        "remote_id": row["Order ID"],
        "status": "to_ship",
        "status_text": row["Order Status"],
        "currency": shop.currency,
        "placed_at": f"{placed:%Y-%m-%d %H:%M:%S}",
        "total_amount": row["Order Amount"],
        "warehouse": row["Warehouse Name"],
        "payment_method": row["Payment Method"],
    }


def _line(keys: dict[str, int], row: dict[str, str]) -> dict[str, Any]:
    return {
        "order": keys[row["Order ID"]],
        "key": row["SKU ID"],
        "position": 1,
        "remote_sku_id": row["SKU ID"],
        "seller_sku": row["Seller SKU"],
        "product_name": row["Product Name"],
        "quantity": row["Quantity"],
        "unit_price": row["SKU Unit Original Price"],
        "original_amount": row["SKU Subtotal Before Discount"],
        "platform_discount_amount": row["SKU Platform Discount"],
        "seller_discount_amount": row["SKU Seller Discount"],
        "amount": row["SKU Subtotal After Discount"],
    }


def _payload(keys: dict[str, int], row: dict[str, str]) -> dict[str, Any]:
    return {
        "order": keys[row["Order ID"]],
        "source": "file",
        "body": json.dumps(row),
        "content_hash": row["Order ID"],
        "received_at": "2026-11-20 00:00:00",
    }


if __name__ == "__main__":
    with TemporaryDirectory() as home:
        if connection.vendor == "sqlite":
            # In memory it would count as ours.
            connection.settings_dict["TEST"]["NAME"] = f"{home}/benchmark.sqlite3"
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            create_bare_tables()
            main()
        finally:
            teardown_databases(databases, verbosity=0)
