"""Returns files: the service and the command, and the same returns from the API."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.imports.models import ImportRun
from apps.imports.services import returns as service
from apps.imports.services.returns import import_returns
from apps.integrations.contracts import OrderStatus, ReturnKind, ReturnStatus, Source
from apps.integrations.tiktok.exports import FileRefused
from apps.orders.models import Order, Return, ReturnLine, UnknownWord
from apps.orders.services.returns import ingest_returns
from apps.users.models import AuditEntry
from tests.factories.aftersales import (
    ORDER_ID,
    SKU,
    make_remote_return,
    make_request_line,
    make_unit_line,
    make_units,
)
from tests.factories.inventory import stock_of
from tests.factories.orders import PLACED, make_remote_line
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.imports.exports import read_csv, write_csv
from tests.orders.shelves import make_shelf, tell

pytestmark = pytest.mark.django_db

RETURN_ID = "4036000000000000011"
ROW = {
    "Return Order ID": f"{RETURN_ID}\t",
    "Order ID": f"{ORDER_ID}\t",
    "Order Amount": "80.00",
    "SKU ID": f"{SKU}\t",
    "Seller SKU": "LAMP-30",
    "Product Name": "Rattan lamp",
    "SKU Name": "Natural",
    "Return Type": "Return and refund",
    "Time Requested": "25/09/2026 09:12:44",
    "Return Reason": "Item is damaged",
    # Of the line: two of 80 would be more than the whole order cost.
    "Return unit price": "80.00",
    "Return Quantity": "2",
    "Return Logistics Tracking ID": "RT600111",
    "Return Status": "Completed",
    "Return Sub Status": "",
    "Refund Time": "28/09/2026 00:30:00",
    "Dispute Status": "",
    "Buyer Note": "",
}


def row(**changes: str) -> dict[str, str]:
    names = {name.replace(" ", "_").casefold(): name for name in ROW}
    return ROW | {names[name]: text for name, text in changes.items()}


@pytest.fixture
def read(tmp_path):
    """Import rows into a shop."""

    def read(shop: Any, *rows: dict[str, str], **options: Any) -> Any:
        path = write_csv(tmp_path / "returns.csv", list(rows) or [ROW])
        return import_returns(shop, path, **options)

    return read


@pytest.fixture
def run(tmp_path, capsys):
    """Run the command over rows; gives (exit code, stdout, stderr)."""

    def run(shop: Any, *rows: dict[str, str], options: Any = ()) -> Any:
        path = write_csv(tmp_path / "returns.csv", list(rows) or [ROW])
        code: object = 0
        try:
            call_command(
                "import_file", "returns", str(path), f"--shop={shop.pk}", *options
            )
        except SystemExit as end:
            code = end.code
        except CommandError as error:
            code = error.returncode
        return code, *capsys.readouterr()

    return run


def tell_order(shop: Any) -> None:
    delivered = [OrderStatus.DELIVERED] * 2
    line = make_unit_line(*make_units(*delivered))
    tell(shop, status=OrderStatus.DELIVERED, paid_at=PLACED, lines=(line,))


def tell_return(shop: Any, **changes: Any) -> None:
    """As the API tells of the file's return: an item a row."""
    lines = tuple(make_request_line(unit, "40") for unit in ("U1", "U2"))
    values: dict[str, Any] = {"status": ReturnStatus.COMPLETE, "amount": "80"}
    remote = make_remote_return(RETURN_ID, lines=lines, **values | changes)
    ingest_returns(shop, [remote], Source.API)


def state_of(variant: Any) -> Any:
    """Return, order and stock, by what they say."""
    one = Return.objects.get()
    order = Order.objects.get()
    return (
        (one.kind, one.status, one.refund_amount, one.currency),
        (one.tracking_number, one.reason_text, one.refunded_at),
        sum(line.quantity for line in one.lines.all()),
        sum(line.refund_amount for line in one.lines.all()),
        {line.order_line and line.order_line.key for line in one.lines.all()},
        (order.return_state, order.refund_amount),
        stock_of(variant),
    )


def test_a_file_alone_makes_a_return_with_all_that_follows(read):
    shop, variant = make_shelf()
    tell_order(shop)

    result = read(shop)

    assert (result.outcome.new, result.failed, result.waiting) == (1, 0, 0)
    assert result.is_written
    one = Return.objects.get()
    assert (one.kind, one.status, one.status_text) == (
        Return.Kind.RETURN_AND_REFUND,
        Return.Status.COMPLETE,
        "Completed",
    )
    assert (one.source, one.order) == (Order.Source.FILE, Order.objects.get())
    assert one.remote_created_at == datetime(2026, 9, 25, 1, 12, 44, tzinfo=UTC)
    assert one.refunded_at == datetime(2026, 9, 27, 16, 30, tzinfo=UTC)
    assert (one.refund_amount, one.currency) == (Decimal(80), "MYR")
    line = one.lines.get()
    assert (line.quantity, line.refund_amount) == (2, Decimal(80))
    assert one.order is not None
    assert line.order_line == one.order.lines.get()
    assert one.order.return_state == Order.ReturnState.REFUNDED
    assert one.order.refund_amount == Decimal(80)
    # Two have left and are expected back.
    assert stock_of(variant) == (8, 0, 2, 0)
    entry = AuditEntry.objects.get(verb="imported returns")
    assert entry.target_id == str(shop.pk)


