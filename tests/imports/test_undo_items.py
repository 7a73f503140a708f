"""Files of returns and of products can be taken back, too."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.imports.errors import UndoRefused
from apps.imports.models import ImportChange, ImportRun
from apps.imports.services.readers import READERS
from apps.imports.services.undo import preview_undo, undo
from apps.integrations.contracts import (
    OrderStatus,
    RefundAmounts,
    RemoteListing,
    RemoteReturn,
    ReturnKind,
    ReturnStatus,
    Source,
)
from apps.orders.models import Order, OrderAction, Return, ReturnLine
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.request_sorts import LINE_FIELDS, RETURNS
from apps.orders.services.returns import ingest_returns
from apps.orders.services.stock_proof import differing_orders
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.products.services.ingest import ingest_listings
from apps.products.services.listing_merge import LISTING_FIELDS, SKU_FIELDS
from apps.users.services.audit import By
from tests.factories.aftersales import (
    ORDER_ID,
    make_remote_return,
    make_request_line,
)
from tests.factories.orders import make_action, make_remote_line, make_remote_order
from tests.factories.products import (
    make_remote_listing,
    make_remote_sku,
    make_variant,
)
from tests.orders.kept_rows import differences, rows_of
from tests.orders.shelves import SKU, make_shelf

pytestmark = pytest.mark.django_db

BY = By(process="tests")
FEW = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def shop():
    shop, _ = make_shelf()
    return shop


def read_in(shop: Shop, kind: str, *remotes: Any, name: str = "a.csv") -> ImportRun:
    run = ImportRun.objects.create(
        shop=shop, kind=kind, state="done", file_name=name, file_hash="f" * 64
    )
    READERS[kind].store(run, shop, remotes)
    return run


def returned(number: int = 1, **changes: Any) -> RemoteReturn:
    """As a file tells of a return: no version."""
    line = make_request_line("", "25.50", remote_id=SKU, remote_sku_id=SKU, quantity=1)
    values: dict[str, Any] = {"lines": (line,), "order_id": ORDER_ID} | changes
    return make_remote_return(f"403600000000000000{number}", version=None, **values)


def returns_of(shop: Shop) -> list[Any]:
    lines = ReturnLine.objects.filter(request__shop=shop)
    return [
        [
            *Return.objects.filter(shop=shop)
            .order_by("remote_id")
            .values_list(*_WRITTEN)
        ],
        [*lines.order_by("request", "remote_id").values_list(*_LINES)],
    ]


_WRITTEN = ("remote_id", "order", *RETURNS.written)
_LINES = ("request__remote_id", "remote_id", "order_line", *LINE_FIELDS)


def listings_of(shop: Shop) -> list[Any]:
    """Without keys: a placeholder that went is made anew."""
    names = [name for name in SKU_FIELDS if name != "listing"]
    skus = ListingSku.objects.filter(shop=shop).order_by("remote_id")
    rows = Listing.objects.filter(shop=shop).order_by("remote_id")
    return [
        [*rows.values_list("remote_id", *LISTING_FIELDS)],
        [*skus.values_list("remote_id", "listing__remote_id", "mapping", *names)],
    ]


@contextmanager
def undone_after() -> Iterator[None]:
    """One example leaves nothing to the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def why_of(run: ImportRun) -> list[str]:
    return [each.why for each in preview_undo(run).dependent]


SHIPPED: dict[str, Any] = {"status": OrderStatus.DELIVERED, "status_text": "Delivered"}


def test_returns_a_file_brought_go_and_the_order_is_as_before(shop):
    ingest_orders(shop, [make_remote_order(ORDER_ID, **SHIPPED)], Source.API)
    before = rows_of(shop, also=("testimony",))
    run = read_in(shop, "returns", returned(), returned(2, order_id="58" * 9))
    assert Order.objects.get().return_state == Order.ReturnState.REQUESTED
    found = preview_undo(run)
    assert (found.removed, found.restored, found.dependent) == (2, 0, [])

    done = undo(run, BY)

    assert (done.removed, done.restored) == (2, 0)
    assert not Return.objects.exists()
    assert differences(rows_of(shop, also=("testimony",)), before) == []
    assert list(differing_orders(shop)) == []
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDONE


def test_a_known_return_is_as_it_was(shop):
    ingest_orders(shop, [make_remote_order(ORDER_ID, **SHIPPED)], Source.API)
    read_in(shop, "returns", returned(reason_text="Too small"), name="first.csv")
    before = returns_of(shop), rows_of(shop, also=("testimony",))
    two = make_request_line("", "10", remote_id="2", remote_sku_id="2")
    run = read_in(
        shop,
        "returns",
        returned(status=ReturnStatus.COMPLETE, lines=(two,), tracking_number="T1"),
    )
    assert returns_of(shop) != before[0]

    undo(run, BY)

    assert returns_of(shop) == before[0]
    assert differences(rows_of(shop, also=("testimony",)), before[1]) == []
    assert list(differing_orders(shop)) == []


def test_what_depends_on_a_return_is_told(shop):
    ingest_orders(shop, [make_remote_order(ORDER_ID, **SHIPPED)], Source.API)
    first = read_in(shop, "returns", returned(), name="first.csv")
    later = read_in(shop, "returns", returned(status=ReturnStatus.COMPLETE), name="b")
    assert why_of(first) == ["Another file changed it later: “b”."]
    make_action(
        Order.objects.get(),
        kind=OrderAction.Kind.APPROVE_RETURN,
        order_return=Return.objects.get(),
    )
    (why,) = why_of(later)
    assert why.endswith("was asked for.")
    with pytest.raises(UndoRefused, match=r"depends on 1 return of.*Return 4036"):
        undo(later, BY)
    OrderAction.objects.all().delete()
    ingest_returns(shop, [make_remote_return(returned().remote_id)], Source.API)

    assert why_of(later) == ["TikTok has told more of it since."]


