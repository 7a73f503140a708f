"""Deciding what a listing SKU is: order lines follow, races are told, all is undone."""

import pytest

from apps.orders.models import Order, OrderLine
from apps.orders.services import mapping
from apps.orders.services.mapping import By
from apps.products.errors import MappingRefused
from apps.products.models import (
    ListingSku,
    MappingBatch,
    MappingChange,
    MappingState,
    MappingSuggestion,
    Product,
    Variant,
)
from apps.products.services import telling_apart
from apps.users.models import AuditEntry
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_bundle,
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.users import make_client, make_user
from tests.products.mapping_support import (
    NOBODY,
    State,
    batch_of,
    fresh,
    make_line,
    make_suggested,
    stand,
    suggest,
)

pytestmark = pytest.mark.django_db

Reason = ListingSku.Reason


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def shop(client):
    return make_shop(client, name="Main Store")


@pytest.fixture
def lamp(client):
    return make_variant(make_product(client), "LAMP-30")


@pytest.fixture
def user(client):
    return make_user(clients=[client], permissions=["manage_products"])


# Accepting --------------------------------------------------------------------------


def test_accepting_takes_the_variant_its_reason_and_how_sure_it_was(shop, lamp, user):
    sku = make_suggested(lamp, shop=shop, confidence=96)

    outcome = mapping.accept(shop, {sku.pk: lamp.pk}, By(user))

    row = fresh(sku)
    assert stand(sku) == (State.MATCHED, "LAMP-30")
    assert (row.mapped_reason, row.mapped_confidence) == (Reason.SAME_SKU, 96)
    assert row.mapped_by == user
    assert row.mapped_at is not None
    assert outcome.changed == [sku.pk]
    assert batch_of(outcome).deed == MappingBatch.Deed.ACCEPT
    assert batch_of(outcome).user == user