def test_file_and_api_come_to_the_same_in_any_order(read):
    """Also where the order comes last."""
    found = []
    for deeds in itertools.permutations([tell_order, tell_return, read]):
        Return.objects.all().delete()
        Order.objects.all().delete()
        shop, variant = make_shelf()
        for deed in deeds:
            deed(shop)
        read(shop)
        found.append(state_of(variant))
        one = Return.objects.get()
        assert one.source == Order.Source.API
        assert {line.unit_id for line in one.lines.all()} == {"U1", "U2"}

    assert all(each == found[0] for each in found)
    returned, told, units, amount, _, order, stock = found[0]
    assert returned == ("return_and_refund", "complete", Decimal(80), "MYR")
    assert told[:2] == ("RT600111", "Item is damaged")
    assert (units, amount) == (2, Decimal(80))
    assert order == ("refunded", Decimal(80))
    assert stock == (8, 0, 2, 0)


def test_the_file_alone_comes_to_what_the_api_alone_does(read):
    found = []
    for deed in (read, tell_return):
        Return.objects.all().delete()
        Order.objects.all().delete()
        shop, variant = make_shelf()
        tell_order(shop)
        deed(shop)
        state = state_of(variant)
        found.append((state[0], *state[2:]))

    assert found[0] == found[1]


def test_the_same_file_twice_changes_nothing(read):
    shop, variant = make_shelf()
    tell_order(shop)
    read(shop)
    rows = list(Return.objects.values()), list(ReturnLine.objects.values())
    before = state_of(variant)

    result = read(shop)

    outcome = result.outcome
    assert (outcome.new, outcome.updated, outcome.same) == (0, 0, 1)
    assert result.earlier == ImportRun.objects.earliest("pk").started_at
    assert (list(Return.objects.values()), list(ReturnLine.objects.values())) == rows
    assert state_of(variant) == before


def test_news_of_files_only_moves_forward(read):
    shop, variant = make_shelf()
    tell_order(shop)
    earlier = row(return_status="In process", refund_time="")

    read(shop, earlier)
    assert stock_of(variant) == (8, 0, 0, 0)
    assert Order.objects.get().return_state == Order.ReturnState.REQUESTED
    read(shop)
    result = read(shop, earlier)

    assert result.outcome.same == 1
    assert Return.objects.get().status == Return.Status.COMPLETE
    assert stock_of(variant) == (8, 0, 2, 0)


def test_a_file_does_not_take_back_what_the_api_said(read):
    shop, variant = make_shelf()
    tell_order(shop)
    tell_return(shop, status=ReturnStatus.REJECTED)

    read(shop)

    one = Return.objects.get()
    assert (one.status, one.source) == (Return.Status.REJECTED, Order.Source.API)
    assert one.tracking_number == "RT600111"
    assert stock_of(variant) == (8, 0, 0, 0)


def test_a_refund_alone_brings_no_goods_back(read):
    shop, variant = make_shelf()
    tell_order(shop)

    read(shop, row(return_type="Refund only"))

    assert Return.objects.get().kind == ReturnKind.REFUND
    assert Order.objects.get().refund_amount == Decimal(80)
    assert stock_of(variant) == (8, 0, 0, 0)


def test_a_return_waits_for_its_order(read):
    shop, variant = make_shelf()

    result = read(shop)

    assert result.waiting == 1
    note = result.problems[-1]
    assert note.message == (
        "1 return is of an order that is not known yet, and waits for it."
    )
    assert not note.is_error
    assert Return.objects.get().order is None
    tell_order(shop)
    assert Return.objects.get().order == Order.objects.get()
    assert Order.objects.get().return_state == Order.ReturnState.REFUNDED
    assert stock_of(variant) == (8, 0, 2, 0)


def test_an_orders_file_s_count_and_a_returns_file_are_not_added(read):
    """The order file counts units that came back, of whatever kind."""
    shop, variant = make_shelf()
    line = make_remote_line(SKU, quantity=2, returned_quantity=2)
    tell(shop, Source.FILE, status=OrderStatus.COMPLETED, lines=(line,))
    assert stock_of(variant) == (8, 0, 2, 0)

    read(shop)

    assert stock_of(variant) == (8, 0, 2, 0)