told_returns = st.builds(
    returned,
    st.integers(1, 2),
    status=st.sampled_from(
        [ReturnStatus.PENDING, ReturnStatus.COMPLETE, ReturnStatus.CANCELLED]
    ),
    kind=st.sampled_from([ReturnKind.REFUND, ReturnKind.RETURN_AND_REFUND]),
    reason_text=st.sampled_from(["", "Too small"]),
    refund=st.sampled_from([RefundAmounts(), RefundAmounts("MYR", Decimal("9.9"))]),
    order_id=st.sampled_from([ORDER_ID, "580000000000000009"]),
)


@FEW
@given(
    st.lists(st.tuples(st.sampled_from(Source), told_returns), max_size=3),
    st.lists(told_returns, min_size=1, max_size=2, unique_by=lambda n: n.remote_id),
)
def test_whatever_was_told_of_returns_comes_back(shop, earlier, file):
    with undone_after():
        ingest_orders(shop, [make_remote_order(ORDER_ID, **SHIPPED)], Source.API)
        for source, remote in earlier:
            ingest_returns(shop, [remote], source)
        before = returns_of(shop), rows_of(shop, also=("testimony",))
        run = read_in(shop, "returns", *file)
        is_changed = ImportChange.objects.filter(run=run).exists()
        assert is_changed == (returns_of(shop) != before[0])
        if is_changed:
            undo(run, BY)
        assert returns_of(shop) == before[0]
        assert differences(rows_of(shop, also=("testimony",)), before[1]) == []
        assert list(differing_orders(shop)) == []


def listed(number: int = 1, **changes: Any) -> RemoteListing:
    skus = (make_remote_sku(f"173000000000000010{number}", barcode="", is_active=None),)
    values: dict[str, Any] = {"skus": skus, "updated_at": None, "created_at": None}
    remote_id = f"172900000000000010{number}"
    return make_remote_listing(remote_id, is_whole=False, **values | changes)


def test_products_a_file_brought_go_and_known_ones_are_as_before(shop):
    ingest_listings(shop, [listed(brand_name="")], Source.FILE)
    before = listings_of(shop)
    more = make_remote_sku("1730000000000000109", price=Decimal(9))
    run = read_in(
        shop,
        "products",
        listed(brand_name="Rottan", skus=(*listed().skus, more)),
        listed(2),
    )
    found = preview_undo(run)
    assert (found.removed, found.restored, found.dependent) == (1, 1, [])

    undo(run, BY)

    assert listings_of(shop) == before


def test_a_sku_that_an_order_named_goes_back_to_its_place(shop):
    line = make_remote_line("1730000000000000102", remote_product_id="")
    ingest_orders(shop, [make_remote_order(ORDER_ID, lines=(line,))], Source.FILE)
    before = listings_of(shop)
    run = read_in(shop, "products", listed(2))
    assert listings_of(shop) != before

    undo(run, BY)

    assert listings_of(shop) == before


def test_what_depends_on_a_product_is_told(shop):
    run = read_in(shop, "products", listed(2))
    line = make_remote_line("1730000000000000102", remote_product_id="")
    ingest_orders(shop, [make_remote_order(ORDER_ID, lines=(line,))], Source.FILE)
    assert why_of(run) == ["Orders name its SKUs."]
    Order.objects.all().delete()
    sku = ListingSku.objects.filter(remote_id="1730000000000000102")
    variant = make_variant(client=shop.client)
    sku.update(mapping="matched", variant=variant, mapped_at=run.started_at)
    assert why_of(run) == ["Its SKUs were matched."]
    with pytest.raises(UndoRefused, match="depends on 1 product of"):
        undo(run, BY)
    sku.update(mapping="unmatched", variant=None, mapped_at=None)
    ingest_listings(shop, [make_remote_listing(listed(2).remote_id)], Source.API)
    assert why_of(run) == ["TikTok has told more of it since."]


def test_what_is_told_again_in_the_file_changes_nothing(shop):
    first = read_in(shop, "products", listed())
    again = read_in(shop, "products", listed())

    assert not again.changes.exists()
    assert why_of(first) == ["It has changed, or was told again, since."]


told_listings = st.builds(
    listed,
    st.integers(1, 2),
    title=st.sampled_from(["Lamp", ""]),
    brand_name=st.sampled_from(["", "Rottan"]),
    skus=st.lists(
        st.builds(
            make_remote_sku,
            st.sampled_from(["1730000000000000101", "1730000000000000102"]),
            price=st.sampled_from([None, Decimal("4.5")]),
            quantity=st.sampled_from([None, 3]),
            seller_sku=st.sampled_from(["", "LAMP"]),
        ),
        min_size=1,
        max_size=2,
        unique_by=lambda sku: sku.remote_id,
    ).map(tuple),
)


@FEW
@given(
    st.lists(
        st.tuples(st.sampled_from([Source.API, Source.FILE]), told_listings), max_size=3
    ),
    st.lists(told_listings, min_size=1, max_size=3, unique_by=lambda n: n.remote_id),
)
def test_whatever_was_told_of_products_comes_back(shop, earlier, file):
    with undone_after():
        for source, remote in earlier:
            ingest_listings(shop, [remote], source)
        before = listings_of(shop)
        run = read_in(shop, "products", *file)
        if run.changes.exists():
            undo(run, BY)
        # What was only told again was learnt later, and stays so.
        assert without_moments(listings_of(shop)) == without_moments(before)


def without_moments(rows: list[Any]) -> list[Any]:
    return [
        [tuple(v for v in row if not hasattr(v, "tzinfo")) for row in each]
        for each in rows
    ]
