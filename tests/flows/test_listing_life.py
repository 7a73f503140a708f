"""A listing's way from our product to buyers, through changes, off sale and back."""

import pytest

from apps.products.models import Listing, ListingSku, PublishItem, PublishRun
from apps.products.services.publishing import preview, save, start_edit, start_new
from tests.products.publishing_support import (
    make_sellable_product,
    open_shop,
    outcome,
    run_of,
    shown,
    take_in,
    with_stock,
)

Kind, State = PublishRun.Kind, PublishItem.State


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("region", ["GB", "MY"])
def test_a_listing_is_made_rejected_mended_sold_deleted_and_recovered(
    simulator, settings, tmp_path, region
):
    settings.MEDIA_ROOT = tmp_path
    simulator.control("reviews", {"automatic": False})
    shop = open_shop(simulator, region)
    product = make_sellable_product(shop)

    # Made, with a claim nobody may make; its SKUs are ours at once.
    draft = with_stock(start_new(shop, product, None))
    draft = save(draft, {"title": "Miracle cure against dark rooms, a lamp"})
    plan = preview(draft)
    assert plan.can_be_sent, plan.problems
    assert plan.uploads == ["Main picture 1"]
    made = run_of(shop, Kind.CREATE, draft)
    assert outcome(made).state == State.DONE, outcome(made).failure
    listing = Listing.objects.get(shop=shop)
    assert listing.status == Listing.Status.PENDING
    rows = ListingSku.objects.filter(listing=listing)
    assert set(rows.values_list("seller_sku", "variant__sku", "mapped_reason")) == {
        ("LAMP-N", "LAMP-N", "created"),
        ("LAMP-B", "LAMP-B", "created"),
    }
    assert {row.price_amount for row in rows} == {40}

    # Rejected, in the platform's words; then mended and passed.
    simulator.control(f"listings/{listing.remote_id}/review", {"verdict": "rules"})
    listing = take_in(shop, listing.remote_id)
    assert listing.status == Listing.Status.FAILED
    assert "claim" in listing.rejections[0]["reasons"][0]
    edit = save(start_edit(listing, None), {"title": product.name})
    assert preview(edit).path.endswith("/partial_edit")
    edited = run_of(shop, Kind.EDIT, edit)
    assert outcome(edited).state == State.DONE, outcome(edited).failure
    simulator.control(f"listings/{listing.remote_id}/review", {"verdict": "rules"})
    listing = take_in(shop, listing.remote_id)
    assert (listing.status, listing.title) == (Listing.Status.LIVE, product.name)

    # A new price, planned; only what differs is sent, and buyers see it.
    product.variants.get(sku="LAMP-B").prices.update(amount=45)
    priced = run_of(shop, Kind.PRICE, listing)
    assert outcome(priced).state == State.DONE, outcome(priced).failure
    assert [row["after"] for row in outcome(priced).differences] == ["45"]
    prices = {
        sku["seller_sku"]: sku["price"]["sale_price"]
        for sku in shown(shop, listing.remote_id)["skus"]
    }
    assert {name: float(price) for name, price in prices.items()} == {
        "LAMP-N": 40,
        "LAMP-B": 45,
    }
    assert outcome(run_of(shop, Kind.PRICE, listing)).details == [
        "All prices are as they should be."
    ]

    # Off sale, deleted, back.
    for kind, status in (
        (Kind.DEACTIVATE, Listing.Status.SELLER_DEACTIVATED),
        (Kind.DELETE, Listing.Status.DELETED),
        (Kind.RECOVER, Listing.Status.SELLER_DEACTIVATED),
        (Kind.ACTIVATE, Listing.Status.PENDING),
    ):
        run = run_of(shop, kind, listing)
        assert (run.state, outcome(run).state) == (PublishRun.State.DONE, State.DONE)
        listing.refresh_from_db()
        assert listing.status == status
