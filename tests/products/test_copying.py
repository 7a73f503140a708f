"""A listing in another shop of the same client: adapted, noted, and never guessed."""

from datetime import date

import pytest

from apps.products.errors import DraftRefuses
from apps.products.models import (
    Category,
    CategoryLink,
    ChannelCategory,
    ListingDraft,
    ListingSku,
    PriceRule,
    PublishItem,
    PublishRun,
)
from apps.products.services import taxonomy
from apps.products.services.copying import copy_listing
from apps.products.services.copying.content import copied_title, shortened
from apps.products.services.publishing import preview, save
from apps.products.services.publishing.notes import Notes
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing, make_product, make_variant
from tests.products.publishing_support import (
    open_shop,
    outcome,
    run_of,
    shown,
    take_in,
    with_stock,
)

Kind, State = PublishRun.Kind, PublishItem.State
through_the_simulator = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source(simulator, settings):
    settings.TIKTOK_IMAGE_HOSTS = [simulator.url]
    simulator.control("reviews", {"automatic": False})
    return open_shop(simulator, "GB")


@pytest.fixture
def target(source):
    """The same seller's shop in the US: another currency, tree and system of units."""
    return type(source).objects.get(client=source.client, region="US")


@pytest.fixture
def listing(simulator, source):
    """With several SKUs, and in a category that both markets have."""
    rows = simulator.control(
        f"listings?shop_id={source.remote_id}&status=ACTIVATE&limit=100"
    )
    for row in rows:
        product = shown(source, row["id"])
        if len(product["skus"]) > 1 and "certifications" not in product:
            return take_in(source, row["id"])
    raise AssertionError("no such listing")


def texts(draft, field):
    return [note["text"] for note in draft.notes if note["field"] == field]


def match(listing, prices):
    """All its SKUs are variants of one product of ours."""
    product = make_product(listing.shop.client, "Our own name")
    for number, row in enumerate(listing.skus.order_by("position")):
        row.variant = make_variant(product, f"OWN-{number}", prices=prices)
        row.mapping = ListingSku.Mapping.MATCHED
        row.save()
    return product


def make_rule(client, **changes):
    values = {
        "region": "US",
        "base_currency": "GBP",
        "currency": "USD",
        "rate": "1.25",
        "rate_on": date(2026, 11, 20),
    }
    return PriceRule.objects.create(client=client, **values | changes)


@through_the_simulator
def test_a_copy_is_adapted_and_then_sold(simulator, source, target, listing):
    product = match(listing, {"USD": "49.90"})
    original = shown(source, listing.remote_id)

    draft = copy_listing(listing, target, None)

    content = draft.content
    assert (draft.shop, draft.product, draft.copied_from) == (target, product, listing)
    assert draft.state == ListingDraft.State.OPEN
    assert content["title"] == original["title"]
    assert {sku["price"]["amount"] for sku in content["skus"]} == {"49.9"}
    assert [sku["seller_sku"] for sku in content["skus"]] == [
        f"OWN-{number}" for number in range(len(original["skus"]))
    ]
    assert content["package_weight"]["unit"] == "POUND"
    assert texts(draft, "package_weight") == ["Told in pounds instead of kilograms."]
    assert content["main_images"][0]["from_url"].startswith(simulator.url)
    warehouses = {sku["inventory"][0]["warehouse_id"] for sku in content["skus"]}
    theirs = {row["warehouse_id"] for s in original["skus"] for row in s["inventory"]}
    assert len(warehouses) == 1
    assert warehouses.isdisjoint(theirs)
    assert "quantity" not in content["skus"][0]["inventory"][0]
    assert content["category_id"]
    assert texts(draft, "category_id")
    assert not any("Translate" in text for text in texts(draft, "title"))

    draft = with_stock(draft)
    plan = preview(draft)
    assert plan.can_be_sent, plan.problems
    assert len(plan.uploads) >= len(original["main_images"])
    item = outcome(run_of(target, Kind.CREATE, draft))
    assert item.state == State.DONE, item.failure
    assert item.listing
    made = shown(target, item.listing.remote_id)
    assert len(made["main_images"]) == len(original["main_images"])
    own = {picture["uri"] for picture in original["main_images"]}
    assert own.isdisjoint(picture["uri"] for picture in made["main_images"])
    assert item.listing.skus.filter(mapping="matched").count() == len(original["skus"])


@through_the_simulator
def test_pictures_of_the_description_are_sent_along(simulator, source, target, listing):
    match(listing, {"USD": "49.90"})
    address = shown(source, listing.remote_id)["main_images"][0]["urls"][0]
    path = f"listings/{listing.remote_id}/change"
    words = f'<p>See</p><img src="{address}" width="10" height="10" />'
    simulator.control(path, {"description": words})
    draft = with_stock(copy_listing(listing, target, None))
    assert any(address in each for each in preview(draft).uploads)

    item = outcome(run_of(target, Kind.CREATE, draft))

    assert item.state == State.DONE, item.failure
    assert item.listing
    description = shown(target, item.listing.remote_id)["description"]
    assert address not in description
    assert "<img" in description


