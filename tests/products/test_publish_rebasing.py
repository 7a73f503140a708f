"""What an edit leaves as it was stays as it is now, stock above all."""

from decimal import Decimal

import pytest

from apps.platforms.models import Shop
from apps.products.admin import draft_parcel
from apps.products.admin.draft_content import whole
from apps.products.admin.sku_forms import read_sku
from apps.products.models import ListingDraft, PublishItem, PublishRun
from apps.products.services.publishing import (
    preview,
    retry_failed,
    save,
    start_edit,
    take_present,
    work,
)
from apps.products.services.publishing.rebasing import rebased, with_present_stock
from tests.integrations.tiktok.product_payloads import make_product, make_sku
from tests.products.publishing_support import (
    listed,
    open_shop,
    outcome,
    run_of,
    shown,
    take_in,
)

Kind, State = PublishRun.Kind, PublishItem.State
through_the_simulator = pytest.mark.django_db(transaction=True)
TITLE = "Quite another name, long enough for this region"


def stock(**quantities):
    return [
        {"warehouse_id": name, "quantity": quantity}
        for name, quantity in quantities.items()
    ]


def product(inventory, **changes):
    return make_product(skus=[make_sku(id="1", inventory=inventory, **changes)])


def changed(told, seen, now):
    [sku] = with_present_stock(
        [{"id": "1", "inventory": told}], product(seen), product(now)
    )
    return sku.get("inventory")


def test_stock_that_was_not_changed_is_not_named():
    assert changed(stock(a=9, b=5), stock(a=9, b=5), stock(a=4, b=5)) is None


def test_one_warehouse_is_changed_and_what_another_sold_stays_sold():
    told = changed(stock(a=20, b=5), stock(a=9, b=5), stock(a=8, b=2))

    assert told == stock(a=20, b=2)


def test_a_warehouse_that_is_new_since_keeps_its_stock_and_one_that_went_is_left_out():
    told = changed(stock(a=20, b=5), stock(a=9, b=5), stock(a=9, c=7))

    assert told == stock(a=20, c=7)


def test_a_warehouse_taken_out_by_the_edit_is_out():
    assert changed(stock(a=9), stock(a=9, b=5), stock(a=4, b=5)) == stock(a=4)


def test_stock_of_a_new_sku_is_as_told():
    sku = {"seller_sku": "NEW", "inventory": stock(a=3)}

    assert with_present_stock([sku], product(stock(a=9)), product(stock(a=4))) == [sku]


def test_only_what_was_changed_is_put_on_top_of_another_version():
    seen = product(stock(a=9), seller_sku="OLD")
    now = product(stock(a=4), seller_sku="OLD")
    now["title"] = "Theirs"
    content = {
        "title": seen["title"],
        "description": "<p>Ours</p>",
        "skus": [
            {"id": "1", "seller_sku": "OURS", "inventory": stock(a=9)},
            {"id": "gone", "seller_sku": "GONE"},
            {"seller_sku": "NEW"},
        ],
    }

    assert rebased(content, seen, now) == {
        "description": "<p>Ours</p>",
        "skus": [{"id": "1", "seller_sku": "OURS"}, {"seller_sku": "NEW"}],
    }


@pytest.fixture
def listing(simulator):
    simulator.control("reviews", {"automatic": False})
    shop = open_shop(simulator, "GB")
    return take_in(shop, listed(simulator, shop))


def told_back(draft):
    """All that is known of the first SKU, as a client gives it back."""
    sku = draft.base["skus"][0]
    amount = sku["price"]["sale_price"]
    price = {"amount": amount, "currency": sku["price"]["currency"]}
    return {"id": sku["id"], "price": price, "inventory": sku["inventory"]}


@through_the_simulator
def test_a_sku_given_back_whole_puts_back_no_stock_that_was_sold(simulator, listing):
    draft = start_edit(listing, None)
    sku = {**told_back(draft), "seller_sku": "RENAMED-1"}
    draft = save(draft, {"skus": [sku]})
    simulator.control(f"listings/{listing.remote_id}/change", {"quantity": 3})

    sent = preview(draft).body["skus"][0]
    item = outcome(run_of(listing.shop, Kind.EDIT, draft))

    assert "inventory" not in sent
    assert "price" not in sent
    assert item.state == State.DONE, item.failure
    after = shown(listing.shop, listing.remote_id, "under_review")["skus"][0]
    assert (after["inventory"][0]["quantity"], after["seller_sku"]) == (3, "RENAMED-1")


