"""The one way in for listings, whichever source speaks."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import (
    AuditStatus,
    ListingStatus,
    RemoteListingSku,
    RemoteRejection,
    Source,
)
from apps.products.models import Listing, ListingPayload, ListingSku, MappingState
from apps.products.services.ingest import (
    ingest_listings,
    note_gone,
    preview_listings,
)
from apps.sync.services.listing_details import are_due
from tests.factories.platforms import make_shop
from tests.factories.products import (
    LISTED,
    make_listing,
    make_listing_sku,
    make_remote_listing,
    make_remote_sku,
    make_variant,
)
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LEARNT = (
    "status_learnt_at",
    "audit_learnt_at",
    "content_learnt_at",
    "price_learnt_at",
    "quantity_learnt_at",
    "seen_at",
)


def whole(version=1, **changes):
    remote = make_remote_listing(version=version, **changes)
    said = {"id": remote.remote_id, "description": repr(remote)}
    return remote if remote.raw else replace(remote, raw=said)


def short(version=1, **changes):
    return make_remote_listing(version=version, is_whole=False, **changes)


def from_file(**changes):
    values = {"updated_at": None, "created_at": None}
    return make_remote_listing(is_whole=False, **values | changes)


def batch(count, **changes):
    return [
        whole(
            remote_id=f"1729{number:015}",
            skus=tuple(
                make_remote_sku(f"1730{number:012}{n:03}", seller_sku=f"S{number}-{n}")
                for n in range(2)
            ),
            **changes,
        )
        for number in range(count)
    ]


def ingest(shop, *remotes, source=Source.API):
    return ingest_listings(shop, remotes, source)


def counts(result):
    return result.new, result.updated, result.same, len(result.refused)


def everything(*, with_learnt=False):
    left_out = () if with_learnt else LEARNT
    return [
        [
            {name: value for name, value in row.items() if name not in left_out}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in (Listing, ListingSku, ListingPayload)
    ]


def the_sku():
    return ListingSku.objects.get()


def stale_since(shop):
    row = MappingState.objects.filter(client=shop.client_id).first()
    return row.stale_since if row else None


def test_a_whole_listing_is_stored_with_skus_payload_and_when_it_was_learnt():
    shop = make_shop()
    remote = whole(
        audit=AuditStatus.FAILED,
        audit_text="FAILED",
        rejections=(RemoteRejection("main_images", ("blurred",), ("retake",), "X"),),
        category_id="600001",
        category_path=("Home", "Lighting", "Lamps"),
        brand_name="Rottan",
        image_urls=("https://img.example.com/a.jpg?sign=1", "https://x/b.jpg"),
        quality="GOOD",
        has_draft=False,
        external_id="EXT-1",
    )

    result = ingest(shop, remote)

    assert counts(result) == (1, 0, 0, 0)
    row = Listing.objects.get()
    assert (row.shop, row.status, row.audit) == (shop, "live", "failed")
    assert row.rejections == [
        {
            "position": "main_images",
            "reasons": ["blurred"],
            "suggestions": ["retake"],
            "listing_platform": "X",
        }
    ]
    assert (row.category_remote_id, row.category_name) == ("600001", "Lamps")
    assert row.image_url == "https://img.example.com/a.jpg?sign=1"
    assert row.details_of == row.remote_updated_at == remote.updated_at
    assert row.source == Listing.Source.API
    assert None not in (row.status_learnt_at, row.audit_learnt_at)
    assert row.content_learnt_at is not None
    sku = the_sku()
    assert (sku.listing, sku.shop, sku.seller_sku) == (row, shop, "LAMP-30")
    assert (sku.price_amount, sku.currency, sku.quantity) == (Decimal(40), "MYR", 7)
    assert sku.mapping == ListingSku.Mapping.UNMATCHED
    assert None not in (sku.price_learnt_at, sku.quantity_learnt_at, sku.seen_at)
    payload = ListingPayload.objects.get()
    assert payload.body == remote.raw


@pytest.mark.parametrize("remotes", [(whole(),), (short(),), (short(), whole())])
def test_the_same_again_moves_on_only_when_it_was_learnt(remotes):
    shop = make_shop()
    with time_machine.travel(LISTED, tick=False):
        ingest(shop, *remotes)
    before = everything()

    with time_machine.travel(LISTED + timedelta(days=1), tick=False):
        result = ingest(shop, *remotes)

    assert counts(result) == (0, 0, 1, 0)
    assert everything() == before
    row, sku = Listing.objects.get(), the_sku()
    tomorrow = LISTED + timedelta(days=1)
    assert row.status_learnt_at == sku.price_learnt_at == sku.seen_at == tomorrow
    is_known_whole = any(remote.is_whole for remote in remotes)
    assert row.content_learnt_at == (tomorrow if is_known_whole else None)
    # Nobody told of a review.
    assert row.audit_learnt_at is None


@pytest.mark.parametrize("count", [5, 60])
def test_a_batch_takes_the_same_statements_however_many_listings_it_has(count):
    shop = make_shop()

    with statements() as new:
        ingest(shop, *batch(count))
    with statements() as same:
        ingest(shop, *batch(count))
    with statements() as changed:
        ingest(shop, *batch(count, version=2, title="Another title"))

    reading = [
        "SELECT platforms_shop",
        "SELECT products_listing",
        "SELECT products_listingsku",
        "SELECT products_listingpayload",
    ]
    assert new.kinds == [
        *reading[:3],
        "INSERT products_listing",
        "INSERT products_listingsku",
        "INSERT products_listingpayload",
        "INSERT products_mappingstate",
    ]
    assert same.kinds == [
        *reading,
        "UPDATE products_listing",
        "UPDATE products_listingsku",
    ]
    assert changed.kinds == [
        *reading,
        "INSERT products_listing",
        "INSERT products_listingpayload",
        "UPDATE products_listingsku",
        "INSERT products_mappingstate",
    ]


def test_older_news_changes_nothing():
    shop = make_shop()
    ingest(shop, whole(version=3, title="New"))
    before = everything(with_learnt=True)

    for old in (whole(version=2, title="Old"), short(version=1, title="Older")):
        assert counts(ingest(shop, old)) == (0, 0, 1, 0)

    assert everything(with_learnt=True) == before


def test_late_details_fill_what_the_search_left_out_and_stay_due():
    shop = make_shop()
    ingest(shop, short(version=2, status=ListingStatus.SELLER_DEACTIVATED, skus=()))

    ingest(shop, whole(version=1, brand_name="Rottan"))

    row = Listing.objects.get()
    assert (row.status, row.brand_name) == ("seller_deactivated", "Rottan")
    assert row.details_of is None
    assert the_sku().price_amount == Decimal(40)


def test_a_short_row_updates_what_it_names_and_takes_nothing_away():
    shop = make_shop()
    ingest(
        shop,
        whole(
            brand_name="Rottan",
            skus=(
                make_remote_sku("1", barcode="4006381333931", list_price=Decimal(50)),
                make_remote_sku("2"),
            ),
        ),
    )

    result = ingest(
        shop,
        short(
            version=2,
            title="",
            status=ListingStatus.PLATFORM_DEACTIVATED,
            status_text="PLATFORM_DEACTIVATED",
            skus=(
                RemoteListingSku("1", price=Decimal("35.50"), currency="MYR"),
                RemoteListingSku("3", seller_sku="NEW"),
            ),
        ),
    )

    assert counts(result) == (0, 1, 0, 0)
    row = Listing.objects.get()
    assert (row.title, row.brand_name) == ("Rattan lamp, natural, 30 cm", "Rottan")
    assert row.status == "platform_deactivated"
    assert row.details_of != row.remote_updated_at
    one, two, three = ListingSku.objects.order_by("remote_id")
    assert (one.price_amount, one.quantity) == (Decimal("35.50"), 7)
    assert (one.barcode, one.list_price_amount) == ("4006381333931", Decimal(50))
    assert one.seller_sku == "LAMP-30"
    assert (two.removed_at, three.seller_sku) == (None, "NEW")


def test_a_whole_row_clears_what_is_gone_but_no_price_or_stock_it_does_not_know():
    shop = make_shop()
    ingest(
        shop,
        whole(
            brand_name="Rottan",
            external_id="E",
            skus=(make_remote_sku("1", list_price=Decimal(50), barcode="123"),),
        ),
    )

    ingest(shop, whole(version=2, skus=(make_remote_sku("1", seller_sku=""),)))

    row, sku = Listing.objects.get(), the_sku()
    assert (row.brand_name, row.external_id) == ("", "")
    assert (sku.seller_sku, sku.barcode, sku.list_price_amount) == ("", "", None)

    nothing = RemoteListingSku("1")
    ingest(shop, whole(version=3, skus=(nothing,)))

    sku = the_sku()
    assert (sku.price_amount, sku.currency, sku.quantity) == (Decimal(40), "MYR", 7)


def test_zero_is_a_number_and_none_is_not():
    shop = make_shop()
    ingest(shop, whole())

    ingest(shop, short(version=2, skus=(make_remote_sku(quantity=0, price=None),)))
    assert (the_sku().quantity, the_sku().price_amount) == (0, Decimal(40))

    ingest(shop, short(version=3, skus=(make_remote_sku(price=Decimal(0)),)))
    assert the_sku().price_amount == Decimal(0)


def test_a_sku_that_goes_keeps_its_mapping_and_comes_back():
    shop = make_shop()
    ingest(shop, whole(skus=(make_remote_sku("1"), make_remote_sku("2"))))
    variant = make_variant(client=shop.client)
    ListingSku.objects.filter(remote_id="2").update(variant=variant, mapping="matched")

    ingest(shop, whole(version=2, skus=(make_remote_sku("1"),)))

    gone = ListingSku.objects.get(remote_id="2")
    assert gone.removed_at is not None
    assert (gone.mapping, gone.variant) == ("matched", variant)

    ingest(shop, whole(version=3, skus=(make_remote_sku("2"),)))

    back = ListingSku.objects.get(remote_id="2")
    assert back.removed_at is None
    assert (back.mapping, back.variant) == ("matched", variant)
    assert ListingSku.objects.get(remote_id="1").removed_at is not None


def test_a_whole_row_without_any_sku_takes_none_away():
    shop = make_shop()
    ingest(shop, whole())

    ingest(shop, whole(version=2, skus=()))

    assert the_sku().removed_at is None


def test_a_deleted_listing_stays_with_its_mapping_and_may_be_recovered():
    shop = make_shop()
    sku = make_listing_sku(
        make_listing(shop, "1729000000000000101"),
        "1730000000000000101",
        variant=make_variant(client=shop.client),
    )

    ingest(shop, short(status=ListingStatus.DELETED, status_text="DELETED"))

    row = Listing.objects.get()
    assert (row.status, row.status_text) == ("deleted", "DELETED")
    assert row.deleted_at is not None
    sku.refresh_from_db()
    assert (sku.mapping, sku.removed_at) == ("matched", None)

    ingest(shop, short(version=2, status=ListingStatus.SELLER_DEACTIVATED))

    assert Listing.objects.get().deleted_at is None


def test_what_the_platform_denies_is_gone_once():
    shop, other = make_shop(), make_shop()
    row, foreign = make_listing(shop, "17"), make_listing(other, "17")

    assert note_gone(shop, ["17", "unknown"]) == 1
    assert note_gone(shop, ["17"]) == 0

    row.refresh_from_db()
    foreign.refresh_from_db()
    assert (row.status, foreign.status) == ("deleted", "live")
    assert row.deleted_at is not None


def test_an_unknown_status_keeps_its_text_and_none_keeps_the_known_one():
    shop = make_shop()
    ingest(shop, short(status=ListingStatus.UNKNOWN, status_text="PARKED"))
    assert Listing.objects.values_list("status", "status_text").get() == ("", "PARKED")

    ingest(shop, short(version=2))
    ingest(shop, short(version=3, status=ListingStatus.UNKNOWN, status_text=""))
    row = Listing.objects.get()
    assert (row.status, row.status_text) == ("live", "ACTIVATE")

    ingest(shop, short(version=4, status=ListingStatus.UNKNOWN, status_text="PARKED"))
    row = Listing.objects.get()
    assert (row.status, row.status_text) == ("", "PARKED")


def test_a_file_fills_gaps_and_overrules_nothing_the_api_said():
    shop = make_shop()
    with time_machine.travel(LISTED, tick=False):
        ingest(shop, whole(skus=(make_remote_sku("1", quantity=None),)))

    file = from_file(
        title="From a file",
        status=ListingStatus.FAILED,
        brand_name="Rottan",
        skus=(
            make_remote_sku("1", price=Decimal(99), quantity=3, seller_sku="OTHER"),
            make_remote_sku("2", price=Decimal(12)),
        ),
    )
    result = ingest(shop, file, source=Source.FILE)

    assert counts(result) == (0, 1, 0, 0)
    row = Listing.objects.get()
    assert (row.title, row.status) == ("Rattan lamp, natural, 30 cm", "live")
    assert (row.brand_name, row.source) == ("Rottan", "api")
    assert row.status_learnt_at == LISTED
    one, two = ListingSku.objects.order_by("remote_id")
    assert (one.price_amount, one.quantity) == (Decimal(40), 3)
    assert (one.seller_sku, one.price_learnt_at) == ("LAMP-30", LISTED)
    assert one.quantity_learnt_at is not None
    assert two.price_amount == Decimal(12)

    assert counts(ingest(shop, file, source=Source.FILE)) == (0, 0, 1, 0)


def test_a_sku_that_only_a_file_names_is_judged_by_the_next_details():
    shop = make_shop()
    known = whole(skus=(make_remote_sku("1"),))
    listed = from_file(skus=(make_remote_sku("1"), make_remote_sku("2")))
    ingest(shop, known)
    assert not Listing.objects.filter(are_due()).exists()

    ingest(shop, listed, source=Source.FILE)

    assert ListingSku.objects.present().count() == 2
    assert Listing.objects.filter(are_due()).exists()

    ingest(shop, known)
    result = ingest(shop, listed, source=Source.FILE)

    assert counts(result) == (0, 0, 1, 0)
    assert ListingSku.objects.present().get().remote_id == "1"
    assert not Listing.objects.filter(are_due()).exists()


def test_a_later_file_overrules_an_earlier_one_but_an_absent_quantity_stays():
    shop = make_shop()
    with time_machine.travel(LISTED, tick=False):
        ingest(shop, from_file(), source=Source.FILE)

    newer = from_file(title="New", skus=(make_remote_sku(quantity=None),))
    ingest(shop, newer, source=Source.FILE)

    row, sku = Listing.objects.get(), the_sku()
    assert (row.title, row.source, row.details_of) == ("New", "file", None)
    assert (sku.quantity, sku.quantity_learnt_at) == (7, LISTED)
    assert not ListingPayload.objects.exists()

    ingest(shop, whole(title="From the API"))
    row.refresh_from_db()
    assert (row.title, row.source) == ("From the API", "api")


def test_another_host_or_signature_is_not_another_picture():
    shop = make_shop()
    said = {"id": "17", "description": "the same"}
    one = whole(image_urls=("https://p1.example.com/a.jpg?sign=1",), raw=said)
    ingest(shop, one)

    again = replace(one, image_urls=("https://p2.example.com/a.jpg?sign=2",))
    other = replace(one, image_urls=("https://p2.example.com/b.jpg?sign=2",))

    assert counts(ingest(shop, again)) == (0, 0, 1, 0)
    assert counts(ingest(shop, other)) == (0, 1, 0, 0)


def test_a_change_that_no_column_shows_is_one_and_a_sale_is_none():
    shop = make_shop()
    said = {"id": "17", "description": "a", "skus": [{"id": "1", "inventory": []}]}
    ingest(shop, whole(raw=said))

    sold = said | {"skus": [{"id": "1", "inventory": [{"quantity": 1}]}]}
    assert counts(ingest(shop, whole(raw=sold))) == (0, 0, 1, 0)
    assert ListingPayload.objects.get().body == sold

    assert counts(ingest(shop, whole(raw=sold | {"description": "b"}))) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"remote_id": ""},
        {"remote_id": "9" * 33},
        {"remote_id": "17\x0029"},
        {"skus": (make_remote_sku("8" * 33),)},
        {"skus": (make_remote_sku(price=Decimal("1e20")),)},
        {"skus": (make_remote_sku(price=Decimal("NaN")),)},
        {"skus": (make_remote_sku(price=Decimal(-1)),)},
        {"skus": (make_remote_sku(currency="Ringgit"),)},
        {"skus": (make_remote_sku(quantity=2**31),)},
    ],
)
def test_what_cannot_be_stored_is_refused_alone_and_said_why(changes):
    shop = make_shop()

    result = ingest(shop, whole(**changes), whole(remote_id="17"))

    assert counts(result) == (1, 0, 0, 1)
    assert result.refused[0][1]
    assert list(Listing.objects.values_list("remote_id", flat=True)) == ["17"]


def test_odd_text_is_cut_and_cleaned():
    shop = make_shop()
    odd = "a\0b\ud800" + "ฝ" * 2_000
    remote = replace(
        whole(
            title=odd,
            status_text=odd,
            quality=odd,
            external_id=odd,
            category_path=(odd,),
            skus=(
                make_remote_sku(
                    seller_sku=odd, variation=odd, barcode=odd, image_url=odd
                ),
            ),
        ),
        raw={"id": "1", odd: [odd, {"n": 1}]},
    )

    ingest(shop, remote)

    assert Listing.objects.get().title.startswith("ab?ฝ")
    assert len(the_sku().seller_sku) == 120
    assert counts(ingest(shop, remote)) == (0, 0, 1, 0)


def test_a_number_that_no_database_takes_spoils_no_batch():
    raw = {"id": "2", "weight": {"value": float("inf"), "unit": "GRAM"}}

    result = ingest(make_shop(), whole(remote_id="1"), whole(remote_id="2", raw=raw))

    assert counts(result) == (2, 0, 0, 0)
    body = ListingPayload.objects.get(listing__remote_id="2").body
    assert body["weight"] == {"value": None, "unit": "GRAM"}


def test_a_sku_without_an_id_is_left_out():
    shop = make_shop()

    ingest(shop, whole(skus=(make_remote_sku(""), make_remote_sku("1"))))

    assert the_sku().remote_id == "1"


def test_a_price_finer_than_we_keep_is_the_same_when_told_again():
    shop = make_shop()
    remote = whole(skus=(make_remote_sku(price=Decimal("1.234567")),))
    ingest(shop, remote)

    assert counts(ingest(shop, remote)) == (0, 0, 1, 0)


@pytest.mark.parametrize("turned", [False, True])
def test_a_batch_may_tell_of_a_listing_twice(turned):
    shop = make_shop()
    remotes = [short(title="Old"), whole(version=2, title="New")]

    result = ingest(shop, *(reversed(remotes) if turned else remotes))

    assert counts(result) == (1, 0, 0, 0)
    assert Listing.objects.get().title == "New"


def test_a_sku_that_moves_to_another_listing_takes_its_mapping_along():
    shop = make_shop()
    variant = make_variant(client=shop.client)
    sku = make_listing_sku(make_listing(shop, "1"), "5", variant=variant)

    ingest(shop, whole(remote_id="2", skus=(make_remote_sku("5"),)))

    sku.refresh_from_db()
    assert (sku.listing.remote_id, sku.variant) == ("2", variant)


def test_the_same_ids_in_another_shop_are_other_listings():
    one, two = make_shop(), make_shop()
    ingest(one, whole())

    result = ingest(two, whole(title="Two"))

    assert counts(result) == (1, 0, 0, 0)
    assert Listing.objects.get(shop=one).title != "Two"
    assert ListingSku.objects.count() == 2


def test_a_preview_tells_what_would_happen_and_writes_nothing():
    shop = make_shop()
    ingest(shop, whole())
    before = everything(with_learnt=True)

    result = preview_listings(
        shop, [whole(version=2), whole(remote_id="17")], Source.API
    )

    assert counts(result) == (1, 1, 0, 0)
    assert everything(with_learnt=True) == before


@pytest.mark.parametrize(
    ("changes", "is_stale"),
    [
        ({}, False),
        ({"status": ListingStatus.SELLER_DEACTIVATED}, False),
        ({"skus": (make_remote_sku(quantity=1),)}, False),
        ({"title": "Another"}, True),
        ({"brand_name": "Kayu"}, True),
        ({"skus": (make_remote_sku(seller_sku="OTHER"),)}, True),
        ({"skus": (make_remote_sku(barcode="4006381333931"),)}, True),
        ({"skus": (make_remote_sku(variation="Dark"),)}, True),
        ({"skus": (make_remote_sku(price=Decimal(41)),)}, True),
        ({"skus": (make_remote_sku(), make_remote_sku("9"))}, True),
    ],
)
def test_what_suggestions_are_made_from_makes_them_stale(changes, is_stale):
    shop = make_shop()
    ingest(shop, whole())
    assert stale_since(shop) is not None
    MappingState.objects.update(stale_since=None)

    ingest(shop, whole(version=2, **changes))

    assert (stale_since(shop) is not None) is is_stale


def test_each_change_moves_the_instant_of_staleness():
    shop = make_shop()
    ingest(shop, whole())
    first = stale_since(shop)

    ingest(shop, whole(version=2, title="Another"))

    assert stale_since(shop) > first


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.permutations(range(1, 5)))
def test_news_in_any_order_ends_at_the_latest(order):
    shop = make_shop()
    versions = {
        number: whole(
            version=number,
            title=f"Version {number}",
            skus=(make_remote_sku(f"{shop.pk}", price=Decimal(number)),),
        )
        for number in order
    }

    for number in order:
        ingest(shop, versions[number])

    row = Listing.objects.get(shop=shop)
    assert row.title == "Version 4"
    assert row.details_of == versions[4].updated_at
    assert ListingSku.objects.get(shop=shop).price_amount == Decimal(4)


def test_large_input_is_cut_into_transactions_and_counted_once():
    shop = make_shop()
    remotes = batch(250)

    assert counts(ingest(shop, *remotes)) == (250, 0, 0, 0)
    assert counts(ingest(shop, *remotes)) == (0, 0, 250, 0)
    assert ListingSku.objects.count() == 500


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sources_at_once_make_each_row_once():
    shop = make_shop()
    remotes = batch(30)
    ready = threading.Barrier(3)
    failures = []

    def bring(source, told):
        ready.wait(10)
        try:
            for _ in range(3):
                ingest_listings(shop, told, source)
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)
        finally:
            connection.close()

    files = [replace(remote, is_whole=False, updated_at=None) for remote in remotes]
    threads = [
        threading.Thread(target=bring, args=args)
        for args in (
            (Source.API, remotes),
            (Source.API, remotes[::-1]),
            (Source.FILE, files),
        )
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert failures == []
    assert Listing.objects.count() == 30
    assert ListingSku.objects.count() == 60
    assert set(Listing.objects.values_list("source", flat=True)) == {"api"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_news_of_a_sku_never_undoes_what_somebody_decides_meanwhile():
    shop = make_shop()
    ingest(shop, *batch(20))
    variant = make_variant(client=shop.client)
    keys = list(ListingSku.objects.order_by("pk").values_list("pk", flat=True))
    failures = []

    def decide():
        try:
            for key in keys:
                with transaction.atomic():
                    rows = ListingSku.objects.select_for_update().filter(pk=key)
                    row = rows.get()
                    row.variant, row.mapping = variant, "matched"
                    row.save(update_fields=["variant", "mapping"])
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=decide)
    thread.start()
    for version in range(2, 12):
        skus = batch(20)
        ingest(
            shop,
            *(replace(r, updated_at=LISTED + timedelta(days=version)) for r in skus),
        )
        ingest(
            shop,
            *(
                replace(
                    remote,
                    updated_at=LISTED + timedelta(days=version, hours=1),
                    skus=tuple(replace(s, price=Decimal(version)) for s in remote.skus),
                )
                for remote in skus
            ),
        )
    thread.join(30)

    assert failures == []
    assert set(ListingSku.objects.values_list("variant", flat=True)) == {variant.pk}
    assert set(ListingSku.objects.values_list("price_amount", flat=True)) == {
        Decimal(11)
    }
