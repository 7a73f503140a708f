"""Suggestions as they are kept: by difference, beside what people decide."""

from typing import Any

import pytest
from django.utils import timezone

from apps.orders.services import mapping
from apps.products import tasks
from apps.products.models import (
    ListingSku,
    MappingState,
    MappingSuggestion,
    Product,
    Variant,
)
from apps.products.services import suggesting
from apps.products.services.suggesting import (
    is_stale,
    mark_stale,
    refresh_suggestions,
    stale_clients,
)
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.users import make_client
from tests.orders.queries import statements
from tests.products.mapping_support import NOBODY, State, fresh, stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def shop(client):
    return make_shop(client)


@pytest.fixture
def lamp(client):
    return make_variant(make_product(client), "LAMP-30", name="Natural")


def test_a_round_suggests_what_has_the_same_sku(client, shop, lamp):
    sku = make_listing_sku(shop=shop, seller_sku="LAMP-30")
    stranger = make_listing_sku(
        make_listing(shop, title="Cotton towel"), seller_sku="X-9", variation="Blue"
    )

    found = refresh_suggestions(client)

    assert (found.suggested, found.unmatched, found.conflicts) == (1, 1, 0)
    assert stand(sku)[0] == State.SUGGESTED
    assert stand(stranger)[0] == State.UNMATCHED
    row = MappingSuggestion.objects.get()
    assert (row.listing_sku, row.variant, row.reason) == (sku, lamp, "same_sku")
    assert row.confidence >= 95
    assert "SKU" in row.explanation or "sku" in row.explanation


def test_rivals_make_a_conflict_with_all_of_them(client, shop):
    one = make_variant(client=client, sku="A", barcode="4006381333931")
    two = make_variant(client=client, sku="B", barcode="4006381333931")
    sku = make_listing_sku(shop=shop, seller_sku="", barcode="4006381333931")

    refresh_suggestions(client)

    assert stand(sku)[0] == State.CONFLICT
    named = MappingSuggestion.objects.filter(listing_sku=sku)
    assert {row.variant for row in named} == {one, two}


def test_a_second_round_writes_no_suggestion_and_no_sku(client, shop, lamp):
    make_listing_sku(shop=shop)
    refresh_suggestions(client)
    keys = set(MappingSuggestion.objects.values_list("pk", flat=True))

    with statements() as asked:
        found = refresh_suggestions(client)

    assert found.changed == 0
    assert {sql.split('"')[1] for sql in asked.writing} == {"products_mappingstate"}
    assert set(MappingSuggestion.objects.values_list("pk", flat=True)) == keys


def test_what_no_longer_holds_is_taken_back(client, shop, lamp):
    sku = make_listing_sku(
        make_listing(shop, title="Something else"), seller_sku="LAMP-30", variation=""
    )
    refresh_suggestions(client)
    Variant.objects.filter(pk=lamp.pk).update(sku="VASE-1", name="")
    Product.objects.update(name="Vase")

    found = refresh_suggestions(client)

    assert stand(sku)[0] == State.UNMATCHED
    assert not MappingSuggestion.objects.exists()
    assert found.changed == 1


def test_what_people_decided_is_never_touched(client, shop, lamp):
    other = make_variant(client=client, sku="VASE-1")
    matched = make_listing_sku(shop=shop, variant=other)
    ignored = make_listing_sku(shop=shop, mapping=State.IGNORED)

    refresh_suggestions(client)

    assert stand(matched) == (State.MATCHED, "VASE-1")
    assert stand(ignored) == (State.IGNORED, None)
    assert not MappingSuggestion.objects.exists()


def test_what_was_decided_while_a_round_was_thinking_stays(
    client, shop, lamp, monkeypatch
):
    accepted, ignored = make_listing_sku(shop=shop), make_listing_sku(shop=shop)
    thinking = suggesting._verdicts

    def decide_meanwhile(facts: Any) -> Any:
        verdicts = thinking(facts)
        mapping.choose(shop, {accepted.pk: lamp.pk}, NOBODY)
        mapping.ignore(shop, [ignored.pk], NOBODY)
        return verdicts

    monkeypatch.setattr(suggesting, "_verdicts", decide_meanwhile)
    refresh_suggestions(client)

    assert stand(accepted) == (State.MATCHED, "LAMP-30")
    assert stand(ignored) == (State.IGNORED, None)
    assert not MappingSuggestion.objects.exists()


