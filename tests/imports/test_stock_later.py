"""Stock files left to a task: kept until they are booked, whatever dies in between."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apps.imports import tasks
from apps.imports.models import ImportRun
from apps.imports.services import stock_later
from apps.imports.services.stock import begin, documents_of
from apps.imports.services.stock_files import KeptFile, packed, unpacked
from apps.imports.services.stock_later import due_runs, is_kept, leave
from apps.imports.tasks import book_stock_file
from apps.inventory.models import StockDocument, Warehouse
from apps.inventory.services import stock_import
from apps.inventory.services.csv_rows import read_file
from apps.inventory.services.documents import By
from apps.inventory.services.stock_rows import Mode, Options
from apps.users.models import AuditEntry
from tests.factories.inventory import NOBODY, make_warehouse, stock_of
from tests.factories.products import make_variant
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

State = ImportRun.State
FIVE = b"SKU,quantity\n" + b"".join(b"SKU-%d,4\n" % n for n in range(5))


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def variants(client):
    make_warehouse(client, "Main", is_default=True)
    return [make_variant(client=client, sku=f"SKU-{n}") for n in range(5)]


def file_of(client, data=FIVE, **options):
    told = Options(**{"mode": Mode.RECEIVE} | options)
    return KeptFile(client, "stock.csv", data, told, timezone.now())


def left(client, by=NOBODY, **more):
    run = leave(file_of(client), by, **more).run
    assert run is not None
    return run


def test_a_file_that_is_left_is_booked_by_the_task_once(client, variants):
    person = make_user(clients=[client])
    run = left(client, By(person, "203.0.113.7"))
    assert (run.state, run.rows, run.updated) == (State.RUNNING, 5, 0)
    assert not StockDocument.objects.exists()

    for _ in range(2):
        book_stock_file(run.pk)

    run.refresh_from_db()
    assert (run.state, run.updated) == (State.DONE, 5)
    assert [stock_of(variant)[0] for variant in variants] == [4] * 5
    assert not is_kept(run)
    entry = AuditEntry.objects.get(verb="imported stock")
    assert (entry.actor, entry.address) == (person, "203.0.113.7")


def test_left_twice_it_is_one_run(client, variants):
    runs = [left(client) for _ in range(2)]

    for run in runs:
        book_stock_file(run.pk)

    assert ImportRun.objects.get() == runs[0]
    assert stock_of(variants[0])[0] == 4


def test_a_worker_that_dies_is_followed_by_another(
    client, variants, storage, monkeypatch
):
    """Killed for good, so that it tells nobody; after the first of three documents."""
    monkeypatch.setattr(stock_import, "MOST_LINES", 2)
    run = left(client)
    (kept,) = [path for path in Path(storage).rglob("*") if path.is_file()]
    content = kept.read_bytes()
    monkeypatch.setattr(stock_later, "_show", _dies)
    with pytest.raises(SystemExit):
        book_stock_file(run.pk)
    monkeypatch.undo()
    ImportRun.objects.update(state=State.RUNNING)
    kept.write_bytes(content)

    monkeypatch.setattr(stock_import, "MOST_LINES", 2)
    book_stock_file(run.pk)

    run.refresh_from_db()
    assert run.state == State.DONE
    assert documents_of(run).count() == 3
    assert [stock_of(variant)[0] for variant in variants] == [4] * 5


def _dies(run, done):
    raise SystemExit


def test_the_sweep_wakes_what_nobody_works_at(client, variants, monkeypatch):
    sent: list[object] = []
    monkeypatch.setattr(book_stock_file, "delay", sent.append)
    run = left(client)

    assert tasks.sweep_stock_files() == 0  # it was only just left
    ImportRun.objects.update(started_at=timezone.now() - timedelta(minutes=6))
    assert tasks.sweep_stock_files() == 1

    assert sent == [run.pk]
    book_stock_file(run.pk)
    assert due_runs(timezone.now() + timedelta(hours=1)) == []


def test_a_run_of_the_command_is_not_the_sweeps(client, variants):
    """Its file is not here; whoever reads it again goes on with it."""
    file = file_of(client)
    rows = read_file(file.data)
    found = stock_import.examine(client, rows, file.options, file.at)
    begin(client, file.data, found, NOBODY, file.name)

    assert due_runs(timezone.now() + timedelta(hours=1)) == []


def test_a_file_that_was_booked_before_is_not_kept(client, variants, storage):
    book_stock_file(left(client).pk)

    result = leave(file_of(client), NOBODY)

    assert result.run is None
    assert result.earlier == StockDocument.objects.get()
    assert not [path for path in Path(storage).rglob("*") if path.is_file()]
    book_stock_file(left(client, again=True).pk)
    assert stock_of(variants[0])[0] == 8


def test_a_run_whose_warehouse_is_gone_ends_with_a_reason(client, variants):
    annex = make_warehouse(client, "Annex")
    run = leave(file_of(client, warehouse=annex), NOBODY).run
    assert run is not None
    Warehouse.objects.filter(pk=annex.pk).delete()

    book_stock_file(run.pk)

    run.refresh_from_db()
    assert run.state == State.FAILED
    assert "Warehouse" in run.first_error
    assert not StockDocument.objects.exists()


def test_all_that_was_said_of_a_file_is_kept(client):
    place = make_warehouse(client, "Annex")
    moment = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
    file = file_of(
        client, warehouse=place, moment=moment, mode=Mode.ADJUST, reason="lost"
    )

    again = unpacked(client, packed(file))

    assert again.options.print == file.options.print
    assert (again.data, again.at, again.name) == (file.data, file.at, file.name)
    assert (again.options.moment, again.options.reason) == (moment, "lost")