@through_the_simulator
def test_without_a_planned_price_the_rule_speaks_and_without_a_rule_nobody(
    source, target, listing
):
    price = shown(source, listing.remote_id)["skus"][0]["price"]["sale_price"]
    silent = copy_listing(listing, target, None)
    assert all("price" not in sku for sku in silent.content["skus"])
    assert any(
        "no price in USD" in note["text"] and note["needs_person"]
        for note in silent.notes
    )

    rule = make_rule(source.client)
    told = copy_listing(listing, target, None)
    amount = float(told.content["skus"][0]["price"]["amount"])
    assert amount == pytest.approx(float(price) * 1.25, abs=0.01)

    rule.base_currency = "EUR"
    rule.save()
    odd = copy_listing(listing, target, None)
    assert all("price" not in sku for sku in odd.content["skus"])
    assert any("starts from EUR" in note["text"] for note in odd.notes)


@through_the_simulator
def test_an_old_rate_is_pointed_out(source, target, listing):
    make_rule(source.client, rate_on=date(2026, 1, 1))

    draft = copy_listing(listing, target, None)

    assert any("is old" in note["text"] for note in draft.notes)


@through_the_simulator
def test_the_linked_category_goes_before_all_others(source, target, listing):
    product = match(listing, {"USD": "49.90"})
    category = Category.objects.create(client=source.client, name="Lamps")
    product.category = category
    product.save()
    taxonomy.refresh_categories(target)
    leaf = ChannelCategory.objects.filter(shop=target, is_leaf=True).latest("pk")
    CategoryLink.objects.create(
        client=source.client,
        category=category,
        region="US",
        category_remote_id=leaf.remote_id,
        path=leaf.path,
    )

    draft = copy_listing(listing, target, None)

    assert draft.content["category_id"] == leaf.remote_id
    assert "By our own category" in texts(draft, "category_id")[0]


@through_the_simulator
def test_what_the_target_does_not_answer_is_left_open(
    simulator, source, target, listing
):
    simulator.control(
        "faults",
        {"kind": "error", "code": 12052700, "message": "The seller is inactive."}
        | {"shop_id": target.remote_id},
    )

    draft = copy_listing(listing, target, None)

    assert "category_id" not in draft.content
    left = {note["field"] for note in draft.notes if note["needs_person"]}
    assert {"category_id", "skus.inventory"} <= left


@through_the_simulator
def test_what_is_not_copied_of_skus_is_named(simulator, source, target, listing):
    simulator.control(
        f"listings/{listing.remote_id}/fields",
        {
            "name": "sku_weight",
            "value": {"value": "1", "unit": "KILOGRAM"},
            "sku_id": listing.skus.earliest("position").remote_id,
        },
    )

    draft = copy_listing(listing, target, None)

    [words] = [each for each in texts(draft, "skus") if "Not copied" in each]
    assert "sku_weight" in words
    assert "price" not in words


@through_the_simulator
def test_a_listing_that_is_gone_is_not_copied(source, target, listing):
    listing.remote_id = "1729999999999999999"
    with pytest.raises(DraftRefuses, match="any more"):
        copy_listing(listing, target, None)
    assert not ListingDraft.objects.exists()


@pytest.mark.django_db
def test_a_listing_is_copied_within_its_client_only_and_to_another_shop():
    listing = make_listing()
    with pytest.raises(DraftRefuses, match="no such shop"):
        copy_listing(listing, make_shop(), None)
    with pytest.raises(DraftRefuses, match="already"):
        copy_listing(listing, listing.shop, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("region", "length", "words"),
    [("US", 300, "Perhaps"), ("US", 10, "Say more"), ("BR", 310, "Perhaps")],
)
def test_a_title_is_never_cut_but_a_shorter_one_proposed(region, length, words):
    notes, title = Notes(), ("lamp " * 100)[:length].strip()

    copied = copied_title({"title": title}, make_shop(region=region), notes)

    assert copied == {"title": title}
    [note] = notes.rows
    assert words in note.text
    assert note.needs_person


@pytest.mark.parametrize(
    ("title", "most", "short"),
    [
        ("Lamp", 10, "Lamp"),
        ("Rattan lamp, natural, 30 cm", 22, "Rattan lamp, natural"),
        ("Rattan lamp natural thirty", 22, "Rattan lamp natural"),
        ("Rattanlampenschirmhalter", 10, "Rattanlamp"),
    ],
)
def test_shorter_titles_end_with_a_whole_part(title, most, short):
    assert shortened(title, most) == short
    assert len(shortened(title, most)) <= most


@through_the_simulator
def test_saving_a_copy_keeps_its_pictures_for_later(source, target, listing):
    draft = copy_listing(listing, target, None)

    save(draft, {"title": "Another title that is long enough here"})

    draft.refresh_from_db()
    assert draft.content["main_images"][0]["from_url"]


@through_the_simulator
def test_words_are_to_be_translated_and_what_is_left_out_is_named(
    simulator, source, listing
):
    path = f"listings/{listing.remote_id}/fields"
    simulator.control(path, {"name": "new_thing", "value": "x"})
    abroad = make_shop(source.client, region="DE")

    draft = copy_listing(listing, abroad, None)

    for field in ("title", "description"):
        assert any("Translate" in text for text in texts(draft, field))
    assert "new_thing" in texts(draft, "")[0]
    # Nobody can speak for a shop that no app opens, yet the copy begins.
    assert "category_id" not in draft.content
