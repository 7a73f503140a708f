"""Listings, and the decisions which variant each of their SKUs is."""

from typing import Any

import pytest

from apps.orders.models import OrderLine
from apps.orders.services import mapping
from apps.orders.tasks import accept_suggestions
from apps.products.models import (
    ListingDraft,
    ListingSku,
    MappingSuggestion,
    PublishItem,
    PublishRun,
)
from apps.products.tasks import work_publish_run
from apps.users.roles import Role
from tests.api.catalogue import Catalogue, errors, make_catalogue
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
NO_ROW = "There is nothing with this id."


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def own(world) -> Catalogue:
    return make_catalogue(world)


@pytest.fixture
def foreign() -> Catalogue:
    return make_catalogue(make_world("Quokka"), "Quokka")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture
def queue(monkeypatch) -> list[Any]:
    """What is woken once a test's requests have committed."""
    sent: list[Any] = []
    for task in (work_publish_run, accept_suggestions):
        monkeypatch.setattr(task, "delay", lambda key: sent.append(key))
    return sent


def suggest(listing, variant, confidence: int) -> ListingSku:
    sku = make_listing_sku(listing, seller_sku="", mapping="suggested")
    MappingSuggestion.objects.create(
        listing_sku=sku,
        variant=variant,
        reason=ListingSku.Reason.TITLE,
        confidence=confidence,
        explanation="alike",
    )
    return sku


LISTS = {
    "listings": 5,
    "listing-skus": 5,
    "mapping-batches": 5,
    "listing-drafts": 5,
    "publish-runs": 5,
    "publish-items": 5,
}


@pytest.mark.parametrize(("address", "queries"), LISTS.items())
def test_a_list_takes_as_many_queries_as_a_short_one(
    world, own, admin, address, queries, django_assert_num_queries
):
    for number in range(3):
        shop = make_shop(world.client, name=f"More {number}")
        listing = make_listing(shop)
        make_listing_sku(listing, variant=own.variant)
        ListingDraft.objects.create(shop=shop, copied_from=listing)
        mapping.choose(
            shop, {suggest(listing, own.other, 90).pk: own.variant.pk}, mapping.By(None)
        )
        run = PublishRun.objects.create(shop=shop, kind="price")
        PublishItem.objects.create(run=run, position=0, listing=listing)
    admin.get("me/")  # the use of the token is noted

    with django_assert_num_queries(queries):
        assert len(keys(admin.get(f"{address}/"))) >= 4


def test_a_listing_tells_its_skus_and_why_it_was_rejected(own, admin):
    shown = admin.get(f"listings/{own.listing.pk}/").json()
    listed_ = admin.get("listings/").json()["results"][0]

    first, second = shown["skus"]
    assert shown["product_id"] == own.listing.remote_id
    assert shown["rejections"] == [{"position": "Lamp title"}]
    assert (first["mapping"], first["variant_sku"]) == ("matched", "Lamp-30")
    assert (second["mapping"], second["variant_sku"]) == ("suggested", None)
    assert first["price"] == {"amount": "40.00", "currency": "MYR"}
    assert "skus" not in listed_


def test_a_price_without_a_currency_is_none(own, admin):
    ListingSku.objects.filter(pk=own.sku.pk).update(currency="")

    assert admin.get(f"listing-skus/{own.sku.pk}/").json()["price"] is None


@pytest.mark.parametrize("count", [1, 5])
def test_a_listing_takes_as_many_queries_however_many_skus(
    own, admin, count, django_assert_num_queries
):
    for _ in range(count):
        make_listing_sku(own.listing, variant=own.variant)
    admin.get("me/")

    with django_assert_num_queries(6):
        answer = admin.get(f"listings/{own.listing.pk}/")
    assert len(answer.json()["skus"]) == 2 + count


def test_listings_are_found_by_state_number_and_change(world, own, admin):
    gone = make_listing(world.shop, status="deleted", audit="failed")
    changed = own.listing.modified_at.isoformat().replace("+00:00", "Z")
    numbers = f"{gone.remote_id},{own.listing.remote_id},1"

    assert keys(admin.get("listings/?status=live")) == [own.listing.pk]
    assert keys(admin.get("listings/?audit=failed")) == [gone.pk]
    assert set(keys(admin.get(f"listings/?product_id={numbers}"))) == {
        gone.pk,
        own.listing.pk,
    }
    assert gone.pk in keys(admin.get(f"listings/?updated_since={changed}"))
    assert code(admin.get("listings/?status=ACTIVATE")) == (400, "invalid")


