"""What people do to stock, written down and booked."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.inventory.errors import DocumentRefused, OutOfStock, StockRefuses
from apps.inventory.models import (
    OversellIncident,
    StockDocument,
    StockMovement,
    StockNews,
)
from apps.inventory.services.documents import (
    By,
    Deed,
    Line,
    book_document,
    effects_of,
    preview_document,
    send_out,
    take_back,
)
from apps.inventory.services.places import default_warehouse
from apps.inventory.services.verifying import verify
from apps.products.models import BundleComponent, Variant
from apps.users.models import AuditEntry
from tests.factories.inventory import (
    COUNTED,
    NOBODY,
    count,
    level_of,
    make_document,
    make_warehouse,
    receive,
    stock_of,
)
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_product, make_variant
from tests.inventory.pages import sell
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

Kind = StockDocument.Kind


def everything():
    models = (StockDocument, StockMovement)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


@pytest.fixture
def variant():
    """Ten of it were received."""
    variant = make_variant(sku="LAMP-30")
    receive(variant, 10)
    return variant


def deed(variant, kind=Kind.RECEIPT, units=5, **changes):
    lines = changes.pop("lines", [Line(variant, units)])
    place = changes.pop("warehouse", None) or default_warehouse(variant.client_id)
    return Deed(kind, place, lines, **changes)


@pytest.mark.parametrize(
    ("kind", "units", "outcome", "stock"),
    [
        (Kind.RECEIPT, 5, "", (15, 0, 0, 0)),
        (Kind.ADJUSTMENT, 2, "", (12, 0, 0, 0)),
        (Kind.ADJUSTMENT, -12, "", (-2, 0, 0, 0)),
        (Kind.COUNT, 4, "", (4, 0, 0, 0)),
        (Kind.QUARANTINE, 3, "", (7, 0, 0, 3)),
        (Kind.HOLD, 4, "", (10, 4, 0, 0)),
        (Kind.INSPECTION, 2, "sellable", (12, 0, 0, 0)),
        (Kind.INSPECTION, 2, "quarantined", (10, 0, 0, 2)),
        (Kind.INSPECTION, 2, "written_off", (10, 0, 0, 0)),
    ],
)
def test_each_kind_does_what_it_says_and_can_be_taken_back(
    variant, kind, units, outcome, stock
):
    document = make_document(kind, {variant: units}, outcome=outcome, reason="other")
    assert stock_of(variant) == stock
    assert not verify()

    take_back(document, NOBODY)
    assert stock_of(variant) == (10, 0, 0, 0)
    document.refresh_from_db()
    assert document.state == StockDocument.State.REVERSED
    assert not verify()

    before = everything()
    assert take_back(document, NOBODY) == []
    assert everything() == before


def test_a_transfer_moves_goods_and_opens_where_they_go(variant):
    other = make_warehouse(variant.client)

    document = make_document(Kind.TRANSFER, {variant: 4}, to_warehouse=other)

    assert stock_of(variant) == (6, 0, 0, 0)
    assert stock_of(variant, other) == (4, 0, 0, 0)
    assert level_of(variant, other).is_counted
    take_back(document, NOBODY)
    assert (stock_of(variant)[0], stock_of(variant, other)[0]) == (10, 0)


@pytest.mark.parametrize("kind", [Kind.TRANSFER, Kind.HOLD])
def test_a_transfer_or_a_hold_takes_no_more_than_is_available(variant, kind):
    other = make_warehouse(variant.client) if kind == Kind.TRANSFER else None
    make_document(Kind.HOLD, {variant: 8})
    before = everything()

    with pytest.raises(OutOfStock, match="LAMP-30 in Main warehouse: 2 available, 3"):
        make_document(kind, {variant: 3}, to_warehouse=other)

    assert everything() == before
    make_document(kind, {variant: 2}, to_warehouse=other)
    assert level_of(variant).available == 0


def test_what_was_held_leaves_when_it_is_sent_out(variant):
    """Also where somebody counted it in between."""
    document = make_document(Kind.HOLD, {variant: 4}, effective_at=COUNTED)
    count(variant, 9, effective_at=COUNTED + timedelta(days=1))

    movements = send_out(document, NOBODY)

    assert stock_of(variant) == (5, 0, 0, 0)
    assert len(movements) == 1
    assert send_out(document, NOBODY) == []
    assert not verify()
    take_back(document, NOBODY)
    assert stock_of(variant) == (9, 0, 0, 0)
    with pytest.raises(StockRefuses, match="Only what is held"):
        send_out(document, NOBODY)
    assert not verify()


def test_only_a_hold_is_sent_out(variant):
    receipt = receive(variant, 1)
    before = everything()

    with pytest.raises(StockRefuses, match="Only what is held"):
        send_out(receipt, NOBODY)

    assert everything() == before


def test_quarantine_gives_back_what_it_holds_and_no_more(variant):
    make_document(Kind.QUARANTINE, {variant: 3})
    before = everything()

    with pytest.raises(StockRefuses, match="Fewer of LAMP-30 are in quarantine"):
        make_document(Kind.QUARANTINE, {variant: -4})

    assert everything() == before
    make_document(Kind.QUARANTINE, {variant: -2})
    assert stock_of(variant) == (9, 0, 0, 1)


def test_what_left_quarantine_cannot_be_taken_back_into_nothing(variant):
    document = make_document(Kind.QUARANTINE, {variant: 3})
    make_document(Kind.QUARANTINE, {variant: -2})
    before = everything()

    with pytest.raises(StockRefuses):
        take_back(document, NOBODY)

    assert everything() == before


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.ADJUSTMENT, Kind.COUNT])
def test_without_what_opened_it_nobody_has_said_how_much_there_is(kind):
    """Else shops would be told a 0 that nobody meant."""
    chair = make_variant(sku="CHAIR")
    opened = make_document(kind, {chair: 8}, reason="found")
    StockNews.objects.all().delete()

    take_back(opened, NOBODY)

    assert stock_of(chair) == (0, 0, 0, 0)
    assert not level_of(chair).is_counted
    assert [news.variant for news in StockNews.objects.all()] == [chair]
    assert not verify()


@pytest.mark.parametrize("other", [Kind.RECEIPT, Kind.COUNT])
def test_what_another_document_opened_stays_open(variant, other):
    chair = make_variant(variant.product, "CHAIR")
    first = receive(chair, 3)
    make_document(other, {chair: 5}, effective_at=COUNTED + timedelta(days=1))

    take_back(first, NOBODY)

    assert level_of(chair).is_counted


def test_a_level_that_nobody_counts_any_more_is_short_of_nothing(variant):
    order = sell(variant, 12, shop=make_shop(variant.client), remote_id="5801")
    assert level_of(variant).short == 2

    take_back(StockDocument.objects.get(), NOBODY)

    assert stock_of(variant) == (0, 12, 0, 0)
    assert level_of(variant).short == 0
    assert not OversellIncident.objects.open().exists()
    assert order.lines.count() == 1
    assert not verify()


def test_the_same_key_is_the_same_deed(variant):
    first = book_document(variant.client, deed(variant, key="note-7"), NOBODY)
    before = everything()

    again = book_document(variant.client, deed(variant, key="note-7"), NOBODY)

    assert again.document == first.document
    assert (len(first.movements), again.movements) == (1, [])
    assert everything() == before
    take_back(first.document, NOBODY)
    book_document(variant.client, deed(variant, key="note-7"), NOBODY)
    assert stock_of(variant)[0] == 10


def test_a_name_is_not_taken_by_another_kind_of_deed(variant):
    book_document(variant.client, deed(variant, key="note-7"), NOBODY)
    before = everything()

    with pytest.raises(DocumentRefused, match="is called so already") as caught:
        book_document(variant.client, deed(variant, Kind.HOLD, 1, key="note-7"), NOBODY)

    assert [fault.field for fault in caught.value.faults] == ["key"]
    assert everything() == before


def test_a_deed_that_stands_is_given_even_if_it_could_not_be_done_now(variant):
    place = make_warehouse(variant.client)
    receipt = deed(variant, key="note-7", warehouse=place)
    first = book_document(variant.client, receipt, NOBODY)
    place.is_active = False
    place.save()

    assert book_document(variant.client, receipt, NOBODY).document == first.document


def test_a_key_is_the_client_s_own(variant):
    other = make_variant()
    book_document(variant.client, deed(variant, key="note-7"), NOBODY)

    assert book_document(other.client, deed(other, key="note-7"), NOBODY).movements


def test_a_preview_tells_each_level_before_and_after_and_writes_nothing(variant):
    other = make_warehouse(variant.client)
    transfer = deed(variant, Kind.TRANSFER, 4, to_warehouse=other)
    before, events = everything(), AuditEntry.objects.count()

    effects = preview_document(variant.client, transfer, NOBODY)

    assert sorted(
        (each.warehouse.name, each.before.on_hand, each.after.on_hand)
        for each in effects
    ) == sorted([("Main warehouse", 10, 6), (other.name, 0, 4)])
    assert everything() == before
    assert AuditEntry.objects.count() == events
    booked = book_document(variant.client, transfer, NOBODY)
    assert effects_of(booked.movements) == effects


def test_two_lines_of_one_sku_add_up(variant):
    lines = [Line(variant, 2, note="red box"), Line(variant, 3)]

    booked = book_document(variant.client, deed(variant, lines=lines), NOBODY)

    assert stock_of(variant)[0] == 15
    (effect,) = effects_of(booked.movements)
    assert (effect.before.on_hand, effect.after.on_hand) == (10, 15)


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_written(variant):
    stranger = make_variant()
    bundle = make_bundle({variant: 2}, "SET-2")
    closed = make_warehouse(variant.client, "Klang", is_active=False)
    before = everything()

    with pytest.raises(DocumentRefused) as caught:
        book_document(
            variant.client,
            deed(
                variant,
                lines=[Line(stranger, 1), Line(bundle, 1), Line(variant, 0)],
                warehouse=closed,
                effective_at=timezone.now() + timedelta(days=1),
            ),
            NOBODY,
        )

    found = [(fault.field, fault.row) for fault in caught.value.faults]
    assert found == [
        ("warehouse", None),
        ("effective_at", None),
        ("variant", 0),
        ("variant", 1),
        ("quantity", 2),
    ]
    assert "SET-2 is a bundle" in str(caught.value)
    assert stranger.sku not in str(caught.value)
    assert everything() == before


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (Kind.TRANSFER, {}, "to_warehouse"),
        (Kind.ADJUSTMENT, {}, "reason"),
        (Kind.RECEIPT, {"lines": []}, "lines"),
        (Kind.RECEIPT, {"units": -1}, "quantity"),
        (Kind.COUNT, {"units": -1}, "quantity"),
        (Kind.INSPECTION, {}, "outcome"),
        (Kind.RECEIPT, {"units": 10_000_001}, "quantity"),
        (Kind.RECEIPT, {"outcome": "sellable"}, "outcome"),
    ],
)
def test_what_does_not_hold_is_named_by_its_field(variant, kind, changes, field):
    outcome = changes.pop("outcome", "")
    if outcome:
        changes["lines"] = [Line(variant, 1, outcome)]

    with pytest.raises(DocumentRefused) as caught:
        book_document(variant.client, deed(variant, kind, **changes), NOBODY)

    assert [fault.field for fault in caught.value.faults] == [field]


def test_only_a_transfer_goes_somewhere(variant):
    annex = make_warehouse(variant.client, "Annex")

    with pytest.raises(DocumentRefused, match="Only a transfer goes somewhere"):
        book_document(variant.client, deed(variant, to_warehouse=annex), NOBODY)

    assert stock_of(variant)[0] == 10


def test_a_stock_take_is_never_of_a_moment_to_come(variant):
    """Other clocks may be ahead a little; what was shipped in that time would be lost
    in a count."""
    soon = timezone.now() + timedelta(minutes=2)

    book_document(variant.client, deed(variant, effective_at=soon), NOBODY)
    with pytest.raises(DocumentRefused, match="still to come"):
        count(variant, 3, effective_at=soon)

    assert stock_of(variant)[0] == 15


def test_a_sku_is_counted_once_in_a_stock_take(variant):
    lines = [Line(variant, 2), Line(variant, 3)]

    with pytest.raises(DocumentRefused, match="counted twice"):
        book_document(variant.client, deed(variant, Kind.COUNT, lines=lines), NOBODY)


def test_what_lay_there_before_it_was_a_bundle_can_be_taken_out(variant):
    """And nothing else be done to it."""
    bulb = make_variant(variant.product, "BULB")
    BundleComponent.objects.create(bundle=variant, component=bulb, quantity=2)
    Variant.objects.filter(pk=variant.pk).update(is_bundle=True)
    variant.refresh_from_db()

    for kind, units in [(Kind.RECEIPT, 1), (Kind.ADJUSTMENT, 1), (Kind.COUNT, 1)]:
        with pytest.raises(DocumentRefused, match="by counting 0"):
            make_document(kind, {variant: units}, reason="found")
    make_document(Kind.ADJUSTMENT, {variant: -4}, reason="correction")
    assert stock_of(variant)[0] == 6
    count(variant, 0)

    assert stock_of(variant) == (0, 0, 0, 0)


def test_deeds_go_into_the_audit_trail(variant):
    by = By(process="tests", address="203.0.113.7")
    hold = book_document(variant.client, deed(variant, Kind.HOLD, 1), by).document

    send_out(hold, by)
    take_back(hold, by)

    rows = AuditEntry.objects.order_by("pk").filter(actor_text="tests")
    verbs = list(rows.values_list("verb", flat=True))
    assert verbs[-3:] == ["booked a hold", "sent out what was held", "took back a hold"]


def test_a_document_of_many_lines_takes_as_many_statements_as_one_of_few(variant):
    product = make_product(variant.client)
    variants = [make_variant(product) for _ in range(300)]
    for each in variants[:4]:
        receive(each, 1)

    def kinds(kind, some):
        lines = [Line(each, 2) for each in some]
        with statements() as asked:
            made = book_document(
                variant.client, deed(variant, kind, lines=lines), NOBODY
            )
            effects_of(made.movements)
        with statements() as back:
            take_back(made.document, NOBODY)
        return asked.kinds, back.kinds

    for kind in (Kind.RECEIPT, Kind.COUNT, Kind.HOLD):
        few, many = variants[:3], variants[100:]
        kinds(Kind.RECEIPT, many)  # their levels are there
        make_document(Kind.RECEIPT, dict.fromkeys(variants, 5))
        assert kinds(kind, few) == kinds(kind, many)
    assert not verify()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_deed_from_several_threads_is_booked_once(variant):
    place = default_warehouse(variant.client_id)
    start = threading.Barrier(5)
    found = []

    def work():
        start.wait(10)
        receipt = deed(variant, key="note-7", warehouse=place)
        found.append(book_document(variant.client, receipt, NOBODY).document.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(found) == 5
    assert len(set(found)) == 1
    assert stock_of(variant)[0] == 15
    assert not verify()
