"""Several at once: one decision holds, the others are told, and lines agree with it."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction

from apps.imports.services import mapping as import_services
from apps.imports.services.mapping import import_mapping
from apps.integrations.contracts import Source
from apps.orders.models import OrderLine
from apps.orders.services import mapping
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from apps.products.models import ListingSku, MappingBatch, MappingSuggestion
from apps.products.services.mapping_rows import Change
from apps.products.services.staleness import mark_stale
from apps.products.services.suggesting import refresh_suggestions
from tests.factories.orders import make_remote_line, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_product, make_variant
from tests.factories.users import make_client
from tests.products.mapping_support import (
    NOBODY,
    State,
    batch_of,
    fresh,
    make_line,
    make_suggested,
    stand,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ROUNDS = 6


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def shop(client):
    return make_shop(client)


@pytest.fixture
def lamp(client):
    return make_variant(make_product(client), "LAMP-30", name="Natural")


@pytest.fixture
def vase(client):
    return make_variant(make_product(client, "Vase"), "VASE-1")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = calls[number]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[n]) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert None not in results
    return results


def lines_agree() -> bool:
    lines = OrderLine.objects.filter(listing_sku__isnull=False)
    pairs = lines.values_list("variant", "listing_sku__variant")
    return all(ours == theirs for ours, theirs in pairs)


def test_of_two_who_decide_about_a_sku_one_is_told(shop, lamp, vase):
    for _ in range(ROUNDS):
        sku = make_suggested(lamp, shop=shop)
        make_line(sku)

        accepted, chosen = at_once(
            partial(mapping.accept, shop, {sku.pk: lamp.pk}, NOBODY),
            partial(
                mapping.choose, shop, {sku.pk: vase.pk}, NOBODY, seen={sku.pk: None}
            ),
        )

        assert sorted([len(accepted.changed), len(chosen.changed)]) == [0, 1]
        assert len(accepted.left) + len(chosen.left) == 1
        winner = "LAMP-30" if accepted.changed else "VASE-1"
        assert stand(sku) == (State.MATCHED, winner)
        assert lines_agree()


def test_decisions_about_the_same_skus_in_any_order_do_not_deadlock(shop, lamp, vase):
    skus = [make_listing_sku(shop=shop) for _ in range(40)]
    forth = {sku.pk: lamp.pk for sku in skus}
    back = {sku.pk: vase.pk for sku in reversed(skus)}

    at_once(
        lambda: mapping.choose(shop, forth, NOBODY),
        lambda: mapping.choose(shop, back, NOBODY),
        lambda: mapping.ignore(shop, list(back), NOBODY),
    )

    assert len({stand(sku) for sku in skus}) == 1


def test_a_round_of_suggestions_never_takes_a_decision_back(client, shop, lamp):
    for _ in range(ROUNDS):
        skus = [make_suggested(lamp, shop=shop) for _ in range(30)]
        pairs = {sku.pk: lamp.pk for sku in skus}
        MappingSuggestion.objects.update(confidence=60)

        outcome, _ = at_once(
            partial(mapping.accept, shop, pairs, NOBODY),
            lambda: refresh_suggestions(client),
        )

        assert sorted(outcome.changed) == sorted(pairs)
        assert {stand(sku)[0] for sku in skus} == {State.MATCHED}


def test_rounds_of_one_client_at_once_leave_one_answer(client, shop, lamp):
    skus = [make_listing_sku(shop=shop) for _ in range(30)]

    at_once(*[lambda: refresh_suggestions(client)] * 3)

    assert {stand(sku)[0] for sku in skus} == {State.SUGGESTED}
    assert MappingSuggestion.objects.count() == 30


def test_news_of_listings_and_a_round_at_once_do_not_deadlock(client, shop, lamp):
    skus = [make_listing_sku(shop=shop) for _ in range(30)]

    def touch() -> bool:
        for sku in skus[::-1]:
            ListingSku.objects.filter(pk=sku.pk).update(quantity=1)
            mark_stale(client.pk)
        return True

    at_once(touch, lambda: refresh_suggestions(client), touch)


def test_a_decision_is_undone_once(shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    make_line(sku)
    batch = batch_of(mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY))

    results = at_once(*[lambda: mapping.undo(batch, NOBODY)] * 2)

    assert sorted(len(outcome.changed) for outcome in results) == [0, 1]
    assert stand(sku) == (State.SUGGESTED, None)
    assert lines_agree()


def test_two_workers_on_one_batch_do_each_piece_once(shop, lamp, monkeypatch):
    monkeypatch.setattr(mapping, "AT_ONCE", 5)
    skus = [make_suggested(lamp, shop=shop) for _ in range(30)]
    batch = mapping.start_accepting(shop, {s.pk: lamp.pk for s in skus}, NOBODY)

    def work() -> bool:
        while mapping.accept_some(batch.pk):
            pass
        return True

    at_once(work, work)

    batch = MappingBatch.objects.get()
    assert not batch.is_running
    assert batch.changes.count() == 30


def test_an_order_that_comes_in_while_its_sku_is_decided_agrees_with_it(shop, lamp):
    for number in range(ROUNDS):
        remote_id = f"17300000000000{number:05}"
        sku = make_listing_sku(shop=shop, remote_id=remote_id)
        order = make_remote_order(
            f"58000000000{number:07}", lines=(make_remote_line(remote_id),)
        )

        at_once(
            partial(ingest_orders, shop, [order], Source.API),
            partial(mapping.choose, shop, {sku.pk: lamp.pk}, NOBODY),
        )

        assert fresh(sku).variant == lamp
        assert lines_agree()
        assert OrderLine.objects.filter(listing_sku=sku, variant=lamp).count() == 1


def test_files_of_two_shops_and_decisions_in_one_of_them_do_not_deadlock(
    client, shop, lamp, vase
):
    beside = make_shop(client)
    here, there = make_listing_sku(shop=shop), make_listing_sku(shop=beside)
    rows = "".join(f"{sku.shop_id},{sku.remote_id},LAMP-30\n" for sku in (here, there))
    file = f"shop,SKU ID,our SKU\n{rows}".encode()

    for _ in range(ROUNDS):
        mapping.unlink(shop, [here.pk], NOBODY)
        mapping.choose(beside, {there.pk: vase.pk}, NOBODY)
        at_once(
            lambda: import_mapping(file, [shop, beside], NOBODY, file_name="m.csv"),
            lambda: mapping.ignore(beside, [there.pk], NOBODY),
            lambda: mapping.unlink(beside, [there.pk], NOBODY),
            lambda: mapping.choose(beside, {there.pk: lamp.pk}, NOBODY),
        )

    assert stand(here) == (State.MATCHED, "LAMP-30")


def test_a_file_waits_for_all_its_shops_before_it_changes_one(client, shop, lamp):
    """Both would mark the client's suggestions as stale: whoever holds a shop has to
    come by that mark."""
    beside = make_shop(client)
    here, there = make_listing_sku(shop=shop), make_listing_sku(shop=beside)
    changes = {
        sku.shop: [Change(sku.pk, State.MATCHED, lamp.pk, State.UNMATCHED, None)]
        for sku in (here, there)
    }
    has_second, first_is_done = threading.Event(), threading.Event()
    decide = mapping.apply_file

    def slowly(of: Any, *args: Any) -> Any:
        outcome = decide(of, *args)
        if of == shop:
            first_is_done.set()
            has_second.wait(timeout=2)
        return outcome

    def bring_news() -> bool:
        first_is_done.wait(timeout=2)
        with transaction.atomic():
            Shop.objects.select_for_update(no_key=True).get(pk=beside.pk)
            has_second.set()
            mark_stale(client.pk)
        return True

    with mock.patch.object(import_services, "apply_file", slowly):
        at_once(
            lambda: import_services.apply_changes(
                changes, NOBODY, file_name="m.csv", file_hash=""
            ),
            bring_news,
        )

    assert {stand(sku) for sku in (here, there)} == {(State.MATCHED, "LAMP-30")}
