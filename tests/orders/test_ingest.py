"""The one way in for orders, whichever source speaks."""

import itertools
from datetime import timedelta
from decimal import Decimal
from itertools import groupby, pairwise

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import OrderStatus, RemoteBuyer, Source
from apps.orders.models import (
    Buyer,
    Order,
    OrderLine,
    OrderPackage,
    OrderPayload,
    Package,
)
from apps.orders.services import ingest
from apps.orders.services.ingest import ingest_orders, preview_orders
from apps.orders.services.order_fields import SHOWN_FIELDS
from tests.factories.orders import (
    PLACED,
    make_order,
    make_package,
    make_remote_line,
    make_remote_order,
)
from tests.factories.platforms import make_shop
from tests.orders import witness_model as model
from tests.orders.kept_rows import differences, records_of, rows_of
from tests.orders.queries import statements
from tests.orders.shelves import put_on_shelf

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def make_batch(count: int, *, version: int | None = 1, **changes):
    """Orders of different buyers, two lines and a package each."""
    return [
        make_remote_order(
            f"58{number:016}",
            version=version,
            buyer=RemoteBuyer(remote_id=f"72{number}", name="A** L**"),
            lines=(
                make_remote_line(package_ids=(f"116{number}",)),
                make_remote_line("1730000000000000102", quantity=3),
            ),
            **changes,
        )
        for number in range(count)
    ]


def counts(result):
    return result.new, result.updated, result.same, len(result.refused)


def everything():
    """All rows of the app, to see that nothing changed."""
    return [
        list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("orders").get_models()
    ]


def test_orders_are_stored_with_lines_parcels_buyers_and_payloads():
    shop = make_shop()

    result = ingest_orders(shop, make_batch(3), Source.API)

    assert counts(result) == (3, 0, 0, 0)
    assert Order.objects.count() == Buyer.objects.count() == 3
    assert OrderLine.objects.count() == 6
    assert Package.objects.count() == OrderPayload.objects.count() == 3
    order = Order.objects.with_units().first()
    assert order is not None
    assert order.units == 4
    assert order.total_amount == Decimal("40.40")


@pytest.mark.parametrize("source", list(Source))
def test_the_same_batch_again_writes_nothing_and_asks_once(source):
    shop = make_shop()
    batch = make_batch(20, version=1 if source.is_platform else None)
    ingest_orders(shop, batch, source)
    before = everything()

    with statements() as asked:
        result = ingest_orders(shop, batch, source)

    assert counts(result) == (0, 0, 20, 0)
    assert asked.writing == []
    assert len(asked) == 1
    assert "FOR UPDATE" not in asked[0]
    assert everything() == before


def test_nothing_at_all_asks_nothing():
    shop = make_shop()

    with statements() as asked:
        assert counts(ingest_orders(shop, [], Source.API)) == (0, 0, 0, 0)

    assert len(asked) <= 1
    assert asked.writing == []


def test_only_what_changed_is_written():
    shop = make_shop()
    ingest_orders(shop, make_batch(3), Source.API)
    untouched = Order.objects.get(remote_id__endswith="0000").modified_at
    changed = make_batch(3)
    changed[2] = make_remote_order(
        changed[2].remote_id, version=2, lines=changed[2].lines, carrier="New"
    )

    result = ingest_orders(shop, changed, Source.API)

    assert counts(result) == (0, 1, 2, 0)
    assert Order.objects.get(remote_id__endswith="2").carrier == "New"
    assert Order.objects.get(remote_id__endswith="0000").modified_at == untouched


def test_news_that_says_nothing_new_counts_as_same():
    shop = make_shop()
    ingest_orders(shop, [make_remote_order()], Source.API)
    seen = ["modified_at", *SHOWN_FIELDS]
    before = list(Order.objects.values(*seen))

    again = make_remote_order(raw={"said": "the same with another request id"})

    assert counts(ingest_orders(shop, [again], Source.API)) == (0, 0, 1, 0)
    assert list(Order.objects.values(*seen)) == before


