"""Two processes at the same run, draft or tree: one does it, the other notices."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from apps.products.errors import DraftChanged
from apps.products.models import ChannelCategory, ListingDraft, PublishItem, PublishRun
from apps.products.services import taxonomy
from apps.products.services.publishing import save, start_edit, start_new, start_run
from apps.products.services.publishing import work as work_on
from tests.products.publishing_support import (
    listed,
    make_sellable_product,
    open_shop,
    take_in,
    with_stock,
)

Kind, State = PublishRun.Kind, PublishItem.State
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(simulator, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    simulator.control("reviews", {"automatic": False})
    return open_shop(simulator, "GB")


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each returned, all begun at the same moment; or how it was turned down."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=10)
            return deed()
        except DraftChanged as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_a_run_is_worked_on_by_one_of_four(simulator, shop):
    draft = with_stock(start_new(shop, make_sellable_product(shop), None))
    run = start_run(shop, Kind.CREATE, [draft], None)

    at_once(*[lambda: work_on(PublishRun.objects.get(pk=run.pk))] * 4)

    item = run.items.get()
    assert (item.state, item.attempts) == (State.DONE, 1)
    rows = simulator.control(f"listings?shop_id={shop.remote_id}&status=PENDING")
    assert len([row for row in rows if "LAMP-N" in row["seller_skus"]]) == 1


def test_two_runs_of_a_shop_are_not_at_work_together(simulator, shop):
    listing = take_in(shop, listed(simulator, shop))
    runs = [start_run(shop, Kind.DEACTIVATE, [listing], None) for _ in range(2)]

    at_once(*[lambda run=run: work_on(run) for run in runs])

    states = {PublishRun.objects.get(pk=run.pk).state for run in runs}
    assert PublishRun.State.RUNNING not in states
    for run in runs:
        work_on(run)
    assert all(run.items.get().attempts == 1 for run in runs)


def test_an_edit_begun_by_many_is_one_draft(simulator, shop):
    listing = take_in(shop, listed(simulator, shop))

    drafts = at_once(*[lambda: start_edit(listing, None)] * 4)

    assert {draft.pk for draft in drafts} == {ListingDraft.objects.get().pk}


def test_of_two_who_save_at_once_one_is_told(shop):
    draft = ListingDraft.objects.create(shop=shop)
    copies = [ListingDraft.objects.get(pk=draft.pk) for _ in range(2)]

    outcomes = at_once(
        *[
            lambda copy=copy, n=n: save(copy, {"title": f"Title {n}"})
            for n, copy in enumerate(copies)
        ]
    )

    kinds = sorted(type(each).__name__ for each in outcomes)
    assert kinds == ["DraftChanged", "ListingDraft"]
    assert any(isinstance(each, DraftChanged) for each in outcomes)


def test_a_tree_fetched_by_many_is_stored_once(shop):
    counts = at_once(*[lambda: taxonomy.refresh_categories(shop)] * 3)

    assert len(set(counts)) == 1
    assert ChannelCategory.objects.filter(shop=shop).count() == counts[0]
    at_once(*[lambda: taxonomy.facts_for(shop, "6086429")] * 3)
    assert shop.category_facts.count() == 1
