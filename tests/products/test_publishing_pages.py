"""The editor of drafts, the dry run and the pages of runs, against the simulator."""

import csv
import io
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse

from apps.products.models import (
    AttributeRule,
    Listing,
    ListingDraft,
    ProductImage,
    PublishItem,
    PublishRun,
)
from apps.products.services import taxonomy
from apps.products.services.publishing import save, start_edit, start_new, work
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing, make_variant
from tests.factories.team import as_user, make_member
from tests.orders.queries import statements
from tests.products.forms import filled, forms_of
from tests.products.pictures import picture, upload
from tests.products.publishing_support import (
    CATEGORY,
    add_picture,
    listed,
    make_sellable_product,
    open_shop,
    take_in,
    with_stock,
)

pytestmark = pytest.mark.django_db(transaction=True)

Kind = PublishRun.Kind
EDITOR = "draft-form"
SECTIONS = [
    "basics",
    "category",
    "attributes",
    "pictures",
    "variants",
    "package",
    "more",
    "preview",
]


@pytest.fixture
def shop(simulator, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.TIKTOK_IMAGE_HOSTS = [simulator.url]
    cache.clear()
    simulator.control("reviews", {"automatic": False})
    return open_shop(simulator, "GB")


@pytest.fixture
def manager(shop):
    return signed_in(make_member(shop.client, Role.CONTENT_MANAGER))


@pytest.fixture
def draft(shop):
    return start_new(shop, make_sellable_product(shop), None)


def signed_in(member: Any) -> Browser:
    browser = Browser()
    browser.force_login(as_user(member))
    return browser


def section(draft: ListingDraft, name: str) -> str:
    return reverse("admin:products_listingdraft_section", args=[draft.pk, name])


def deed(draft: ListingDraft, name: str) -> str:
    return reverse("admin:products_listingdraft_act", args=[draft.pk, name])


def run_page(run: PublishRun) -> str:
    return reverse("admin:products_publishrun_change", args=[run.pk])


def newest_run() -> PublishRun:
    run: PublishRun = PublishRun.objects.order_by("-pk")[0]
    return run


def write(
    browser: Browser, draft: ListingDraft, name: str, query: str = "", **fields: Any
) -> Any:
    """Fill in a section as a person does: what the page shows, and these on top."""
    address = section(draft, name)
    sent = filled(browser.get(address + query), EDITOR) | fields
    answer = browser.post(address, sent)
    draft.refresh_from_db()
    return answer


def said(browser: Browser, answer: Any) -> str:
    """What the page that follows says, in words."""
    page = browser.get(answer["Location"]) if answer.status_code == 302 else answer
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


# --- a whole life


def test_a_listing_from_our_product_to_its_end(manager, simulator, shop):
    product = make_sellable_product(shop)
    new = f"{reverse('admin:products_listingdraft_new')}?product={product.pk}"
    assert manager.get(new).status_code == 200
    manager.post(new, {"shop": shop.pk})
    draft = ListingDraft.objects.get()
    write(manager, draft, "variants", fill="1", fill_quantity="12")

    shown = manager.get(section(draft, "preview"))
    assert shown.context["preview"].can_be_sent
    assert f'"idempotency_key": "{draft.idempotency_key}"' in shown.context["body"]
    sent = manager.post(deed(draft, "send"), {"seen_at": shown.context["seen_at"]})
    run = PublishRun.objects.get()
    assert sent["Location"] == run_page(run)
    assert work(run).state == PublishRun.State.DONE

    listing = Listing.objects.get()
    page = reverse("admin:products_listing_change", args=[listing.pk])
    assert manager.get(page).context["feedback"] == "In review"
    simulator.control(f"listings/{listing.remote_id}/review", {"verdict": "pass"})
    pull = reverse("admin:products_listing_act", args=[listing.pk, "pull"])
    assert "It has changed" in said(manager, manager.post(pull))
    assert manager.get(page).context["feedback"] == "Live"

    prices = reverse("admin:products_listing_prices", args=[listing.pk])
    sku = listing.skus.all()[0]
    manager.post(prices, {f"p-{sku.pk}": "47.5", "send": "1"})
    for name in ("deactivate", "delete", "recover"):
        run = newest_run()
        assert work(run).state == PublishRun.State.DONE, run.items.get().failure
        address = (
            f"{reverse('admin:products_listing_bulk')}?deed={name}&pk={listing.pk}"
        )
        mark = manager.get(address).context["selection"].mark
        manager.post(address, {"mark": mark})
    work(newest_run())

    sku.refresh_from_db()
    listing.refresh_from_db()
    assert str(sku.price) == "GBP 47.50"
    assert listing.status == "seller_deactivated"
    assert [item["item"].run.kind for item in manager.get(page).context["items"]] == [
        "recover",
        "delete",
        "deactivate",
        "price",
        "create",
    ]


def test_a_refused_listing_is_mended_and_sent_again(manager, simulator, shop, draft):
    with_stock(draft)
    work(_send(manager, draft))
    listing = Listing.objects.get()
    simulator.control(
        f"listings/{listing.remote_id}/review",
        {"verdict": "fail", "reasons": ["The picture has a border"]},
    )
    pull = reverse("admin:products_listing_act", args=[listing.pk, "pull"])
    page = said(manager, manager.post(pull))
    assert "The picture has a border" in page

    edit = reverse("admin:products_listing_act", args=[listing.pk, "edit"])
    manager.post(edit)
    change = ListingDraft.objects.get(state="open")
    write(manager, change, "basics", title="Rattan table lamp, mended, in natural")
    work(_send(manager, change))

    assert newest_run().state == PublishRun.State.DONE
    simulator.control(f"listings/{listing.remote_id}/review", {"verdict": "pass"})
    manager.post(pull)
    listing.refresh_from_db()
    assert (listing.status, listing.title) == (
        "live",
        "Rattan table lamp, mended, in natural",
    )


def _send(browser: Browser, draft: ListingDraft) -> PublishRun:
    shown = browser.get(section(draft, "preview"))
    assert shown.context["preview"].can_be_sent, shown.context["blocking"]
    browser.post(deed(draft, "send"), {"seen_at": shown.context["seen_at"]})
    return newest_run()


# --- the editor


@pytest.mark.parametrize("name", SECTIONS)
def test_each_section_is_a_page(manager, draft, name):
    page = manager.get(section(draft, name))

    assert page.status_code == 200
    assert draft.content["title"] in page.content.decode()


@pytest.mark.parametrize(
    "name", ["basics", "attributes", "pictures", "variants", "package", "more"]
)
def test_saving_what_is_shown_changes_nothing(manager, shop, simulator, draft, name):
    content = draft.content
    edit = start_edit(take_in(shop, listed(simulator, shop)), None)

    write(manager, draft, name)
    write(manager, edit, name)

    assert draft.content == content
    assert (edit.content, edit.removed_sku_ids) == ({}, [])


def test_odd_shapes_are_not_changed_by_the_way(manager, shop, simulator):
    """Line ends, spaces, the order of attributes: all as the platform has them."""
    edit = start_edit(take_in(shop, listed(simulator, shop)), None)
    base = edit.base
    base["title"] = f" {base['title']} "
    base["description"] = "\n<p>One</p>\r\n<p>Two &amp; three</p>\n"
    base["product_attributes"] = [
        {"id": "999", "name": "Odd", "values": [{"id": "1", "name": "One"}]},
        *reversed(base.get("product_attributes") or []),
    ]
    for sku in base["skus"][1:]:
        sku["sales_attributes"].reverse()
    base["package_weight"] = {"value": "0.850", "unit": "KILOGRAM"}
    base["package_dimensions"]["unit"] = "INCH"
    edit.save()

    for name in ("basics", "attributes", "variants", "package", "pictures", "more"):
        write(manager, edit, name)

    assert edit.content == {}


def test_what_was_typed_is_kept_right_or_wrong(manager, draft):
    answer = write(manager, draft, "basics", title="Lamp 🔥", description="")

    assert draft.content["title"] == "Lamp 🔥"
    page = manager.get(answer["Location"])
    assert "6 characters" in said(manager, page)
    assert "25 to 255 are allowed" in said(manager, page)
    assert "Describe the product." in said(manager, page)


def test_the_buttons_lead_on_or_stay(manager, draft):
    on = write(manager, draft, "basics", then="category")
    stay = write(manager, draft, "basics", then="basics")
    astray = write(manager, draft, "basics", then="https://example.com")

    assert on["Location"] == section(draft, "category")
    assert stay["Location"] == section(draft, "basics")
    assert astray["Location"] == section(draft, "basics")


def test_somebody_elses_changes_are_not_overwritten(manager, draft):
    address = section(draft, "basics")
    form = filled(manager.get(address), EDITOR)
    save(draft, {"title": "What the other one wrote, in so many words"})

    answer = manager.post(address, form | {"title": "What I wrote meanwhile, a lot"})

    draft.refresh_from_db()
    assert draft.content["title"] == "What the other one wrote, in so many words"
    assert "Somebody changed this draft" in said(manager, answer)
    again = filled(answer, EDITOR)
    assert again["title"] == ["What I wrote meanwhile, a lot"]
    manager.post(address, again)
    draft.refresh_from_db()
    assert draft.content["title"] == "What I wrote meanwhile, a lot"


def test_a_brand_is_found_by_its_name(manager, shop, draft):
    wanted = taxonomy.brands(shop, category_id=CATEGORY).brands[0]

    answer = write(manager, draft, "basics", find_brand="1", brand=wanted.name)
    page = manager.get(answer["Location"])

    assert wanted.remote_id in {each.remote_id for each in page.context["brands"]}
    write(manager, draft, "basics", brand_id=wanted.remote_id)
    assert draft.content["brand_id"] == wanted.remote_id
    assert manager.get(section(draft, "basics")).context["brand_name"] == wanted.name
    write(manager, draft, "basics", brand_id="")
    assert "brand_id" not in draft.content


def test_a_category_is_found_by_words_by_the_tree_and_by_advice(manager, shop, draft):
    address = section(draft, "category")
    node = shop.channel_categories.get(remote_id=CATEGORY)

    found = manager.get(address, {"q": node.name.upper()}).context["found"]
    inside = manager.get(address, {"under": node.parent_remote_id}).context["below"]
    roots = manager.get(address).context["below"]
    advice = manager.get(address, {"advice": "1"}).context["recommended"]

    assert node in found
    assert node in inside
    assert {row.parent_remote_id for row in roots} == {""}
    assert advice.is_leaf


def test_another_category_keeps_what_it_asks_for_too(manager, shop, draft):
    other = (
        shop.channel_categories.filter(is_leaf=True, permission="AVAILABLE")
        .exclude(remote_id=CATEGORY)
        .first()
    )
    before = {row["id"] for row in draft.content["product_attributes"]}

    page = manager.get(section(draft, "category"))
    sent = {"seen_at": page.context["seen_at"], "choose": other.remote_id}
    manager.post(section(draft, "category"), sent)

    draft.refresh_from_db()
    assert draft.content["category_id"] == other.remote_id
    asked = {
        each.remote_id
        for each in taxonomy.facts_for(shop, other.remote_id).product_attributes
    }
    kept = {row["id"] for row in draft.content["product_attributes"]}
    assert kept == before & asked


@pytest.mark.parametrize("told", ["", "0", "no such", "'; --"])
def test_a_category_that_is_none_changes_nothing(manager, draft, told):
    page = manager.get(section(draft, "category"))

    manager.post(
        section(draft, "category"),
        {"seen_at": page.context["seen_at"], "choose": told},
    )

    draft.refresh_from_db()
    assert draft.content["category_id"] == CATEGORY


def test_what_is_required_comes_first_and_is_counted(manager, draft):
    save(draft, {"product_attributes": []})

    page = manager.get(section(draft, "attributes"))

    required = page.context["required"]
    assert required
    assert "1 required missing" in said(manager, page)
    assert required[0].problems


def test_an_attribute_is_chosen_and_kept_as_a_rule(manager, shop, draft):
    AttributeRule.objects.all().delete()
    attribute = _with_values(shop)
    value = attribute.values[-1]
    key = attribute.remote_id

    write(
        manager,
        draft,
        "attributes",
        **{f"a-{key}": value.remote_id, f"k-{key}": "1"},
    )

    assert {"id": key, "values": [{"id": value.remote_id, "name": value.name}]} in (
        draft.content["product_attributes"]
    )
    rule = AttributeRule.objects.get()
    assert (rule.source, rule.region, rule.values[0]["id"]) == (
        "fixed",
        "GB",
        value.remote_id,
    )
    entry = AuditEntry.objects.get(verb="saved an attribute rule")
    assert entry.client == shop.client
    fresh = start_new(shop, draft.product, None)
    assert fresh.content["product_attributes"][0]["values"][0]["id"] == value.remote_id


def test_an_attribute_comes_from_our_field_by_a_map(manager, shop, draft):
    attribute = _with_values(shop)
    value, key = attribute.values[-1], attribute.remote_id
    draft.product.brand = "Kayu"
    draft.product.save()

    write(
        manager,
        draft,
        "attributes",
        **{
            f"s-{key}": "map",
            f"f-{key}": "brand",
            f"m-{key}": f"Kayu = {value.name}\nnonsense",
            f"k-{key}": "1",
        },
    )

    row = next(r for r in draft.content["product_attributes"] if r["id"] == key)
    assert row["values"] == [{"id": value.remote_id, "name": value.name}]
    rule = AttributeRule.objects.get(attribute_remote_id=key)
    assert rule.source == "map"
    assert rule.value_map == {"Kayu": {"id": value.remote_id, "name": value.name}}


def test_a_field_that_says_nothing_is_told(manager, shop, draft):
    key = _with_values(shop).remote_id

    answer = write(
        manager, draft, "attributes", **{f"s-{key}": "field", f"f-{key}": "brand"}
    )

    assert "our brand is empty" in said(manager, answer)


def _with_values(shop: Any) -> Any:
    facts = taxonomy.facts_for(shop, CATEGORY)
    return next(
        each
        for each in facts.product_attributes
        if len(each.values) > 1 and not each.is_multiple
    )


def test_pictures_are_put_in_an_order_and_left_out(manager, draft):
    first = draft.product.images.get()
    second = add_picture(draft.product, "red")
    address = section(draft, "pictures")
    page = manager.get(address)
    assert [row["name"] for row in page.context["own"]] == [f"own-{second.pk}"]

    write(
        manager,
        draft,
        "pictures",
        **{"current-0": "2", f"own-{second.pk}": "1"},
    )
    assert draft.content["main_images"] == [{"image": second.pk}, {"image": first.pk}]

    write(manager, draft, "pictures", **{"current-0": "", "current-1": "1"})
    assert draft.content["main_images"] == [{"image": first.pk}]


def test_a_new_picture_joins_our_product_and_the_listing(manager, draft):
    file = upload(picture(size=(700, 700), colour="navy"))

    write(manager, draft, "pictures", upload=file)

    row = ProductImage.objects.order_by("-pk")[0]
    assert row.product == draft.product
    assert draft.content["main_images"][-1] == {"image": row.pk}


def test_a_file_that_is_no_picture_says_so_and_the_rest_is_saved(manager, draft):
    before = draft.content["main_images"]

    answer = write(manager, draft, "pictures", upload=upload(b"no picture at all"))

    assert "no picture that can be read" in said(manager, answer)
    assert draft.content["main_images"] == before


def test_pictures_of_another_client_cannot_be_named(manager, draft):
    foreign = add_picture(make_variant().product)

    write(manager, draft, "pictures", **{f"own-{foreign.pk}": "1"})

    assert {"image": foreign.pk} not in draft.content["main_images"]


def test_prices_stock_and_codes_are_typed_by_sku(manager, draft):
    page = manager.get(section(draft, "variants"))
    warehouse = draft.content["skus"][0]["inventory"][0]["warehouse_id"]
    assert "GBP 40.00, as typed" in said(manager, page)

    write(
        manager,
        draft,
        "variants",
        **{
            "p-new0": "41.50",
            f"q-new0-{warehouse}": "7",
            "c-new0": "4006381333931",
            "ct-new0": "EAN",
            f"q-new1-{warehouse}": "many",
        },
    )

    first, second = draft.content["skus"]
    assert first["price"] == {"amount": "41.50", "currency": "GBP"}
    assert first["inventory"] == [{"warehouse_id": warehouse, "quantity": 7}]
    assert first["identifier_code"] == {"code": "4006381333931", "type": "EAN"}
    # What is no number is shown again, with what is wrong with it.
    assert second["inventory"][0]["quantity"] == "many"
    page = said(manager, manager.get(section(draft, "variants")))
    assert "1 to 99,999, not many" in page


def test_planned_prices_are_taken_with_a_button(manager, draft):
    write(manager, draft, "variants", **{"p-new0": "1", "p-new1": "2"})

    write(manager, draft, "variants", use_planned="1")

    assert [sku["price"]["amount"] for sku in draft.content["skus"]] == ["40", "40"]


def test_a_sku_is_left_out_and_taken_in_again(manager, draft):
    write(manager, draft, "variants", **{"x-new1": "1"})
    assert [sku["seller_sku"] for sku in draft.content["skus"]] == ["LAMP-N"]

    black = draft.product.variants.get(sku="LAMP-B")
    write(manager, draft, "variants", add="1", add_variant=str(black.pk))

    added = draft.content["skus"][1]
    assert (added["variant"], added["seller_sku"]) == (black.pk, "LAMP-B")
    assert added["price"] == {"amount": "40", "currency": "GBP"}
    assert added["sales_attributes"][0]["value_name"] == "Black"


def test_an_edit_holds_what_changed_and_no_more(manager, shop, simulator):
    listing = take_in(shop, listed(simulator, shop))
    edit = start_edit(listing, None)
    first, second = edit.base["skus"][:2]

    write(manager, edit, "variants", **{f"p-{first['id']}": "77.70"})
    assert edit.content == {
        "skus": [
            {"id": first["id"], "price": {"amount": "77.70", "currency": "GBP"}},
        ]
    }

    write(manager, edit, "variants", **{f"x-{second['id']}": "1"})
    assert edit.removed_sku_ids == [second["id"]]

    write(manager, edit, "basics", title="A title that is new, and long enough")
    assert edit.content["title"] == "A title that is new, and long enough"
    write(manager, edit, "basics", title=edit.base["title"])
    assert "title" not in edit.content


def test_the_parcel_is_told_in_one_system(manager, draft):
    write(manager, draft, "package", weight="1.2", length="10", width="20", height="5")

    assert draft.content["package_weight"] == {"value": "1.2", "unit": "KILOGRAM"}
    assert draft.content["package_dimensions"] == {
        "length": "10",
        "width": "20",
        "height": "5",
        "unit": "CENTIMETER",
    }
    write(manager, draft, "package", weight="heavy", length="", width="", height="")
    assert "package_dimensions" not in draft.content
    page = said(manager, manager.get(section(draft, "package")))
    assert "The weight must be a number above 0." in page


# --- the dry run


def test_the_dry_run_names_what_stands_in_the_way(manager, draft):
    page = manager.get(section(draft, "preview"))

    assert "Say how many are for sale." in said(manager, page)
    sent = manager.post(deed(draft, "send"), {"seen_at": page.context["seen_at"]})
    run = work(PublishRun.objects.get())
    assert sent["Location"] == run_page(run)
    assert "Say how many are for sale." in said(manager, manager.get(run_page(run)))


def test_the_dry_run_shows_before_and_after(manager, shop, simulator):
    listing = take_in(shop, listed(simulator, shop))
    edit = start_edit(listing, None)
    save(edit, {"title": "A title that is new, and long enough"})

    page = manager.get(section(edit, "preview"))

    (row,) = page.context["rows"]
    assert row == {
        "field": "title",
        "before": listing.title,
        "after": "A title that is new, and long enough",
    }
    assert page.context["preview"].path in said(manager, page)


def test_only_what_was_looked_at_is_sent(manager, draft):
    with_stock(draft)
    seen_at = manager.get(section(draft, "preview")).context["seen_at"]
    save(draft, {"title": "Another title that is long enough, too"})

    answer = manager.post(deed(draft, "send"), {"seen_at": seen_at})

    assert answer["Location"] == section(draft, "preview")
    assert not PublishRun.objects.exists()


def test_tiktok_judges_a_new_listing_when_asked(manager, draft):
    with_stock(draft)

    shown = manager.post(section(draft, "preview"))

    assert shown.context["check"].is_passed
    assert not ListingDraft.objects.get().listing


@pytest.mark.parametrize("choice", ["anew", "on-top"])
def test_a_change_at_tiktok_meanwhile_is_a_persons_choice(
    manager, shop, simulator, choice
):
    listing = take_in(shop, listed(simulator, shop))
    edit = start_edit(listing, None)
    save(edit, {"title": "Our own new title, and long enough"})
    changed = {"description": "<p>Changed in Seller Center.</p>"}
    simulator.control(f"listings/{listing.remote_id}/change", changed)

    page = manager.get(section(edit, "preview"))
    assert page.context["stale_rows"][0]["after"] == "<p>Changed in Seller Center.</p>"
    assert not page.context["preview"].can_be_sent

    manager.post(deed(edit, choice), {"seen_at": page.context["seen_at"]})

    draft = ListingDraft.objects.get(state="open")
    assert draft.base["description"] == "<p>Changed in Seller Center.</p>"
    kept = "Our own new title, and long enough" if choice == "on-top" else None
    assert draft.content.get("title") == kept


def test_an_outage_is_said_on_the_page(manager, simulator, shop):
    edit = start_edit(take_in(shop, listed(simulator, shop)), None)
    fault = {"kind": "error", "code": 12052700, "message": "The seller is inactive."}
    simulator.control("faults", fault | {"path": "/product/"})

    page = manager.get(section(edit, "preview"))

    assert page.status_code == 200
    assert "seller is inactive" in said(manager, page)


def test_a_shop_that_is_not_connected_breaks_no_page(manager, shop, draft):
    shop.state = "reconnect_needed"
    shop.save()
    shop.credentials.all().delete()
    cache.clear()

    for name in SECTIONS:
        assert manager.get(section(draft, name)).status_code == 200
    seen_at = manager.get(section(draft, "basics")).context["seen_at"]
    page = said(manager, manager.post(deed(draft, "send"), {"seen_at": seen_at}))
    assert "Connect it" in page


def test_giving_up_a_draft_keeps_it_closed(manager, draft):
    seen_at = manager.get(section(draft, "basics")).context["seen_at"]

    manager.post(deed(draft, "discard"), {"seen_at": seen_at})

    draft.refresh_from_db()
    assert draft.state == "discarded"
    assert AuditEntry.objects.get(verb="gave up a draft").target_id == str(draft.pk)
    again = manager.get(section(draft, "basics"))
    assert again["Location"] == reverse(
        "admin:products_listingdraft_change", args=[draft.pk]
    )
    assert "It was given up" in said(manager, again)


# --- copies


def test_a_listing_is_copied_to_another_shop(manager, shop, simulator):
    listing = take_in(shop, listed(simulator, shop))
    target = open_shop_beside(simulator, shop)
    address = f"{reverse('admin:products_listing_bulk')}?deed=copy&pk={listing.pk}"
    assert list(manager.get(address).context["targets"]) == [target]

    answer = manager.post(address, {"to": target.pk})

    draft = ListingDraft.objects.get()
    assert (draft.shop, draft.copied_from) == (target, listing)
    assert answer["Location"] == section(draft, "basics")
    for name in SECTIONS:
        assert manager.get(section(draft, name)).status_code == 200
    assert AuditEntry.objects.filter(verb="copied a listing").exists()


def test_nothing_is_copied_to_another_clients_shop(manager, shop, simulator):
    listing = take_in(shop, listed(simulator, shop))
    foreign = make_shop()
    address = f"{reverse('admin:products_listing_bulk')}?deed=copy&pk={listing.pk}"

    page = manager.post(address, {"to": foreign.pk})

    assert foreign.name not in said(manager, page)
    assert not ListingDraft.objects.exists()


def open_shop_beside(simulator: Any, shop: Any) -> Any:
    """Another connected shop of the same client."""
    return type(shop).objects.filter(client=shop.client).exclude(pk=shop.pk)[0]


# --- runs


@pytest.fixture
def mixed(shop):
    """A run of which one was done, one refused, one waits."""
    run = PublishRun.objects.create(shop=shop, kind=Kind.DEACTIVATE)
    states = (PublishItem.State.DONE, PublishItem.State.REFUSED, "waiting")
    for position, state in enumerate(states):
        PublishItem.objects.create(
            run=run,
            position=position,
            listing=make_listing(shop, title=f"=Lamp {position}"),
            state=state,
            code=12052901 if state == "refused" else None,
            failure="TikTok said no" if state == "refused" else "",
            details=["first reason", "second"] if state == "refused" else [],
        )
    return run


def test_a_run_says_how_far_it_is_and_what_tiktok_said(manager, mixed):
    page = manager.get(run_page(mixed))

    words = said(manager, page)
    for each in ("2 of 3", "TikTok said no", "first reason", "12052901", "Stop"):
        assert each in words
    assert len(manager.get(run_page(mixed) + "?state=refused").context["rows"]) == 1
    assert len(manager.get(run_page(mixed) + "?state=trouble").context["rows"]) == 2


def test_the_status_has_the_pages_figures(manager, mixed):
    status = manager.get(
        reverse("admin:products_publishrun_status", args=[mixed.pk])
    ).json()

    assert (status["done"], status["total"], status["is_over"]) == (2, 3, False)
    assert status["counts"]["refused"] == 1


def test_a_waiting_run_is_stopped_and_the_rest_sent_later(manager, mixed):
    stop = reverse("admin:products_publishrun_act", args=[mixed.pk, "stop"])
    manager.post(stop)
    mixed.refresh_from_db()
    assert mixed.state == PublishRun.State.STOPPED

    retry = reverse("admin:products_publishrun_act", args=[mixed.pk, "retry"])
    answer = manager.post(retry)

    again = PublishRun.objects.get(retry_of=mixed)
    assert answer["Location"] == run_page(again)
    assert again.items.count() == 2
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"stopped publishing", "started publishing"} <= verbs