@through_the_simulator
def test_taking_the_present_puts_back_no_price_that_was_left_as_it_was(
    simulator, listing
):
    draft = start_edit(listing, None)
    sku = {**told_back(draft), "seller_sku": "RENAMED-1"}
    draft = save(draft, {"skus": [sku]})
    simulator.control(f"listings/{listing.remote_id}/change", {"price": "77.70"})
    assert preview(draft).stale

    item = outcome(run_of(listing.shop, Kind.EDIT, take_present(draft)))

    assert item.state == State.DONE, item.failure
    after = shown(listing.shop, listing.remote_id, "under_review")["skus"][0]
    assert Decimal(after["price"]["sale_price"]) == Decimal("77.70")
    assert after["seller_sku"] == "RENAMED-1"


@through_the_simulator
def test_an_edit_that_changes_nothing_is_not_sent_for_review(listing):
    draft = start_edit(listing, None)
    draft = save(draft, {"skus": [told_back(draft)]})
    before = shown(listing.shop, listing.remote_id)

    assert not preview(draft).can_be_sent
    item = outcome(run_of(listing.shop, Kind.EDIT, draft))

    assert item.state == State.REFUSED
    assert "changes nothing" in item.failure
    assert shown(listing.shop, listing.remote_id) == before


@through_the_simulator
def test_changes_after_an_attempt_that_arrived_are_not_taken_for_sent(listing):
    draft = save(start_edit(listing, None), {"title": TITLE})
    item = outcome(run_of(listing.shop, Kind.EDIT, draft))
    # As if nobody had understood the answer, and the person had gone on.
    PublishItem.objects.update(state=State.FAILED)
    ListingDraft.objects.update(state=ListingDraft.State.OPEN)
    draft.refresh_from_db()
    save(draft, {"description": "<p>Said later.</p>"})

    item = outcome(work(retry_failed(item.run, None)))

    assert item.state == State.STALE
    draft = take_present(ListingDraft.objects.get())
    item = outcome(run_of(listing.shop, Kind.EDIT, draft))
    assert item.state == State.DONE, item.failure
    after = shown(listing.shop, listing.remote_id, "under_review")
    assert (after["title"], after["description"]) == (TITLE, "<p>Said later.</p>")


@through_the_simulator
def test_a_draft_of_seller_center_is_said_to_be_submitted(simulator):
    shop = open_shop(simulator, "GB")
    listing = take_in(shop, listed(simulator, shop, "DRAFT"))

    plan = preview(save(start_edit(listing, None), {"title": TITLE}))

    assert any("submits it" in each.message for each in plan.problems)


def test_a_form_that_changes_one_field_keeps_what_nobody_knows_beside_it(rf):
    base = make_product(
        skus=[make_sku(id="1", identifier_code={"code": "1", "type": "EAN", "x": 1})],
        package_weight={"value": "1", "unit": "KILOGRAM", "x": 1},
        package_dimensions={
            **dict.fromkeys(("length", "width", "height"), "3"),
            "unit": "CENTIMETER",
            "x": 1,
        },
    )
    draft = ListingDraft(
        shop=Shop(region="GB", currency="GBP"), base=base, listing_id=1
    )
    typed = {"weight": "2", "unit": "KILOGRAM", "length": "3", "width": "3"}
    parcel = draft_parcel.read(draft, rf.post("/", {**typed, "height": "3"}))
    changes, _ = parcel.as_given(draft)
    assert changes == {"package_weight": {"value": "2", "unit": "KILOGRAM", "x": 1}}

    request = rf.post("/", {"n-1": "NEW", "p-1": "9", "c-1": "1", "ct-1": "EAN"})
    [sku] = whole(draft)["skus"]
    after = read_sku(draft, request, sku, "1", [], {})
    assert after["identifier_code"] == {"code": "1", "type": "EAN", "x": 1}