@pytest.mark.parametrize("arrival", [*itertools.permutations((1, 2, 3))])
def test_versions_of_an_order_in_any_order_of_arrival_give_the_same_rows(arrival):
    shop = make_shop()
    versions = {
        1: make_remote_order(status=OrderStatus.UNPAID, total_amount=Decimal(1)),
        2: make_remote_order(version=2, lines=(make_remote_line(quantity=2),)),
        3: make_remote_order(
            version=3,
            status=OrderStatus.IN_TRANSIT,
            status_text="IN_TRANSIT",
            carrier="Quick Parcel",
            lines=(make_remote_line(quantity=2, cancelled_quantity=1),),
        ),
    }

    for version in arrival:
        ingest_orders(shop, [versions[version]], Source.API)

    order = Order.objects.get()
    assert order.status == OrderStatus.IN_TRANSIT
    assert order.status_text == "IN_TRANSIT"
    assert order.carrier == "Quick Parcel"
    assert order.total_amount == Decimal("40.40")
    assert order.remote_updated_at == PLACED + timedelta(hours=3)
    line = order.lines.get()
    assert (line.quantity, line.cancelled_quantity) == (2, 1)
    assert order.payloads.get().body == versions[3].raw


SHELVES = ("171", "172")  # of the SKUs that random orders name


def heard(batches):
    """A shop with shelves after these batches of what sources said."""
    shop = make_shop()
    for sku in SHELVES:
        put_on_shelf(shop, 10, sku, sku=sku)
    for batch in batches:
        for source, some in groupby(batch, key=lambda said: said.source):
            ingest_orders(shop, [said.remote for said in some], source)
    return shop


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_whatever_sources_say_comes_to_the_same_rows(db, data):
    said = data.draw(st.lists(model.news() | model.news("582"), min_size=2, max_size=7))
    arrival = data.draw(st.permutations(said * 2))
    cuts = data.draw(st.lists(st.integers(0, len(arrival)), max_size=4, unique=True))
    ends = [0, *sorted(cuts), len(arrival)]
    batches = [arrival[start:end] for start, end in pairwise(ends)]

    in_turn = heard([each] for each in said)
    mixed = heard(batches)

    also = ("testimony",)
    assert differences(rows_of(mixed, also=also), rows_of(in_turn, also=also)) == []
    assert records_of(mixed) == records_of(in_turn)
    for order in Order.objects.filter(shop=mixed):
        own = [each for each in said if each.remote.remote_id == order.remote_id]
        columns = model.columns(own)
        for name, value in columns.items():
            shown = getattr(order, name)
            assert (None if shown == "" else shown) == (None if value == "" else value)
        lines = {line.key: line for line in order.lines.all()}
        assert {
            key: {name: getattr(line, name) for name in model.LINE_COLUMNS}
            for key, line in lines.items()
        } == model.lines(own)
        kept = order.payloads.values_list("source", "body")
        assert {("file" if s == "file" else "platform"): b for s, b in kept} == (
            model.payloads(own)
        )


def test_an_older_version_leaves_the_newer_payload_on_record():
    shop = make_shop()
    newer = make_remote_order(version=2)
    ingest_orders(shop, [newer], Source.API)

    result = ingest_orders(shop, [make_remote_order(version=1)], Source.API)

    assert counts(result) == (0, 0, 1, 0)
    assert OrderPayload.objects.get().body == newer.raw
    with statements() as asked:
        ingest_orders(shop, [newer], Source.API)
    assert asked.writing == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_batch_that_repeats_an_order_keeps_its_latest(turned):
    shop = make_shop()
    batch = [make_remote_order(version=1), make_remote_order(version=2, carrier="New")]
    if turned:
        batch.reverse()

    result = ingest_orders(shop, batch, Source.API)

    assert counts(result) == (1, 0, 1, 0)
    assert Order.objects.get().carrier == "New"


@pytest.mark.parametrize("turned", [False, True])
def test_a_file_that_repeats_an_order_takes_the_later_state_and_fills_gaps(turned):
    shop = make_shop()
    batch = [
        make_remote_order(version=None, carrier="Old", seller_note="Fragile"),
        make_remote_order(version=None, carrier="New", paid_at=PLACED + HOUR),
    ]
    if turned:
        batch.reverse()

    ingest_orders(shop, batch, Source.FILE)

    order = Order.objects.get()
    assert (order.carrier, order.seller_note) == ("New", "Fragile")
    assert order.payloads.get().body["said"].count("New") == 1