def test_accepting_links_all_order_lines_and_says_how_many_wait(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    waiting = [make_line(sku), make_line(sku, status=Order.Status.PARTLY_SHIPPED)]
    past = make_line(sku, status=Order.Status.COMPLETED)
    other = make_line(make_listing_sku(shop=shop))

    told = mapping.effect([sku.pk])
    outcome = mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    assert (told.lines, told.waiting_lines, told.waiting_orders) == (3, 2, 2)
    assert (outcome.lines, outcome.waiting) == (3, 2)
    linked = OrderLine.objects.filter(variant=lamp)
    assert {line.pk for line in linked} == {line.pk for line in [*waiting, past]}
    other.refresh_from_db()
    assert other.variant is None
    batch_of(outcome).refresh_from_db()
    assert batch_of(outcome).lines_relinked == 3


def test_a_suggestion_that_has_gone_is_not_accepted(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    MappingSuggestion.objects.all().delete()

    outcome = mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    assert outcome.batch is None
    assert [left.why for left in outcome.left] == ["this is no longer suggested."]
    assert stand(sku) == (State.SUGGESTED, None)
    assert not MappingBatch.objects.exists()


def test_another_variant_than_the_one_suggested_is_not_accepted(client, shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    other = make_variant(client=client)

    outcome = mapping.accept(shop, {sku.pk: other.pk}, NOBODY)

    assert len(outcome.left) == 1
    assert stand(sku) == (State.SUGGESTED, None)


def test_what_a_colleague_matched_meanwhile_is_reported_not_overwritten(
    client, shop, lamp
):
    sku = make_suggested(lamp, shop=shop)
    other = make_variant(client=client, sku="VASE-1")
    mapping.choose(shop, {sku.pk: other.pk}, NOBODY)

    outcome = mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    assert [str(left) for left in outcome.left] == [
        "LAMP-30: it is matched to VASE-1 now."
    ]
    assert stand(sku) == (State.MATCHED, "VASE-1")


def test_accepting_twice_changes_nothing_the_second_time(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    again = mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    assert again.same == [sku.pk]
    assert again.batch is None
    assert MappingBatch.objects.count() == 1


def test_an_ignored_sku_is_not_accepted(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    mapping.ignore(shop, [sku.pk], NOBODY)

    outcome = mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    assert [left.why for left in outcome.left] == ["it is ignored now."]


def test_an_archived_variant_is_not_accepted(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    Product.objects.update(is_active=False)

    outcome = mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    assert outcome.changed == []
    assert stand(sku)[0] == State.SUGGESTED


def test_a_sku_of_another_shop_is_as_unknown_as_one_there_is_not(client, shop, lamp):
    elsewhere = make_suggested(lamp, shop=make_shop(client))

    outcome = mapping.accept(shop, {elsewhere.pk: lamp.pk, 987_654: lamp.pk}, NOBODY)

    assert {left.why for left in outcome.left} == {"there is no such SKU in this shop."}
    assert stand(elsewhere)[0] == State.SUGGESTED


# Choosing ---------------------------------------------------------------------------


def test_any_variant_or_bundle_of_the_client_can_be_chosen(client, shop, lamp):
    bundle = make_bundle({lamp: 2}, "LAMP-SET")
    sku = make_suggested(lamp, shop=shop)

    outcome = mapping.choose(shop, {sku.pk: bundle.pk}, NOBODY)

    assert stand(sku) == (State.MATCHED, "LAMP-SET")
    assert fresh(sku).mapped_reason == Reason.CHOSEN
    assert batch_of(outcome).deed == MappingBatch.Deed.CHOOSE


def test_a_variant_of_another_client_is_as_unknown_as_one_there_is_not(shop):
    sku = make_listing_sku(shop=shop)
    theirs = make_variant(client=make_client())
    told = {
        key: str(mapping.choose(shop, {sku.pk: key}, NOBODY).left[0])
        for key in (theirs.pk, 987_654)
    }

    assert len(set(told.values())) == 1
    assert stand(sku) == (State.UNMATCHED, None)


def test_an_archived_variant_cannot_be_chosen(shop, lamp):
    sku = make_listing_sku(shop=shop)
    Variant.objects.update(is_active=False)

    assert mapping.choose(shop, {sku.pk: lamp.pk}, NOBODY).changed == []


def test_choosing_anew_moves_the_lines_along(client, shop, lamp):
    sku = make_listing_sku(shop=shop, variant=lamp)
    line = make_line(sku)
    vase = make_variant(client=client, sku="VASE-1")

    outcome = mapping.choose(shop, {sku.pk: vase.pk}, NOBODY)

    line.refresh_from_db()
    assert line.variant == vase
    assert outcome.lines == 1


def test_choosing_over_what_has_changed_since_it_was_seen_is_reported(
    client, shop, lamp
):
    vase = make_variant(client=client, sku="VASE-1")
    sku = make_listing_sku(shop=shop, variant=lamp)

    outcome = mapping.choose(shop, {sku.pk: vase.pk}, NOBODY, seen={sku.pk: None})

    assert [left.why for left in outcome.left] == ["it is matched to LAMP-30 now."]
    assert stand(sku) == (State.MATCHED, "LAMP-30")


# Choosing a product -------------------------------------------------------------------


@pytest.fixture
def shirt(client):
    return make_product(client, "Shirt")


def test_what_a_colleague_matched_while_it_was_told_apart_is_left(
    client, shop, lamp, monkeypatch
):
    vase = make_variant(client=client, sku="VASE-1")
    sku = make_listing_sku(shop=shop)

    def meanwhile(*args):
        mapping.choose(shop, {sku.pk: vase.pk}, NOBODY)
        return telling_apart.tell_apart(*args)

    monkeypatch.setattr(mapping, "tell_apart", meanwhile)
    outcome = mapping.choose_product(sku.listing, lamp.product, NOBODY)

    assert stand(sku) == (State.MATCHED, "VASE-1")
    assert [left.why for left in outcome.left] == ["it is matched to VASE-1 now."]


def test_a_products_variants_are_told_by_sku_barcode_and_option_words(shop, shirt):
    by_sku = make_variant(shirt, "SHIRT-S", name="S")
    by_barcode = make_variant(shirt, "SHIRT-M", name="M", barcode="4006381333931")
    by_words = make_variant(shirt, "SHIRT-RL", name="Red / L")
    listing = make_listing(shop)
    rows = [
        make_listing_sku(listing, seller_sku=" shirt-s ", variation="?"),
        make_listing_sku(listing, seller_sku="", barcode="4006381333931", variation=""),
        make_listing_sku(listing, seller_sku="N/A", variation="L, red"),
        make_listing_sku(listing, seller_sku="", variation="XXL"),
    ]

    outcome = mapping.choose_product(listing, shirt, NOBODY)

    assert [fresh(row).variant for row in rows] == [
        by_sku,
        by_barcode,
        by_words,
        None,
    ]
    assert [left.key for left in outcome.left] == [rows[3].pk]
    assert "choose one" in outcome.left[0].why


def test_evidence_against_evidence_is_left_open(shop, shirt):
    make_variant(shirt, "SHIRT-S", name="S")
    make_variant(shirt, "SHIRT-M", name="M")
    listing = make_listing(shop)
    sku = make_listing_sku(listing, seller_sku="SHIRT-S", variation="M")
    make_listing_sku(listing, seller_sku="SHIRT-M", variation="M")

    outcome = mapping.choose_product(listing, shirt, NOBODY)

    assert stand(sku)[0] == State.UNMATCHED
    assert [left.key for left in outcome.left] == [sku.pk]


def test_blanks_tell_nothing_about_blanks(shop, shirt):
    make_variant(shirt, "A", name="", barcode="")
    make_variant(shirt, "B", name="", barcode="")
    listing = make_listing(shop)
    make_listing_sku(listing, seller_sku="", variation="", barcode="")
    make_listing_sku(listing, seller_sku="  ", variation="", barcode="")

    assert mapping.choose_product(listing, shirt, NOBODY).changed == []


def test_one_sku_and_one_variant_need_no_evidence(shop, lamp):
    sku = make_listing_sku(shop=shop, seller_sku="", variation="")

    mapping.choose_product(sku.listing, lamp.product, NOBODY)

    assert stand(sku) == (State.MATCHED, "LAMP-30")


def test_a_product_of_another_client_leaves_all_open(shop):
    sku = make_listing_sku(shop=shop)
    theirs = make_variant(client=make_client(), sku="LAMP-30")

    outcome = mapping.choose_product(sku.listing, theirs.product, NOBODY)

    assert outcome.changed == []
    assert stand(sku)[0] == State.UNMATCHED


# Creating ---------------------------------------------------------------------------


def test_a_listing_becomes_a_product_with_a_variant_for_each_sku(shop, client, user):
    listing = make_listing(shop, title="Rattan lamp", brand_name="Kayu")
    named = make_listing_sku(
        listing, seller_sku="RL-1", variation="Natural", barcode="4006381333931"
    )
    unnamed = make_listing_sku(
        listing, "1730000000000000777", seller_sku="n/a", variation="Black"
    )
    line = make_line(named)

    product, outcome = mapping.create_product(listing, By(user))

    assert (product.name, product.brand, product.client) == (
        "Rattan lamp",
        "Kayu",
        client,
    )
    first, second = product.variants.order_by("pk")
    assert (first.sku, first.name, first.barcode) == (
        "RL-1",
        "Natural",
        "4006381333931",
    )
    assert str(first.prices.get().price) == "MYR 40.00"
    assert second.sku == "TT-1730000000000000777"
    assert fresh(named).variant == first
    assert fresh(unnamed).variant == second
    assert fresh(named).mapped_reason == Reason.CREATED
    assert batch_of(outcome).deed == MappingBatch.Deed.CREATE
    line.refresh_from_db()
    assert line.variant == first


def test_odd_barcodes_prices_and_blank_variations_do_not_refuse_a_creation(shop):
    listing = make_listing(shop, title="Vase")
    for barcode, price in (("N/A", "0"), ("4006381333930", "12.3456"), ("7" * 40, "1")):
        make_listing_sku(
            listing, seller_sku="-", barcode=barcode, price_amount=price, variation=""
        )

    product, outcome = mapping.create_product(listing, NOBODY)

    assert product.variants.count() == len(outcome.changed) == 3


def test_a_taken_sku_refuses_the_creation_and_names_who_has_it(shop, client):
    make_variant(make_product(client, "Old lamp"), "rl-1", name="Oak")
    listing = make_listing(shop)
    make_listing_sku(listing, seller_sku="RL-1")
    make_listing_sku(listing, seller_sku="RL-2")

    with pytest.raises(MappingRefused, match="rl-1 is “Old lamp · Oak” already"):
        mapping.create_product(listing, NOBODY)

    assert Product.objects.count() == 1
    assert not ListingSku.objects.filter(variant__isnull=False).exists()


def test_a_sku_that_stands_twice_in_a_listing_refuses_the_creation(shop):
    listing = make_listing(shop)
    make_listing_sku(listing, seller_sku="RL-1")
    make_listing_sku(listing, seller_sku="rl-1")

    with pytest.raises(MappingRefused, match="stands on two SKUs"):
        mapping.create_product(listing, NOBODY)

    assert not Product.objects.exists()


def test_matched_and_ignored_skus_of_a_listing_stay_out_of_what_is_created(shop, lamp):
    listing = make_listing(shop)
    make_listing_sku(listing, variant=lamp)
    ignored = make_listing_sku(listing, mapping=State.IGNORED)
    make_listing_sku(listing, seller_sku="RL-2")

    product, _ = mapping.create_product(listing, NOBODY)

    assert [row.sku for row in product.variants.all()] == ["RL-2"]
    assert stand(ignored)[0] == State.IGNORED


def test_nothing_is_created_of_a_listing_that_is_decided(shop, lamp):
    sku = make_listing_sku(shop=shop, variant=lamp)

    with pytest.raises(MappingRefused, match="decided already"):
        mapping.create_product(sku.listing, NOBODY)


# Ignoring and unlinking ---------------------------------------------------------------


def test_ignoring_leaves_what_is_matched(shop, lamp):
    open_, matched = (
        make_listing_sku(shop=shop),
        make_listing_sku(shop=shop, variant=lamp),
    )

    outcome = mapping.ignore(shop, [open_.pk, matched.pk], NOBODY)

    assert stand(open_) == (State.IGNORED, None)
    assert stand(matched) == (State.MATCHED, "LAMP-30")
    assert [left.key for left in outcome.left] == [matched.pk]


def test_unlinking_takes_the_variant_from_the_lines_too(shop, lamp):
    sku = make_listing_sku(shop=shop, variant=lamp)
    line = make_line(sku)

    outcome = mapping.unlink(shop, [sku.pk], NOBODY)

    line.refresh_from_db()
    assert line.variant is None
    assert line.listing_sku == sku
    assert stand(sku) == (State.UNMATCHED, None)
    assert outcome.lines == 1
    row = fresh(sku)
    assert (row.mapped_reason, row.mapped_at, row.mapped_by) == ("", None, None)


def test_unlinking_brings_back_what_is_suggested(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    mapping.unlink(shop, [sku.pk], NOBODY)

    assert stand(sku) == (State.SUGGESTED, None)


def test_unlinking_what_was_matched_to_something_else_meanwhile_is_reported(
    client, shop, lamp
):
    sku = make_listing_sku(shop=shop, variant=lamp)
    vase = make_variant(client=client, sku="VASE-1")

    outcome = mapping.unlink(shop, [sku.pk], NOBODY, seen={sku.pk: vase.pk})

    assert stand(sku) == (State.MATCHED, "LAMP-30")
    assert len(outcome.left) == 1


# Undoing ------------------------------------------------------------------------------


def test_undoing_restores_skus_and_lines(shop, lamp, client):
    suggested = make_suggested(lamp, shop=shop)
    line = make_line(suggested)
    batch = batch_of(mapping.accept(shop, {suggested.pk: lamp.pk}, NOBODY))

    outcome = mapping.undo(batch, NOBODY)

    assert stand(suggested) == (State.SUGGESTED, None)
    assert outcome.lines == 1
    line.refresh_from_db()
    assert line.variant is None
    batch.refresh_from_db()
    assert batch.undone_at is not None


def test_undoing_brings_back_an_earlier_match_with_its_reason(client, shop, lamp):
    sku = make_listing_sku(shop=shop, variant=lamp, mapped_reason=Reason.SAME_BARCODE)
    vase = make_variant(client=client, sku="VASE-1")
    batch = batch_of(mapping.choose(shop, {sku.pk: vase.pk}, NOBODY))

    mapping.undo(batch, NOBODY)

    assert stand(sku) == (State.MATCHED, "LAMP-30")
    assert fresh(sku).mapped_reason == Reason.SAME_BARCODE


def test_undoing_leaves_what_was_decided_since_and_says_so(client, shop, lamp):
    first, second = make_suggested(lamp, shop=shop), make_suggested(lamp, shop=shop)
    pairs = {first.pk: lamp.pk, second.pk: lamp.pk}
    batch = batch_of(mapping.accept(shop, pairs, NOBODY))
    vase = make_variant(client=client, sku="VASE-1")
    mapping.choose(shop, {second.pk: vase.pk}, NOBODY)

    outcome = mapping.undo(batch, NOBODY)

    assert stand(first) == (State.SUGGESTED, None)
    assert stand(second) == (State.MATCHED, "VASE-1")
    assert [(left.key, left.why) for left in outcome.left] == [
        (second.pk, "it was decided anew since.")
    ]


def test_matched_again_to_the_same_since_is_decided_since(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    batch = batch_of(mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY))
    mapping.unlink(shop, [sku.pk], NOBODY)
    mapping.choose(shop, {sku.pk: lamp.pk}, NOBODY)

    outcome = mapping.undo(batch, NOBODY)

    assert stand(sku) == (State.MATCHED, "LAMP-30")
    assert len(outcome.left) == 1
    batch.refresh_from_db()
    assert batch.undone_at is None


def test_undoing_twice_changes_nothing_the_second_time(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    batch = batch_of(mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY))
    mapping.undo(batch, NOBODY)
    mapping.choose(shop, {sku.pk: lamp.pk}, NOBODY)

    again = mapping.undo(batch, NOBODY)

    assert (again.changed, again.left) == ([], [])
    assert stand(sku) == (State.MATCHED, "LAMP-30")


def test_batches_are_undone_one_after_the_other_back_to_the_first(client, shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    vase = make_variant(client=client, sku="VASE-1")
    first = batch_of(mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY))
    second = batch_of(mapping.choose(shop, {sku.pk: vase.pk}, NOBODY))

    mapping.undo(second, NOBODY)
    assert stand(sku) == (State.MATCHED, "LAMP-30")
    mapping.undo(first, NOBODY)

    assert stand(sku) == (State.SUGGESTED, None)


def test_undoing_an_unlinking_holds_though_suggestions_came_since(shop, lamp):
    sku = make_listing_sku(shop=shop, variant=lamp)
    batch = batch_of(mapping.unlink(shop, [sku.pk], NOBODY))
    suggest(fresh(sku), lamp)

    mapping.undo(batch, NOBODY)

    assert stand(sku) == (State.MATCHED, "LAMP-30")


def test_undoing_a_creation_keeps_the_product_without_its_listing(shop):
    sku = make_listing_sku(shop=shop, seller_sku="RL-1")
    product, outcome = mapping.create_product(sku.listing, NOBODY)

    mapping.undo(batch_of(outcome), NOBODY)

    assert stand(sku) == (State.UNMATCHED, None)
    assert Product.objects.get() == product


# Many at once -------------------------------------------------------------------------


def test_many_are_accepted_piece_by_piece_and_undone_as_one(
    shop, lamp, user, monkeypatch
):
    monkeypatch.setattr(mapping, "AT_ONCE", 2)
    skus = [make_suggested(lamp, shop=shop) for _ in range(5)]
    line = make_line(skus[4])
    batch = mapping.start_accepting(shop, {s.pk: lamp.pk for s in skus}, By(user))

    with pytest.raises(MappingRefused, match="under way"):
        mapping.undo(batch, NOBODY)
    steps = []
    while mapping.accept_some(batch.pk):
        steps.append(MappingChange.objects.filter(batch=batch).count())

    assert steps == [2, 4]
    batch.refresh_from_db()
    assert (batch.is_running, batch.pending, batch.lines_relinked) == (False, [], 1)
    line.refresh_from_db()
    assert line.variant == lamp
    assert {stand(sku)[0] for sku in skus} == {State.MATCHED}
    assert fresh(skus[0]).mapped_by == user
    assert mapping.accept_some(batch.pk) is False
    assert len(mapping.undo(batch, NOBODY).changed) == 5


def test_a_piece_that_breaks_off_is_done_by_whoever_comes_next(shop, lamp, monkeypatch):
    monkeypatch.setattr(mapping, "AT_ONCE", 2)
    skus = [make_suggested(lamp, shop=shop) for _ in range(3)]
    batch = mapping.start_accepting(shop, {s.pk: lamp.pk for s in skus}, NOBODY)
    mapping.accept_some(batch.pk)
    mapping.ignore(shop, [skus[2].pk], NOBODY)

    mapping.accept_some(batch.pk)

    assert [stand(sku)[0] for sku in skus] == [
        State.MATCHED,
        State.MATCHED,
        State.IGNORED,
    ]
    assert batch.changes.count() == 2


# Beside it ----------------------------------------------------------------------------


def test_decisions_leave_a_trail_and_make_suggestions_stale(shop, lamp, user, client):
    sku = make_suggested(lamp, shop=shop)

    mapping.accept(shop, {sku.pk: lamp.pk}, By(user, "192.0.2.1"))

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.client, entry.shop_key) == (
        "accepted mappings",
        client,
        shop.pk,
    )
    assert entry.actor == user
    assert entry.details == {"skus": 1, "lines": 0}
    assert MappingState.objects.get(client=client).stale_since is not None


def test_what_changes_nothing_leaves_no_trail(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    MappingSuggestion.objects.all().delete()

    mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    assert not AuditEntry.objects.exists()