def test_listing_skus_are_found_by_mapping_numbers_and_confidence(world, own, admin):
    removed = make_listing_sku(own.listing, removed_at=own.listing.created_at)

    assert keys(admin.get("listing-skus/?mapping=suggested")) == [own.open_sku.pk]
    assert keys(admin.get("listing-skus/?min_confidence=88")) == [own.open_sku.pk]
    assert keys(admin.get("listing-skus/?min_confidence=89")) == []
    assert keys(admin.get("listing-skus/?seller_sku=Lamp-30")) == [own.sku.pk]
    assert keys(admin.get(f"listing-skus/?sku_id={own.sku.remote_id}")) == [own.sku.pk]
    assert keys(admin.get("listing-skus/?is_listed=false")) == [removed.pk]
    assert removed.pk not in keys(admin.get("listing-skus/?is_listed=true"))


def test_a_sku_tells_what_is_suggested_and_which_decision_holds(own, admin):
    open_sku = admin.get(f"listing-skus/{own.open_sku.pk}/").json()
    matched = admin.get(f"listing-skus/{own.sku.pk}/").json()

    (suggestion,) = open_sku["suggestions"]
    assert suggestion["variant"] == own.other.pk
    assert (suggestion["sku"], suggestion["confidence"]) == ("Lamp-40", 88)
    assert open_sku["last_batch"] is None
    assert matched["last_batch"] == own.batch.pk


def test_a_suggestion_is_accepted_past_orders_follow_and_it_is_undone(own, admin):
    order = make_order(own.listing.shop, remote_sku_id=own.open_sku.remote_id)
    OrderLine.objects.filter(order=order).update(listing_sku=own.open_sku)
    address = f"listing-skus/{own.open_sku.pk}"

    accepted = admin.post(f"{address}/accept/", {}, Idempotency_Key="a1")
    again = admin.post(f"{address}/accept/", {}, Idempotency_Key="a1")
    line = OrderLine.objects.get(order=order)
    batch = accepted.json()["last_batch"]
    undone = admin.post(f"mapping-batches/{batch}/undo/")
    twice = admin.post(f"mapping-batches/{batch}/undo/")

    assert accepted.json()["mapping"] == "matched"
    assert accepted.json()["mapped_confidence"] == 88
    assert again["Idempotency-Replayed"] == "true"
    assert line.variant == own.other
    assert undone.json()["changed"] == 1
    assert undone.json()["lines"] == 1
    assert twice.json()["changed"] == 0
    line.refresh_from_db()
    assert line.variant is None
    assert admin.get(f"{address}/").json()["mapping"] == "suggested"
    assert keys(admin.get("mapping-batches/?is_undone=true")) == [batch]


def test_of_several_suggestions_one_has_to_be_named(own, admin):
    MappingSuggestion.objects.create(
        listing_sku=own.open_sku,
        variant=own.variant,
        reason=ListingSku.Reason.TITLE,
        confidence=70,
        explanation="alike, too",
    )
    ListingSku.objects.filter(pk=own.open_sku.pk).update(mapping="conflict")
    address = f"listing-skus/{own.open_sku.pk}/accept/"

    unclear = admin.post(address, {})
    other = admin.post(address, {"variant": own.bundle.pk})
    named = admin.post(address, {"variant": own.variant.pk})

    assert code(unclear) == (409, "mapping_refused")
    assert "Name the variant" in unclear.json()["detail"]
    assert code(other) == (409, "mapping_refused")
    assert "no longer suggested" in other.json()["detail"]
    assert named.json()["variant"] == own.variant.pk


def test_a_variant_is_chosen_ignored_and_unlinked(own, foreign, admin):
    address = f"listing-skus/{own.open_sku.pk}"

    bundle = admin.post(f"{address}/choose/", {"variant": own.bundle.pk})
    matched = admin.post(f"{address}/ignore/")
    unlinked = admin.post(f"{address}/unlink/")
    ignored = admin.post(f"{address}/ignore/")
    nobody = admin.post(f"{address}/choose/", {"variant": foreign.variant.pk})
    missing = admin.post(f"{address}/choose/", {"variant": 987654321})

    assert bundle.json()["variant_sku"] == "Lamp-SET"
    assert code(matched) == (409, "mapping_refused")
    assert unlinked.json()["mapping"] == "suggested"
    assert ignored.json()["mapping"] == "ignored"
    assert errors(nobody) == errors(missing) == {"variant": NO_ROW}