def test_an_unusable_order_is_refused_whole_and_the_others_are_stored():
    shop = make_shop()
    bad_line = make_remote_line(quantity=2**31)
    batch = make_batch(3)
    batch[1] = make_remote_order(
        batch[1].remote_id, lines=(make_remote_line(), bad_line)
    )

    result = ingest_orders(shop, batch, Source.API)

    assert counts(result) == (2, 0, 0, 1)
    assert result.refused[0][0] == batch[1].remote_id
    assert "quantity" in result.refused[0][1]
    assert not Order.objects.filter(remote_id=batch[1].remote_id).exists()


def test_an_unusable_version_leaves_the_stored_order_as_it_was():
    shop = make_shop()
    ingest_orders(shop, [make_remote_order()], Source.API)
    before = everything()

    bad = make_remote_order(version=2, total_amount=Decimal("Infinity"))
    result = ingest_orders(shop, [bad], Source.API)

    assert counts(result) == (0, 0, 0, 1)
    assert everything() == before


def test_nul_bytes_long_texts_and_emoji_stop_nobody():
    shop = make_shop()
    long = "🙏\0é" * 1000
    strange = make_remote_order(
        "581",
        status_text=long,
        buyer=RemoteBuyer(remote_id="72\0", username=long, name=long, address=long),
        carrier=long,
        tracking_number=long,
        buyer_message="\ud83d" + long,
        raw={"text\0": long, "half": "\ud83d"},
        lines=(
            make_remote_line(
                long,
                seller_sku=long,
                product_name=long,
                variation=long,
                image_url=long,
                remote_product_id=long,
                package_ids=("11\0",),
                tracking_numbers=(long,),
            ),
            make_remote_line("", seller_sku=long, bundle_seller_sku=long),
        ),
    )

    result = ingest_orders(shop, [strange, *make_batch(2)], Source.API)

    assert counts(result) == (3, 0, 0, 0)
    order = Order.objects.get(remote_id=strange.remote_id)
    assert order.recipient_name == ("🙏é" * 100)
    assert order.lines.count() == 2
    parcel = order.packages.get()
    assert parcel.remote_id == "11"
    assert len(parcel.tracking_number) == 80
    assert order.buyer is not None
    assert (order.buyer.remote_id, order.buyer.username) == ("72", "")
    assert counts(ingest_orders(shop, [strange], Source.API)) == (0, 0, 1, 0)


def test_an_emoji_survives_as_it_came():
    shop = make_shop()

    ingest_orders(
        shop, [make_remote_order(buyer_message="Terima kasih 🙏")], Source.API
    )

    assert Order.objects.get().buyer_message == "Terima kasih 🙏"


def test_five_hundred_orders_take_several_batches():
    shop = make_shop()
    batch = make_batch(500)

    assert counts(ingest_orders(shop, batch, Source.API)) == (500, 0, 0, 0)
    assert counts(ingest_orders(shop, batch, Source.API)) == (0, 0, 500, 0)
    assert Order.objects.count() == 500
    assert OrderLine.objects.count() == 1000


class Crash(Exception):
    pass


def inserts_into(table, sql, params):
    """Whether that is, or begins with, inserting: keys are taken before many rows."""
    takes_keys = "nextval" in sql or "sqlite_sequence" in sql
    return (takes_keys and table in str(params)) or (
        sql.startswith("INSERT") and table in sql
    )


@pytest.mark.parametrize("table", ["orders_orderline", "orders_orderpayload"])
def test_a_crash_in_the_middle_of_a_batch_leaves_nothing_half_written(table):
    shop = make_shop()
    ingest_orders(shop, make_batch(5), Source.API)
    before = everything()
    news = make_batch(10, version=2, carrier="New", status=OrderStatus.IN_TRANSIT)

    def crash(execute, sql, params, many, context):
        if inserts_into(table, sql, params):
            raise Crash
        return execute(sql, params, many, context)

    with connection.execute_wrapper(crash), pytest.raises(Crash):
        ingest_orders(shop, news, Source.API)

    assert everything() == before
    assert counts(ingest_orders(shop, news, Source.API)) == (5, 5, 0, 0)


def test_a_crash_in_a_later_batch_keeps_the_earlier_ones(monkeypatch):
    monkeypatch.setattr(ingest, "BATCH", 4)
    shop = make_shop()
    seen = 0

    def crash(execute, sql, params, many, context):
        nonlocal seen
        if "orders_orderpayload" in str(params):  # takes the keys of its new rows
            seen += 1
            if seen == 2:
                raise Crash
        return execute(sql, params, many, context)

    with connection.execute_wrapper(crash), pytest.raises(Crash):
        ingest_orders(shop, make_batch(8), Source.API)

    assert Order.objects.count() == OrderPayload.objects.count() == 4