def test_failures_go_with_a_file_that_runs_no_formula(manager, mixed):
    answer = manager.get(reverse("admin:products_publishrun_failures", args=[mixed.pk]))
    text = b"".join(answer.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))

    assert [row["title"] for row in rows] == ["'=Lamp 1", "'=Lamp 2"]
    assert rows[0]["message"] == "TikTok said no"
    assert rows[0]["details"] == "first reason | second"


def test_a_stale_item_leads_to_the_comparison(manager, shop, simulator):
    listing = take_in(shop, listed(simulator, shop))
    edit = start_edit(listing, None)
    save(edit, {"title": "Our own new title, and long enough"})
    run = _send(manager, edit)
    changed = {"description": "<p>Changed in Seller Center.</p>"}
    simulator.control(f"listings/{listing.remote_id}/change", changed)
    work(run)

    page = manager.get(run_page(run))

    assert section(edit, "preview") in page.content.decode()
    assert page.context["rows"][0]["differences"][0]["field"] == "description"


@pytest.mark.parametrize(
    "name", ["products_listingdraft_changelist", "products_publishrun_changelist"]
)
def test_lists_cost_the_same_however_long_they_are(manager, shop, name):
    address = reverse(f"admin:{name}")
    user = as_user(make_member(shop.client, Role.CONTENT_MANAGER))

    def grow() -> None:
        listing = make_listing(shop)
        ListingDraft.objects.create(shop=shop, user=user, copied_from=listing)
        run = PublishRun.objects.create(shop=shop, kind=Kind.DELETE, user=user)
        run.items.create(position=0, listing=listing)

    def cost() -> int:
        with statements() as asked:
            assert manager.get(address).status_code == 200
        return len(asked)

    grow()
    manager.get(address)
    short = cost()
    for _ in range(12):
        grow()

    assert cost() == short


