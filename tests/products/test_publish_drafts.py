"""New listings begin with what our product says, and end where only people know."""

import pytest

from apps.integrations.contracts import SentListing
from apps.products.errors import DraftRefuses
from apps.products.models import ChannelImage, Listing, ListingDraft, PublishRun
from apps.products.services.publishing import (
    preview,
    retry_failed,
    save,
    start_new,
    work,
)
from apps.products.services.publishing.linking import note_created
from tests.factories.products import (
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.products.publishing_support import (
    CATEGORY,
    add_picture,
    make_sellable_product,
    open_shop,
    outcome,
    run_of,
    with_stock,
)

Kind = PublishRun.Kind
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(simulator, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    simulator.control("reviews", {"automatic": False})
    return open_shop(simulator, "GB")


def left(draft):
    return {note["field"] for note in draft.notes if note["needs_person"]}


def test_a_draft_is_filled_as_far_as_we_know(shop):
    product = make_sellable_product(shop)

    draft = start_new(shop, product, None)

    content = draft.content
    assert content["title"] == product.name
    assert content["description"] == "<p>A lamp.</p><p>Made by hand.</p>"
    assert content["category_id"] == CATEGORY
    assert content["main_images"] == [{"image": product.images.get().pk}]
    assert content["package_weight"] == {"value": "0.85", "unit": "KILOGRAM"}
    assert content["package_dimensions"] == {
        "length": "30",
        "width": "20",
        "height": "20",
        "unit": "CENTIMETER",
    }
    assert [sku["seller_sku"] for sku in content["skus"]] == ["LAMP-N", "LAMP-B"]
    assert content["skus"][0]["price"] == {"amount": "40", "currency": "GBP"}
    assert len(content["product_attributes"]) == 1
    # Stock nobody counted is not promised.
    assert "quantity" not in content["skus"][0]["inventory"][0]
    assert left(draft) == {"skus.inventory"}
    assert not preview(draft).can_be_sent
    assert preview(with_stock(draft)).can_be_sent


def test_a_draft_of_a_product_that_says_little_names_what_is_missing(shop):
    product = make_product(shop.client, "Rattan table lamp", brand="Nobody's Brand")
    make_variant(product, "L-1", barcode="123")

    draft = start_new(shop, product, None)

    assert left(draft) == {
        "brand_id",
        "skus.inventory",
        "skus[L-1].price",
        "skus[L-1].identifier_code",
    }
    assert draft.content["category_id"]
    assert any("recommends" in note["text"] for note in draft.notes)
    errors = {each.field for each in preview(draft).problems if each.is_error}
    assert {"title", "description", "main_images", "package_weight"} <= errors


def test_an_outage_leaves_gaps_and_no_error(simulator, shop):
    product = make_sellable_product(shop)
    product.category = None
    product.save()
    fault = {"kind": "error", "code": 12052700, "message": "The seller is inactive."}
    simulator.control("faults", fault | {"path": "/product/202309/categories"})
    simulator.control("faults", fault | {"path": "/logistics/"})

    draft = start_new(shop, product, None)

    assert {"category_id", "skus.inventory"} <= left(draft)
    assert draft.content["title"] == product.name


def test_archived_variants_and_foreign_products_are_not_listed(shop):
    product = make_sellable_product(shop)
    product.variants.filter(sku="LAMP-B").update(is_active=False)
    draft = start_new(shop, product, None)
    assert [sku["seller_sku"] for sku in draft.content["skus"]] == ["LAMP-N"]

    product.variants.update(is_active=False)
    with pytest.raises(DraftRefuses, match="no active variant"):
        start_new(shop, product, None)
    with pytest.raises(DraftRefuses, match="no such product"):
        start_new(shop, make_variant().product, None)


@pytest.mark.parametrize("name", ["image", "variant"])
def test_pictures_and_variants_of_another_client_are_not_there(shop, name):
    foreign = make_variant()
    keys = {"image": add_picture(foreign.product).pk, "variant": foreign.pk}
    draft = ListingDraft.objects.create(shop=shop)
    changes = {
        "image": {"main_images": [{"image": keys["image"]}]},
        "variant": {"skus": [{"variant": keys["variant"]}]},
    }[name]

    with pytest.raises(DraftRefuses, match="There is no such"):
        save(draft, changes)
    with pytest.raises(DraftRefuses, match="There is no such"):
        save(draft, {"main_images": [{"image": 999_999}]})


def test_changes_are_taken_back_and_cleared(shop):
    new = ListingDraft.objects.create(
        shop=shop, content={"title": "A", "brand_id": "1"}
    )
    save(new, {"brand_id": None, "description": "B"}, drop=["title"])
    assert new.content == {"description": "B"}

    edit = ListingDraft.objects.create(shop=shop, listing=make_listing(shop))
    save(edit, {"brand_id": None}, removed_sku_ids=["2", "1", "2"])
    edit.refresh_from_db()
    assert (edit.content, edit.removed_sku_ids) == ({"brand_id": None}, ["1", "2"])


def test_the_preview_is_what_is_sent_once_the_pictures_are_there(shop):
    draft = with_stock(start_new(shop, make_sellable_product(shop), None))
    plan = preview(draft)
    assert (plan.method, plan.path) == ("POST", "/product/202309/products")
    assert plan.body["main_images"] == [{"uri": "to be uploaded: Main picture 1"}]
    assert all("variant" not in sku for sku in plan.body["skus"])

    judged = preview(draft, ask_platform=True)
    item = outcome(run_of(shop, Kind.CREATE, draft))

    assert judged.check
    assert judged.check.is_passed, judged.check.reasons
    assert judged.uploads == []
    assert item.request == judged.body


def test_noting_a_creation_twice_changes_nothing_and_leaves_decisions_alone(shop):
    variant = make_variant(client=shop.client, sku="LAMP-9")
    other = make_variant(client=shop.client, sku="OTHER")
    listing = make_listing(shop, "1729000000000000009")
    # A pull was faster, and somebody has decided already.
    make_listing_sku(listing, "1730000000000000009", variant=other, seller_sku="LAMP-9")
    draft = ListingDraft.objects.create(
        shop=shop, content={"skus": [{"seller_sku": "LAMP-9", "variant": variant.pk}]}
    )
    sent = SentListing(listing.remote_id, (("LAMP-9", "1730000000000000009"),))

    note_created(draft, sent, None)
    note_created(draft, sent, None)

    assert Listing.objects.filter(shop=shop).count() == 1
    assert listing.skus.get().variant == other
    assert draft.state == ListingDraft.State.SENT


def test_a_picture_is_sent_once_to_an_app_for_both_listings(shop):
    product = make_sellable_product(shop)
    run_of(shop, Kind.CREATE, with_stock(start_new(shop, product, None)))
    kept = ChannelImage.objects.get()

    again = with_stock(start_new(shop, product, None))
    assert preview(again).uploads == []
    assert preview(again).body["main_images"] == [{"uri": kept.uri}]
    run_of(shop, Kind.CREATE, again)

    assert ChannelImage.objects.count() == 1


def test_a_picture_the_platform_lost_is_sent_again(simulator, shop):
    product = make_sellable_product(shop)
    run_of(shop, Kind.CREATE, with_stock(start_new(shop, product, None)))
    ChannelImage.objects.update(uri="tos-lost/1")
    again = with_stock(start_new(shop, product, None))

    refused = run_of(shop, Kind.CREATE, again)
    assert outcome(refused).code == 12052300
    repeated = work(retry_failed(refused, None))

    assert outcome(repeated).failure == ""
    assert ChannelImage.objects.get().uri != "tos-lost/1"