def test_who_works_for_two_clients_mixes_nothing(world, own):
    second = make_world("Tamarind")
    theirs = make_catalogue(second, "Tamarind")
    user = make_user(clients=[world.client, second.client], role=Role.ADMIN)
    caller = Caller(user)

    chosen = caller.post(
        f"listing-skus/{own.open_sku.pk}/choose/", {"variant": theirs.variant.pk}
    )
    draft = caller.post(
        "listing-drafts/", {"shop": world.shop.pk, "product": theirs.product.pk}
    )
    run = caller.post(
        "publish-runs/",
        {"shop": world.shop.pk, "kind": "activate", "listings": [theirs.listing.pk]},
    )

    assert code(chosen) == (409, "mapping_refused")
    assert "no such variant" in chosen.json()["detail"]
    assert code(draft) == (409, "draft_refuses")
    assert errors(run) == {"listings": NO_ROW}


def test_a_decision_is_made_of_what_was_seen_alone(own, admin):
    address = f"listing-skus/{own.open_sku.pk}/"
    seen = admin.get(address)["ETag"]
    admin.post(f"{address}choose/", {"variant": own.bundle.pk})

    late = admin.post(f"{address}unlink/", If_Match=seen)

    assert code(late) == (412, "stale")
    own.open_sku.refresh_from_db()
    assert own.open_sku.variant == own.bundle


def test_all_that_is_sure_enough_is_accepted_and_nothing_else(world, own, admin):
    sure = suggest(own.listing, own.variant, 97)
    unsure = suggest(own.listing, own.variant, 60)
    deleted = suggest(make_listing(world.shop, status="deleted"), own.variant, 99)
    elsewhere = suggest(make_listing(make_shop(world.client)), own.variant, 99)
    body = {"shop": world.shop.pk, "min_confidence": 88}

    outcome = admin.post("listing-skus/accept-suggestions/", body).json()
    again = admin.post("listing-skus/accept-suggestions/", body).json()

    assert (outcome["changed"], outcome["left"], outcome["is_running"]) == (
        2,
        [],
        False,
    )
    assert (again["changed"], again["batch"]) == (0, None)
    batch = admin.get(f"mapping-batches/{outcome['batch']}/").json()
    assert {row["listing_sku"] for row in batch["changes"]} == {
        sure.pk,
        own.open_sku.pk,
    }
    for sku in (unsure, deleted, elsewhere):
        sku.refresh_from_db()
        assert sku.mapping == "suggested"


def test_many_are_accepted_in_the_background_and_not_undone_meanwhile(
    world, own, admin, queue, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(mapping, "AT_ONCE", 1)
    suggest(own.listing, own.variant, 97)
    body = {"shop": world.shop.pk, "min_confidence": 80}

    with django_capture_on_commit_callbacks(execute=True):
        begun = admin.post("listing-skus/accept-suggestions/", body).json()
        assert queue == []
    early = admin.post(f"mapping-batches/{begun['batch']}/undo/")
    accept_suggestions(begun["batch"])
    done = admin.get(f"mapping-batches/{begun['batch']}/").json()

    assert begun["is_running"] is True
    assert queue == [begun["batch"]]
    assert code(early) == (409, "mapping_refused")
    assert (done["is_running"], done["changed"], done["total"]) == (False, 2, 2)


def test_order_lines_are_counted_only_for_who_sees_orders(world, own):
    order = make_order(world.shop, remote_sku_id=own.open_sku.remote_id)
    OrderLine.objects.filter(order=order).update(listing_sku=own.open_sku)
    blind = make_user(clients=[world.client], permissions=["manage_products"])
    body = {"shop": world.shop.pk, "min_confidence": 80}

    outcome = Caller(blind).post("listing-skus/accept-suggestions/", body).json()
    batch = Caller(blind).get(f"mapping-batches/{outcome['batch']}/").json()

    assert outcome["changed"] == 1
    assert outcome["lines"] is outcome["waiting"] is batch["lines_relinked"] is None
    shown = Caller(world.admin).get(f"mapping-batches/{outcome['batch']}/").json()
    assert shown["lines_relinked"] == 1


def test_a_product_is_found_by_what_is_matched_to_it(world, own, admin):
    variant = make_variant(make_product(world.client, "Basket"), "BASKET")
    sku = make_listing_sku(own.listing, variant=variant)

    assert keys(admin.get(f"listing-skus/?variant={variant.pk}")) == [sku.pk]
    assert keys(admin.get(f"variants/?product={variant.product_id}")) == [variant.pk]