NEW_BATCH = [
    "SELECT orders_orderpayload",  # which are known already
    "SELECT platforms_shop",  # the lock
    "SELECT orders_order",
    "SELECT orders_buyer",
    "INSERT orders_buyer",
    "SELECT products_listingsku",  # what they sold, locked
    "SELECT products_listing",
    "INSERT products_listing",  # where no source has told of it yet
    "INSERT products_listingsku",
    "INSERT products_mappingstate",
    "INSERT orders_order",
    "INSERT orders_orderline",
    "SELECT orders_package",  # that other orders travel in, too
    "INSERT orders_package",
    "INSERT orders_orderpackage",
    "INSERT orders_orderpayload",
    "SELECT orders_cancellation",  # requests that waited for these orders
    "SELECT orders_return",  # what is new has booked nothing
]
CHANGED_BATCH = [
    "SELECT orders_orderpayload",
    "SELECT platforms_shop",
    "SELECT orders_order",
    "SELECT orders_buyer",
    "SELECT orders_orderline",
    "SELECT orders_orderpackage",
    "SELECT products_listingsku",
    "UPDATE orders_order",
    "UPDATE orders_orderline",
    "INSERT orders_orderpayload",  # an upsert on order and source
    "SELECT orders_cancellation",
    "SELECT orders_return",
    "SELECT inventory_booking",
]


@pytest.mark.parametrize("count", [10, 100])
def test_a_batch_takes_the_same_statements_however_many_orders_it_has(count):
    shop = make_shop()

    with statements() as new:
        ingest_orders(shop, make_batch(count), Source.API)
    with statements() as changed:
        news = [
            make_remote_order(
                remote.remote_id,
                version=2,
                carrier="New",
                buyer=remote.buyer,
                lines=(make_remote_line(quantity=7), remote.lines[1]),
            )
            for remote in make_batch(count)
        ]
        result = ingest_orders(shop, news, Source.API)

    assert result.updated == count
    assert new.kinds == NEW_BATCH
    assert changed.kinds == CHANGED_BATCH
    if connection.vendor == "postgresql":
        assert (len(new), len(changed)) == (len(NEW_BATCH), len(CHANGED_BATCH))


@pytest.mark.parametrize("count", [10, 100])
def test_learning_the_names_of_many_buyers_takes_one_statement(count):
    shop = make_shop()
    ingest_orders(shop, make_batch(count), Source.API)
    file = [
        make_remote_order(
            remote.remote_id,
            version=None,
            buyer=RemoteBuyer(username=f"user{number}"),
        )
        for number, remote in enumerate(make_batch(count))
    ]

    with statements() as asked:
        ingest_orders(shop, file, Source.FILE)

    assert Buyer.objects.exclude(username="").exclude(remote_id="").count() == count
    assert asked.kinds == [
        "SELECT orders_orderpayload",
        "SELECT platforms_shop",
        "SELECT orders_order",
        "SELECT orders_buyer",
        "UPDATE orders_buyer",
        "SELECT orders_orderline",
        "SELECT orders_orderpackage",
        "UPDATE orders_order",  # that a file spoke of it, too
        "INSERT orders_orderpayload",
    ]


def test_a_preview_tells_what_would_happen_and_writes_nothing():
    shop = make_shop()
    ingest_orders(shop, make_batch(2), Source.API)
    before = everything()
    news = [*make_batch(3), make_remote_order("", carrier="refused")]
    news[1] = make_remote_order(news[1].remote_id, version=2, carrier="New")

    result = preview_orders(shop, news, Source.API)

    assert counts(result) == (1, 1, 1, 1)
    assert everything() == before
    assert counts(ingest_orders(shop, news, Source.API)) == (1, 1, 1, 1)


def test_shops_keep_their_orders_apart():
    one, other = make_shop(), make_shop()

    ingest_orders(one, [make_remote_order(carrier="One")], Source.API)
    result = ingest_orders(other, [make_remote_order(carrier="Other")], Source.API)

    assert counts(result) == (1, 0, 0, 0)
    assert one.orders.get().carrier == "One"
    assert other.orders.get().carrier == "Other"
    assert Buyer.objects.count() == 2