def test_words_nobody_knows_are_kept_and_told_once(read):
    shop, variant = make_shelf()
    tell_order(shop)

    read(shop, row(return_status="Haggling", return_type="Barter"))

    one = Return.objects.get()
    assert (one.status, one.status_text) == ("not_understood", "Haggling")
    assert (one.kind, one.kind_text) == ("not_understood", "Barter")
    assert not one.is_status_understood
    assert stock_of(variant) == (8, 0, 0, 0)
    assert set(UnknownWord.objects.values_list("kind", "text")) == {
        ("return_status", "Haggling"),
        ("return_kind", "Barter"),
    }


def test_a_dry_run_writes_nothing(read):
    shop, variant = make_shelf()
    tell_order(shop)

    result = read(shop, dry_run=True)

    assert (result.outcome.new, result.is_written) == (1, False)
    assert not Return.objects.exists()
    assert not ImportRun.objects.exists()
    assert stock_of(variant) == (8, 0, 0, 0)


BAD = row(return_order_id="4036000000000000022", return_quantity="none")


def test_one_bad_row_holds_nothing_else_up(read):
    shop = make_shop()

    result = read(shop, ROW, BAD)

    assert (result.outcome.new, result.failed) == (1, 1)
    run = ImportRun.objects.get()
    assert (run.kind, run.state) == ("returns", ImportRun.State.PARTLY)
    assert (run.rows, run.new, run.failed) == (2, 1, 1)
    assert run.first_error == "Return Quantity: “none” is not a whole number."


def test_strict_writes_nothing_if_a_row_is_bad(read):
    result = read(make_shop(), ROW, BAD, strict=True)

    assert not result.is_written
    assert not Return.objects.exists()


def test_a_refused_file_is_on_record(read):
    with pytest.raises(FileRefused):
        read(make_shop(), {"Return Order ID": "1"})

    run = ImportRun.objects.get()
    assert run.state == ImportRun.State.FAILED
    assert "Columns" in run.first_error or "columns" in run.first_error


def test_an_interrupted_import_goes_on_when_run_again(read, monkeypatch):
    shop = make_shop()
    rows = [row(return_order_id=f"40360000000000000{number}") for number in (11, 22)]
    monkeypatch.setattr(service, "BATCH", 1)

    def stop(done: int, total: int, so_far: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(shop, *rows, on_progress=stop)
    assert Return.objects.count() == 1
    assert ImportRun.objects.get().state == ImportRun.State.FAILED

    result = read(shop, *rows, user=make_user())

    assert (result.outcome.new, result.outcome.same) == (1, 1)


def test_what_cannot_be_stored_is_told(read, monkeypatch):
    shop = make_shop()
    plain = ingest_returns
    monkeypatch.setattr(
        service,
        "ingest_returns",
        lambda shop, batch, source: plain(
            shop, [replace(each, order_id="x" * 40) for each in batch], source
        ),
    )

    result = read(shop)

    assert result.failed == 1
    [error] = result.errors
    assert error.return_id == RETURN_ID
    assert "the order ID is missing or too long" in error.message


def test_the_command_prints_what_the_file_comes_to(run):
    shop, _ = make_shelf()
    tell_order(shop)

    code, out, _ = run(shop)

    assert code == 0
    rows = [line.split("|") for line in out.partition("\n\n")[0].splitlines()[1:]]
    found = {name.strip(): value.strip() for name, value in rows}
    assert (found["rows"], found["returns"], found["units"]) == ("1", "1", "2")
    assert (found["asked for"], found["refunded"]) == ("80.00", "80.00")
    assert found["kind return and refund"] == "1"
    assert found["status complete"] == "1"
    assert "New returns" in out


def test_the_command_again_says_that_nothing_has_changed(run):
    shop = make_shop()
    run(shop)

    code, out, _ = run(shop)

    assert code == 0
    assert "Nothing has changed." in out
    assert "This file was read before" in out


def test_the_command_names_bad_rows_and_writes_them_to_a_file(run, tmp_path):
    code, _, err = run(make_shop(), ROW, BAD)

    assert code == 3
    assert "line 3: Return Quantity: “none” is not a whole number." in err
    assert "(return 4036000000000000022)" in err
    [refused] = read_csv(tmp_path / "returns.csv.errors.csv")
    assert refused["Return Order ID"] == "4036000000000000022"
    assert refused["error"] == "Return Quantity: “none” is not a whole number."


def test_the_command_speaks_json(run):
    _, out, _ = run(make_shop(), ROW, BAD, options=["--json", "--dry-run"])

    *problems, summary = map(json.loads, out.splitlines())
    assert [each.get("return") for each in problems if each["type"] == "error"] == [
        "4036000000000000022"
    ]
    assert (summary["new"], summary["failed"], summary["waiting"]) == (1, 1, 1)
    assert (summary["refunded"], summary["written"]) == ("80.00", False)


def test_another_kind_of_file_is_sent_where_it_belongs(run):
    code, _, err = run(make_shop(), {"product_id": "1", "sku_id": "2"})

    assert code == 2
    assert "import it as products" in err
    assert "Nothing was written." in err