def test_a_variant_deleted_while_a_round_was_thinking_is_not_suggested(
    client, shop, lamp, monkeypatch
):
    sku = make_listing_sku(shop=shop)
    thinking = suggesting._verdicts

    def delete_meanwhile(facts: Any) -> Any:
        verdicts = thinking(facts)
        Variant.objects.all().delete()
        return verdicts

    monkeypatch.setattr(suggesting, "_verdicts", delete_meanwhile)
    refresh_suggestions(client)

    assert stand(sku)[0] == State.UNMATCHED


def test_a_later_round_wins_over_an_earlier_one_that_ends_after_it(
    client, shop, lamp, monkeypatch
):
    sku = make_listing_sku(shop=shop)
    thinking = suggesting._verdicts

    def overtaken(facts: Any) -> Any:
        verdicts = thinking(facts)
        monkeypatch.setattr(suggesting, "_verdicts", thinking)
        Variant.objects.update(sku="VASE-1")
        Product.objects.update(name="Vase")
        refresh_suggestions(client)
        return verdicts

    monkeypatch.setattr(suggesting, "_verdicts", overtaken)
    found = refresh_suggestions(client)

    assert not found.is_whole
    assert stand(sku)[0] == State.UNMATCHED


def test_skus_that_are_gone_and_archived_products_stay_out(client, shop, lamp):
    gone = make_listing_sku(shop=shop, removed_at=timezone.now())
    refresh_suggestions(client)
    assert stand(gone)[0] == State.UNMATCHED

    here = make_listing_sku(shop=shop)
    Product.objects.update(is_active=False)
    refresh_suggestions(client)

    assert stand(here)[0] == State.UNMATCHED


def test_another_clients_catalogue_suggests_nothing(client, shop):
    make_variant(client=make_client(), sku="LAMP-30")
    sku = make_listing_sku(shop=shop, seller_sku="LAMP-30")

    refresh_suggestions(client)

    assert stand(sku)[0] == State.UNMATCHED


def test_a_shop_learns_from_the_others_and_not_from_itself(client, shop):
    vase = make_variant(client=client, sku="V-1", name="")
    listing: dict[str, Any] = {"seller_sku": "GLASS-VASE-XL", "variation": ""}
    make_listing_sku(make_listing(shop, title="?"), variant=vase, **listing)
    here = make_listing_sku(make_listing(shop, title="!"), **listing)
    beside = make_shop(client)
    there = make_listing_sku(make_listing(beside, title="#"), **listing)

    refresh_suggestions(client)

    assert stand(here)[0] == State.UNMATCHED
    assert stand(there)[0] == State.SUGGESTED
    assert MappingSuggestion.objects.get().reason == "matched_elsewhere"


# When it is due -----------------------------------------------------------------------


def test_a_round_settles_what_was_stale(client, shop, lamp):
    mark_stale(client.pk)
    assert stale_clients() == [client.pk]

    refresh_suggestions(client)

    assert stale_clients() == []
    assert MappingState.objects.get(client=client).suggested_at is not None


def test_what_changes_while_a_round_is_thinking_stays_stale(
    client, shop, lamp, monkeypatch
):
    mark_stale(client.pk)
    thinking = suggesting._verdicts

    def change_meanwhile(facts: Any) -> Any:
        mark_stale(client.pk)
        return thinking(facts)

    monkeypatch.setattr(suggesting, "_verdicts", change_meanwhile)
    refresh_suggestions(client)

    assert is_stale(client.pk)


def test_the_sweep_works_out_whoever_is_stale(client, shop, lamp, monkeypatch):
    sku = make_listing_sku(shop=shop)
    settled = make_client()
    mark_stale(client.pk)
    monkeypatch.setattr(tasks.refresh_suggestions, "delay", tasks.refresh_suggestions)

    assert tasks.sweep_suggestions() == 1
    tasks.refresh_suggestions(settled.pk)

    assert stand(sku)[0] == State.SUGGESTED
    assert not MappingState.objects.filter(client=settled).exists()


def test_a_round_costs_the_same_number_of_statements_for_many_skus(client, shop, lamp):
    def cost(count: int) -> int:
        ListingSku.objects.all().delete()
        for _ in range(count):
            make_listing_sku(shop=shop)
        with statements() as asked:
            refresh_suggestions(client)
        return len(asked)

    refresh_suggestions(client)
    assert cost(2) == cost(40)


def test_suggestions_of_a_matched_sku_are_kept_for_the_way_back(client, shop, lamp):
    sku = make_listing_sku(shop=shop)
    refresh_suggestions(client)
    mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    refresh_suggestions(client)

    assert MappingSuggestion.objects.filter(listing_sku=sku).exists()
    assert fresh(sku).mapping == State.MATCHED