def test_lines_follow_the_latest_version():
    shop = make_shop()
    two = (make_remote_line(), make_remote_line("1730000000000000102"))
    ingest_orders(shop, [make_remote_order(lines=two)], Source.API)
    kept = OrderLine.objects.get(remote_sku_id="1730000000000000102").pk

    three = (two[1], make_remote_line("1730000000000000103"))
    ingest_orders(shop, [make_remote_order(version=2, lines=three)], Source.API)

    lines = OrderLine.objects.order_by("position")
    assert [line.remote_sku_id[-3:] for line in lines] == ["102", "103"]
    assert lines[0].pk == kept


def test_lines_a_source_does_not_tell_are_not_lost():
    shop = make_shop()
    ingest_orders(shop, [make_remote_order()], Source.API)

    ingest_orders(shop, [make_remote_order(version=2, lines=())], Source.API)

    assert OrderLine.objects.count() == 1


def test_rows_of_one_sku_at_one_price_are_one_line():
    shop = make_shop()
    rows = (
        make_remote_line(returned_quantity=1),
        make_remote_line(quantity=2, discount="8"),
        make_remote_line(discount="40"),
    )

    ingest_orders(shop, [make_remote_order(lines=rows)], Source.API)

    paid, gift = OrderLine.objects.order_by("position")
    assert (paid.quantity, paid.amount, paid.returned_quantity) == (3, Decimal(112), 1)
    assert (gift.quantity, gift.amount) == (1, Decimal(0))


def test_parcels_gather_and_are_never_doubled():
    shop = make_shop()
    one = make_remote_line(package_ids=("1161",), tracking_numbers=("TN1",))
    two = make_remote_line("102", package_ids=("1162",), tracking_numbers=("TN2",))
    ingest_orders(shop, [make_remote_order(lines=(one,))], Source.API)

    ingest_orders(shop, [make_remote_order(version=2, lines=(one, two))], Source.API)
    ingest_orders(shop, [make_remote_order(version=3, lines=(two, one))], Source.API)

    assert sorted(Package.objects.values_list("remote_id", "tracking_number")) == [
        ("1161", "TN1"),
        ("1162", "TN2"),
    ]


def refused_by_the_database(write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_no_second_row_for_the_same_order_line_payload_parcel_or_buyer():
    order = make_order()
    line = order.lines.get()
    payload = order.payloads.get()
    package = make_package(order, "116", "TN")
    Buyer.objects.create(shop=order.shop, remote_id="72", username="lamp_lover")
    before = everything()

    for write in (
        lambda: make_order(order.shop, order.remote_id),
        lambda: OrderLine.objects.bulk_create([_copy(line)]),
        lambda: OrderPayload.objects.bulk_create([_copy(payload)]),
        lambda: make_package(order, "116", "TN-2"),
        lambda: OrderPackage.objects.create(order=order, package=package),
        lambda: Buyer.objects.create(shop=order.shop, remote_id="72"),
        lambda: Buyer.objects.create(shop=order.shop, username="lamp_lover"),
        lambda: Buyer.objects.create(shop=order.shop),
        lambda: OrderLine.objects.update(quantity=0),
    ):
        refused_by_the_database(write)

    assert everything() == before


def _copy(row):
    copy = type(row).objects.get(pk=row.pk)
    copy.pk = None
    return copy


def test_a_preview_says_what_ingest_does_and_writes_nothing():
    def rows():
        models = apps.get_app_config("orders").get_models()
        return [(model, model._default_manager.count()) for model in models]

    shop = make_shop()
    stored = [make_remote_order(), make_remote_order("580000000000000002")]
    ingest_orders(shop, stored, Source.API)
    told = [
        make_remote_order(),
        make_remote_order(
            "580000000000000002", version=2, status=OrderStatus.IN_TRANSIT
        ),
        make_remote_order("580000000000000009", buyer=RemoteBuyer(remote_id="7")),
        make_remote_order(""),
    ]
    before = rows()

    preview = preview_orders(shop, told, Source.API)

    assert rows() == before
    assert preview == ingest_orders(shop, told, Source.API)
    assert (preview.new, preview.updated, preview.same) == (1, 1, 1)