# --- who may


def test_who_only_looks_reads_drafts_and_runs_without_buttons(shop, draft, mixed):
    for role in (Role.CREATOR_PARTNER, Role.ANALYST):
        browser = signed_in(make_member(shop.client, role))
        read = browser.get(
            reverse("admin:products_listingdraft_change", args=[draft.pk])
        )
        assert read.status_code == 200
        assert [f for f in forms_of(read) if "do/" in f["action"]] == []
        assert browser.get(section(draft, "basics")).status_code == 403
        assert browser.post(section(draft, "basics")).status_code == 403
        for name in ("send", "discard", "anew", "on-top"):
            assert browser.post(deed(draft, name)).status_code == 403
        page = browser.get(run_page(mixed))
        assert [f for f in forms_of(page) if "do/" in f["action"]] == []
        for name in ("stop", "retry"):
            act = reverse("admin:products_publishrun_act", args=[mixed.pk, name])
            assert browser.post(act).status_code == 403
        new = reverse("admin:products_listingdraft_new")
        assert browser.get(f"{new}?product={draft.product_id}").status_code == 403


def test_foreign_drafts_runs_and_products_are_as_if_not_there(manager, draft, mixed):
    stranger = signed_in(make_member(make_shop().client, Role.CONTENT_MANAGER))
    addresses = [
        ("listingdraft_change", []),
        ("listingdraft_section", ["basics"]),
        ("listingdraft_section", ["preview"]),
        ("listingdraft_picture", []),
        ("publishrun_change", []),
        ("publishrun_status", []),
        ("publishrun_failures", []),
    ]

    def answer(name: str, key: int, more: list[str]) -> Any:
        got = stranger.get(reverse(f"admin:products_{name}", args=[key, *more]))
        return got.status_code, got.get("Location"), got.get("Content-Type")

    for name, more in addresses:
        row = draft if name.startswith("listing") else mixed
        assert answer(name, row.pk, more) == answer(name, 9_999_999, more)
    new = reverse("admin:products_listingdraft_new")
    for key in (draft.product_id, 9_999_999, "x"):
        assert stranger.get(f"{new}?product={key}").status_code == 302
    assert stranger.post(deed(draft, "discard"))["Location"] == "/admin/"
    draft.refresh_from_db()
    assert draft.state == "open"


def test_a_draft_begins_only_in_a_shop_one_may_act_in(manager, shop, draft):
    foreign = make_shop()
    new = reverse("admin:products_listingdraft_new")

    page = manager.post(f"{new}?product={draft.product_id}", {"shop": foreign.pk})

    assert "There is no such shop." in said(manager, page)
    assert ListingDraft.objects.count() == 1


def test_no_page_names_a_token(manager, shop, draft):
    consent = shop.credentials.get().authorization
    pages = [section(draft, name) for name in SECTIONS]

    for address in pages:
        text = manager.get(address).content.decode()
        assert consent.access_token not in text
        assert shop.credentials.get().shop_cipher not in text
