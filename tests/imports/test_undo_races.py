"""Undoing while news of the same orders comes in: whoever is second sees the first."""

import pytest

from apps.imports.models import ImportRun
from apps.imports.services.undo import undo
from apps.integrations.contracts import Source
from apps.orders.models import Order
from apps.orders.services.ingest import ingest_orders
from tests.imports.test_stock_races import at_once
from tests.imports.test_undo import BY, check_stock, of_api, of_file, read_in
from tests.orders.shelves import make_shelf

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("attempt", range(6))
def test_news_of_the_same_order_comes_before_or_after(attempt):
    shop, _ = make_shelf()
    run = read_in(shop, of_file(), of_file(2))

    raised = at_once(
        lambda: undo(ImportRun.objects.get(pk=run.pk), BY),
        lambda: ingest_orders(shop, [of_api()], Source.API),
    )

    run.refresh_from_db()
    order = Order.objects.get(remote_id=of_api().remote_id)
    sources = set(order.payloads.values_list("source", flat=True))
    other = Order.objects.filter(remote_id=of_file(2).remote_id)
    if raised:  # the news was first, so that nothing was undone
        assert "depends on 1 order" in str(raised[0])
        assert (len(raised), run.state) == (1, ImportRun.State.DONE)
        assert sources == {"api", "file"}
        assert other.exists()
    else:
        assert run.state == ImportRun.State.UNDONE
        assert not other.exists()
        # Between the question and the deed it may have come, too: then it stays whole.
        kept = run.changes.count()
        assert sources == ({"api", "file"} if kept else {"api"})
    check_stock(shop)


def test_one_of_two_undoes_it():
    shop, _ = make_shelf()
    run = read_in(shop, *(of_file(number) for number in range(1, 10)))

    raised = at_once(
        *[lambda: undo(ImportRun.objects.get(pk=run.pk), BY) for _ in range(3)]
    )

    assert len(raised) == 2
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDONE
    assert not Order.objects.exists()
    check_stock(shop)
