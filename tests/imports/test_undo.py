"""A file that was read in can be taken back, as if it had never been read."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.imports.errors import UndoRefused, UndoUnderWay
from apps.imports.models import ImportRun
from apps.imports.services import undo as service
from apps.imports.services.changes import forget_erased, recorded
from apps.imports.services.log import last_read
from apps.imports.services.undo import preview_undo, undo
from apps.integrations.contracts import (
    OrderStatus,
    RemoteBuyer,
    RemoteOrder,
    Source,
)
from apps.inventory.services.verifying import verify
from apps.orders.models import (
    Buyer,
    Order,
    OrderAction,
    OrderEvent,
    OrderNote,
    OrderPayload,
    Package,
    ShippingDocument,
)
from apps.orders.services import editing
from apps.orders.services.cancellations import ingest_cancellations
from apps.orders.services.forgetting import empty_payloads, forget_buyer_of
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.returns import ingest_returns
from apps.orders.services.stock_proof import bookings_of_no_order, differing_orders
from apps.platforms.models import Shop
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.factories.aftersales import make_remote_cancellation, make_remote_return
from tests.factories.inventory import stock_of
from tests.factories.orders import (
    PLACED,
    make_action,
    make_remote_line,
    make_remote_order,
)
from tests.factories.users import make_user
from tests.orders.kept_rows import differences, records_of, rows_of
from tests.orders.shelves import OTHER_SKU, SKU, make_shelf, put_on_shelf

pytestmark = pytest.mark.django_db

BY = By(process="tests")
SHIPPED: dict[str, Any] = {
    "status": OrderStatus.IN_TRANSIT,
    "status_text": "Shipped",
    "shipped_at": PLACED + timedelta(hours=5),
}


def of_file(number: int = 1, **changes: Any) -> RemoteOrder:
    """As a file tells of an order: a handle and no version."""
    values: dict[str, Any] = {
        "buyer": RemoteBuyer(username=f"buyer_{number}")
    } | changes
    return make_remote_order(f"58000000000000000{number}", version=None, **values)


def of_api(number: int = 1, **changes: Any) -> RemoteOrder:
    values: dict[str, Any] = {
        "buyer": RemoteBuyer(remote_id=f"720000{number}")
    } | changes
    return make_remote_order(f"58000000000000000{number}", **values)


def make_run(shop: Shop, **fields: Any) -> ImportRun:
    values: dict[str, Any] = {
        "kind": ImportRun.Kind.ORDERS,
        "state": ImportRun.State.DONE,
        "file_name": "orders.csv",
        "file_hash": "f" * 64,
    }
    return ImportRun.objects.create(shop=shop, **values | fields)


def read_in(
    shop: Shop, *remotes: RemoteOrder, run: ImportRun | None = None, **fields: Any
) -> ImportRun:
    run = run or make_run(shop, **fields)
    recorded(run, shop, remotes, lambda: ingest_orders(shop, remotes, Source.FILE))
    return run


def all_of(shop: Shop) -> dict[str, Any]:
    return rows_of(shop, also=("testimony", "has_conflict")) | records_of(shop)


def check_stock(shop: Shop) -> None:
    assert list(differing_orders(shop)) == []
    assert bookings_of_no_order(shop) == []
    assert verify(shop.client).differences == []


@pytest.fixture
def shelf():
    return make_shelf()


@pytest.fixture
def shop(shelf):
    return shelf[0]


def why_of(run: ImportRun) -> list[tuple[str, str]]:
    return [(each.remote_id[-1], each.why) for each in preview_undo(run).dependent]


def test_orders_a_file_brought_go_with_all_that_is_theirs(shelf):
    shop, lamp = shelf
    line = make_remote_line(quantity=3, tracking_numbers=("TRACK1",))
    run = read_in(shop, of_file(lines=(line,)), of_file(2, **SHIPPED))
    assert stock_of(lamp) == (9, 3, 0, 0)

    result = undo(run, BY)

    assert (result.removed, result.restored, result.kept) == (2, 0, [])
    assert stock_of(lamp) == (10, 0, 0, 0)
    for model in (Order, OrderPayload, Package, Buyer):
        assert not model.objects.exists()
    check_stock(shop)
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDONE
    assert run.undone_at is not None
    assert not run.changes.exists()


def test_orders_that_were_known_are_as_they_were(shelf):
    shop, lamp = shelf
    ingest_orders(shop, [of_api()], Source.API)
    before = all_of(shop)
    line = make_remote_line(
        quantity=2, returned_quantity=1, tracking_numbers=("TRACK1",)
    )
    run = read_in(
        shop,
        of_file(lines=(line,), seller_note="Ring twice", warehouse="North", **SHIPPED),
    )
    assert stock_of(lamp) != (10, 1, 0, 0)
    assert preview_undo(run) == service.UndoPreview(restored=1, looked_at=1)

    result = undo(run, BY)

    assert (result.removed, result.restored) == (0, 1)
    assert differences(all_of(shop), before) == []
    assert stock_of(lamp) == (10, 1, 0, 0)
    check_stock(shop)
    event = OrderEvent.objects.get(kind=OrderEvent.Kind.CHANGED)
    assert event.text == "Back to what it was before “orders.csv” was read in"


def test_an_earlier_file_speaks_again(shop):
    first = of_file(seller_note="First", total_amount=Decimal("40.40"))
    read_in(shop, first)
    before = all_of(shop)
    later = of_file(
        lines=(make_remote_line(OTHER_SKU, unit_price="7"),),
        seller_note="Second",
        total_amount=Decimal("41.1234"),
        **SHIPPED,
    )
    run = read_in(shop, later)

    undo(run, BY)

    assert differences(all_of(shop), before) == []
    assert OrderPayload.objects.get().body == first.raw


def test_runs_are_undone_one_after_the_other(shop):
    first = read_in(shop, of_file(), file_name="first.csv")
    second = read_in(shop, of_file(**SHIPPED), of_file(2), file_name="second.csv")
    assert why_of(first) == [("1", "Another file changed it later: “second.csv”.")]

    undo(second, BY)
    assert why_of(first) == []
    undo(first, BY)

    assert not Order.objects.exists()


def test_what_the_run_changed_twice_goes_back_to_before_it(shop):
    ingest_orders(shop, [of_api()], Source.API)
    before = all_of(shop)
    run = read_in(shop, of_file(seller_note="One"))
    read_in(shop, of_file(seller_note="Two", **SHIPPED), run=run)
    assert run.changes.count() == 1

    undo(run, BY)

    assert differences(all_of(shop), before) == []


def test_what_says_nothing_new_is_no_change(shop):
    read_in(shop, of_file())
    again = read_in(shop, of_file())
    assert not again.changes.exists()
    with pytest.raises(UndoRefused, match="It has changed no order"):
        undo(again, BY)


def test_the_same_file_can_be_read_again(shop):
    run = read_in(shop, of_file())
    twin = make_run(shop)
    assert last_read(run) is not None
    twin.delete()

    undo(run, BY)
    assert last_read(run) is None
    again = read_in(shop, of_file())

    assert again.changes.count() == 1
    assert Order.objects.count() == 1
    check_stock(shop)


def test_a_buyer_of_other_orders_stays_and_learns_nothing(shop):
    ingest_orders(shop, [of_api()], Source.API)
    run = read_in(
        shop,
        of_file(),
        of_file(2, buyer=RemoteBuyer(username="buyer_1")),
    )
    buyer = Buyer.objects.get()
    assert (buyer.remote_id, buyer.username) == ("7200001", "buyer_1")

    undo(run, BY)

    buyer = Buyer.objects.get()
    assert (buyer.remote_id, buyer.username) == ("7200001", "")


def _note(shop, order):
    OrderNote.objects.create(order=order, text="Call them")


def _act(shop, order):
    make_action(order, OrderAction.Kind.SHIP)


def _label(shop, order):
    ShippingDocument.objects.create(
        package=order.packages.get(),
        kind=ShippingDocument.Kind.LABEL,
        content=b"%PDF",
        fetched_at=timezone.now(),
    )


def _return(shop, order):
    request = make_remote_return(order_id=order.remote_id)
    ingest_returns(shop, [request], Source.API)


def _cancel(shop, order):
    request = make_remote_cancellation(order_id=order.remote_id)
    ingest_cancellations(shop, [request], Source.API)


def _edit(shop, order):
    user = make_user("editor", clients=[shop.client])
    editing.edit(order, {"seller_note": "By hand"}, By(user))


def _news(shop, order):
    ingest_orders(shop, [of_api()], Source.API)


def _prefer(shop, order):
    Order.objects.filter(pk=order.pk).update(seller_note="Otherwise")


@pytest.mark.parametrize(
    ("happen", "why"),
    [
        (_note, "Somebody wrote a note."),
        (_act, "“Arrange shipping” was asked for."),
        (_label, "A label or slip was fetched."),
        (_return, "A return was asked for."),
        (_cancel, "A cancellation was asked for."),
        (_edit, "It was changed by hand."),
        (_news, "TikTok has told more of it since."),
        (_prefer, "It has changed since."),
    ],
)
def test_nothing_is_undone_while_something_depends_on_an_order(shop, happen, why):
    line = make_remote_line(tracking_numbers=("TRACK1",))
    run = read_in(shop, of_file(lines=(line,)), of_file(2))
    happen(shop, Order.objects.get(remote_id__endswith="1"))
    before = all_of(shop)

    assert why_of(run) == [("1", why)]
    with pytest.raises(UndoRefused, match="depends on 1 order of this import"):
        undo(run, BY)

    assert all_of(shop) == before
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE


def test_reading_an_order_again_is_nothing_that_depends(shop):
    run = read_in(shop, of_file())
    make_action(Order.objects.get(), OrderAction.Kind.PULL)
    assert undo(run, BY).removed == 1


def test_requests_that_came_before_the_order_wait_again(shop):
    request = make_remote_return(order_id=of_file().remote_id)
    ingest_returns(shop, [request], Source.API)
    run = read_in(shop, of_file(**SHIPPED), started_at=timezone.now())
    order = Order.objects.get()
    assert order.returns.count() == 1

    undo(run, BY)

    (left,) = shop.returns.all()
    assert left.order is None
    assert [line.order_line for line in left.lines.all()] == [None]


@pytest.mark.parametrize("is_swept", [False, True])
def test_nothing_of_an_erased_buyer_comes_back(shop, is_swept):
    first = of_file(
        buyer=RemoteBuyer(username="buyer_1", name="Aminah", phone="0123"),
        seller_note="For Aminah",
    )
    read_in(shop, first)
    run = read_in(
        shop,
        of_file(
            buyer=RemoteBuyer(username="buyer_1", name="Aminah", phone="0123"),
            seller_note="For Aminah",
            warehouse="North",
        ),
    )
    order = Order.objects.get()
    assert forget_erased() == 0
    forget_buyer_of(shop.pk, [order.pk])
    if is_swept:
        assert "Aminah" in json.dumps(run.changes.get().before)
        assert (forget_erased(), forget_erased()) == (1, 0)
        kept = json.dumps(run.changes.get().before)
        assert not any(word in kept for word in ("Aminah", "0123", "buyer_1"))

    undo(run, BY)

    order.refresh_from_db()
    assert order.warehouse == ""
    told = (order.recipient_name, order.recipient_phone, order.seller_note)
    assert told == ("", "", "")
    assert order.testimony["file"].keys() <= {"at", "silent"}
    payload = order.payloads.get()
    assert payload.body == {}
    assert payload.emptied_at is not None
    assert Buyer.objects.get().is_erased


def test_a_body_that_was_dropped_by_age_stays_away(shop):
    read_in(shop, of_file())
    run = read_in(shop, of_file(warehouse="North"))
    empty_payloads(timezone.now() + timedelta(days=1))

    undo(run, BY)

    assert OrderPayload.objects.get().body == {}
    assert Order.objects.get().warehouse == ""


def test_what_was_broken_off_is_gone_on_with(shop, monkeypatch):
    ingest_orders(shop, [of_api(3)], Source.API)
    run = read_in(shop, of_file(1), of_file(2), of_file(3, **SHIPPED))
    monkeypatch.setattr(service, "BATCH", 1)

    def stop(done: int, total: int) -> None:
        assert total == 3
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo(run, BY, on_progress=stop)
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDOING
    assert run.changes.count() == 2
    OrderNote.objects.create(
        order=Order.objects.get(remote_id__endswith="2"), text="Wait"
    )

    result = undo(run, BY)

    assert (result.removed, result.restored) == (0, 1)
    assert [each.why for each in result.kept] == ["Somebody wrote a note."]
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDONE
    assert set(Order.objects.values_list("remote_id", flat=True)) == {
        of_file(2).remote_id,
        of_file(3).remote_id,
    }
    OrderNote.objects.all().delete()
    assert undo(run, BY).removed == 1
    check_stock(shop)


def test_two_cannot_undo_at_once(shop):
    run = read_in(shop, of_file())
    run.state, run.heard_at = ImportRun.State.UNDOING, timezone.now()
    run.save()
    with pytest.raises(UndoUnderWay, match="being undone already"):
        undo(run, BY)
    assert Order.objects.exists()


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (ImportRun.Kind.MAPPING, "Matches are undone on the page of decisions"),
        (ImportRun.Kind.STOCK, "stock documents of a file are taken back"),
        (ImportRun.Kind.LIVE, "Only imports of orders, returns and products"),
    ],
)
def test_other_kinds_say_why_not(shop, kind, why):
    run = make_run(shop, kind=kind)
    for call in (preview_undo, lambda run: undo(run, BY)):
        with pytest.raises(UndoRefused, match=why):
            call(run)


def test_a_run_at_work_is_left_alone(shop):
    run = read_in(shop, of_file(), state=ImportRun.State.RUNNING)
    with pytest.raises(UndoRefused, match="once it has ended"):
        undo(run, BY)


def test_the_trail_says_who_did_it(shop):
    user = make_user("undoer", clients=[shop.client])
    run = read_in(shop, of_file())
    undo(run, By(user))

    run.refresh_from_db()
    assert run.undone_by == user
    entry = AuditEntry.objects.get(verb="undid an import")
    assert entry.actor == user
    assert entry.details == {
        "file": "orders.csv",
        "run": run.pk,
        "removed": 1,
        "restored": 0,
        "kept": 0,
    }


numbers = st.integers(1, 4)
Values = dict[str, Any]
statuses: st.SearchStrategy[Values] = st.sampled_from(
    [
        {"status": OrderStatus.TO_SHIP},
        SHIPPED,
        {
            "status": OrderStatus.CANCELLED,
            "status_text": "Cancelled",
            "cancelled_at": PLACED + timedelta(hours=7),
        },
        {
            "status": OrderStatus.COMPLETED,
            "status_text": "Completed",
            "shipped_at": PLACED + timedelta(hours=5),
        },
    ]
)
lines = st.lists(
    st.builds(
        lambda sku, units, price, back, number: make_remote_line(
            sku,
            quantity=units,
            unit_price=price,
            returned_quantity=min(back, units) if back else None,
            tracking_numbers=(number,) if number else (),
        ),
        st.sampled_from([SKU, OTHER_SKU]),
        st.integers(1, 3),
        st.sampled_from(["40", "7.5"]),
        st.integers(0, 2),
        st.sampled_from(["", "TRACK1", "TRACK2"]),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
extras: st.SearchStrategy[Values] = st.fixed_dictionaries(
    {},
    optional={
        "seller_note": st.sampled_from(["One", "Two"]),
        "warehouse": st.sampled_from(["North", "South"]),
        "total_amount": st.sampled_from([Decimal(40), Decimal("12.3456")]),
        "is_sample": st.booleans(),
    },
)


@st.composite
def told(draw: st.DrawFn, source: Source) -> RemoteOrder:
    number, values = draw(numbers), {**draw(statuses), **draw(extras)}
    values["lines"] = draw(lines)
    if source is Source.FILE:
        handle = "anna" if number < 3 else "ben"
        buyer = RemoteBuyer(username=handle, name=draw(st.sampled_from("AB")))
        return of_file(number, buyer=buyer, **values)
    version = draw(st.integers(1, 3))
    buyer = RemoteBuyer(remote_id="72001" if number < 3 else "72002")
    return of_api(number, version=version, buyer=buyer, **values)


@given(
    st.lists(told(Source.API), max_size=4),
    st.lists(told(Source.FILE), max_size=3),
    st.lists(told(Source.FILE), min_size=1, max_size=6),
    st.booleans(),
)
@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_undone_is_as_if_it_had_never_been_read(db, known, earlier, file, twice):
    shop, _ = make_shelf()
    put_on_shelf(shop, 10, OTHER_SKU, sku="OTHER")
    ingest_orders(shop, known, Source.API)
    ingest_orders(shop, earlier, Source.FILE)
    before = all_of(shop)
    packages = set(Package.objects.filter(shop=shop).values_list("tracking_number"))
    run = read_in(shop, *file)
    if twice:
        read_in(shop, *reversed(file), run=run)
    found = preview_undo(run)
    assert found.dependent == []

    if run.changes.exists():
        undo(run, BY)

    after = all_of(shop)
    assert [row["remote_id"] for row in after["orders"]] == [
        row["remote_id"] for row in before["orders"]
    ]
    # Two handles that the file showed to be one person's stay theirs.
    del after["buyers"], before["buyers"]
    assert differences(after, before) == []
    assert not Buyer.objects.filter(shop=shop, orders=None).exists()
    assert packages == set(
        Package.objects.filter(shop=shop).values_list("tracking_number")
    )
    check_stock(shop)


@pytest.fixture
def command(capsys):
    """Run the command; gives (exit code, stdout, stderr)."""

    def run(*words: object) -> tuple[object, str, str]:
        code: object = 0
        try:
            call_command("undo_import", *map(str, words))
        except SystemExit as end:
            code = end.code
        except CommandError as error:
            code = error.returncode
            return code, capsys.readouterr().out, str(error)
        return code, *capsys.readouterr()

    return run


def test_the_command_says_what_it_would_do_and_does_it(shop, command):
    run = read_in(shop, of_file(), of_file(2))
    code, out, _ = command(run.pk, "--dry-run", "--json")
    assert code == 0
    assert json.loads(out) == {
        "type": "summary",
        "written": False,
        "removed": 2,
        "restored": 0,
        "dependent": 0,
    }
    assert Order.objects.count() == 2

    code, out, _ = command(run.pk)
    assert code == 0
    assert "orders.csv |              2 |         0 |                0" in out
    assert not Order.objects.exists()


def test_the_command_names_what_depends(shop, command):
    run = read_in(shop, of_file())
    _note(shop, Order.objects.get())
    code, out, _ = command(run.pk, "--dry-run", "--json")
    assert code == 2
    assert json.loads(out.splitlines()[0]) == {
        "type": "dependent",
        "order": of_file().remote_id,
        "why": "Somebody wrote a note.",
    }
    code, _, err = command(run.pk)
    assert code == 2
    assert "Somebody wrote a note." in err
    assert command(10**6)[0] == 2
    run.state, run.heard_at = ImportRun.State.UNDOING, timezone.now()
    run.save()
    assert command(run.pk)[0] == 5


def test_older_news_that_tells_nothing_is_not_written_down(shop):
    first = read_in(shop, of_file(**SHIPPED))

    again = read_in(shop, of_file(), file_name="older.csv")

    assert not again.changes.exists()
    assert why_of(first) == []


def test_of_a_large_run_a_part_is_looked_at_while_somebody_waits(shop):
    run = read_in(shop, of_file(), of_file(2), of_file(3))

    found = preview_undo(run, most=2)

    assert (found.removed, found.looked_at, found.is_whole) == (3, 2, False)
    assert preview_undo(run, most=3).is_whole
