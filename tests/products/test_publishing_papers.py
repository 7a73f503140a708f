"""Papers in the editor of drafts: who answers, size charts, certificates, by hand."""

from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from apps.products.admin import draft_parties
from apps.products.models import Listing, ListingDraft, PublishItem, PublishRun
from apps.products.services import taxonomy
from apps.products.services.publishing import save, start_edit, start_new, work
from apps.users.roles import Role
from tests.factories.products import make_product, make_variant
from tests.factories.team import make_member
from tests.products.forms import filled
from tests.products.pictures import upload
from tests.products.publishing_support import (
    add_picture,
    make_sellable_product,
    open_shop,
    shown,
    take_in,
)
from tests.products.test_publishing_pages import (
    EDITOR,
    deed,
    said,
    section,
    signed_in,
    write,
)

pytestmark = pytest.mark.django_db(transaction=True)

PDF = b"%PDF-1.7\nwhat a laboratory found\n%%EOF\n"
# Leaves of the simulator's German tree: one asks for a paper that runs out, one for a
# size chart.
SHAMPOO, SHIRTS = "6069487", "6067975"
MAKERS, PERSONS = "manufacturer_ids", "responsible_person_ids"


@pytest.fixture
def shop(simulator, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.TIKTOK_IMAGE_HOSTS = [simulator.url]
    cache.clear()
    simulator.control("reviews", {"automatic": False})
    return open_shop(simulator, "DE")


@pytest.fixture
def manager(shop):
    return signed_in(make_member(shop.client, Role.CONTENT_MANAGER))


@pytest.fixture
def draft(shop):
    return start_new(shop, make_sellable_product(shop), None)


def block(page: Any, name: str) -> dict[str, Any]:
    return next(each for each in page.context["parties"] if each["name"] == name)


def ids_of(page: Any, name: str) -> list[str]:
    return [party.remote_id for party in block(page, name)["rows"]]


def write_more(
    manager: Any, draft: ListingDraft, fields: dict[str, Any] | None = None
) -> Any:
    return write(manager, draft, "more", **(fields or {}))


def listing_with(simulator: Any, shop: Any, field: str) -> Listing:
    """Some live listing that has that field."""
    rows = simulator.control(f"listings?shop_id={shop.remote_id}&status=ACTIVATE")
    found = (take_in(shop, str(row["id"])) for row in rows)
    return next(each for each in found if each.payload.body.get(field))


def choose(manager: Any, draft: ListingDraft, category_id: str) -> None:
    page = manager.get(section(draft, "category"))
    sent = {"seen_at": page.context["seen_at"], "choose": category_id}
    manager.post(section(draft, "category"), sent)
    draft.refresh_from_db()
    assert draft.content["category_id"] == category_id


def paper_of(shop: Any, category_id: str = SHAMPOO) -> str:
    [paper] = taxonomy.facts_for(shop, category_id).rules.certifications
    return paper.remote_id


# --- a whole listing


def test_a_listing_for_germany_is_made_from_the_pages_alone(manager, simulator, shop):
    taxonomy.refresh_categories(shop)
    product = make_product(
        shop.client, "Shampoo mit Brennnessel, 250 ml", description="Für jeden Tag."
    )
    make_variant(product, "SHAMPOO-250", prices={"EUR": "9"}, weight_grams=300)
    add_picture(product)
    new = f"{reverse('admin:products_listingdraft_new')}?product={product.pk}"
    manager.post(new, {"shop": shop.pk})
    draft = ListingDraft.objects.get()
    choose(manager, draft, SHAMPOO)
    typed: dict[str, Any] = {}
    for row in manager.get(section(draft, "attributes")).context["required"]:
        key = row.attribute.remote_id
        values = row.attribute.values
        typed |= {f"a-{key}": values[0].remote_id} if values else {f"o-{key}": "250"}
    write(manager, draft, "attributes", **typed)
    write(manager, draft, "variants", fill="1", fill_quantity="12")

    page = manager.get(section(draft, "more"))
    words = said(manager, page)
    assert "Choose the manufacturer" in words
    assert "Isarwerk Produktsicherheit GmbH" in words
    paper = paper_of(shop)
    answer = write_more(
        manager,
        draft,
        {
            MAKERS: ids_of(page, MAKERS)[:1],
            PERSONS: ids_of(page, PERSONS),
            f"upload-{paper}": upload(PDF, "Notifizierung.pdf"),
            f"expires-{paper}": "2099-12-31",
        },
    )
    assert "“Notifizierung.pdf” was added" in said(manager, answer)

    plan = manager.get(section(draft, "preview"))
    assert plan.context["preview"].can_be_sent, plan.context["blocking"]
    manager.post(deed(draft, "send"), {"seen_at": plan.context["seen_at"]})
    run = PublishRun.objects.get()
    work(run)
    assert run.items.get().state == PublishItem.State.DONE, run.items.get().failure
    listing = Listing.objects.get()
    simulator.control(f"listings/{listing.remote_id}/review", {"verdict": "pass"})
    product_shown = shown(shop, listing.remote_id)
    assert product_shown[MAKERS] == ids_of(page, MAKERS)[:1]
    assert product_shown[PERSONS] == ids_of(page, PERSONS)
    [certificate] = product_shown["certifications"]
    assert certificate["files"][0]["name"] == "Notifizierung.pdf"
    assert certificate["expiration_date"] == 4_102_358_400


# --- who answers


def test_parties_are_ticked_and_taken_back(manager, draft):
    page = manager.get(section(draft, "more"))
    both = ids_of(page, MAKERS)

    write_more(manager, draft, {MAKERS: [both[1], both[0], both[1]]})
    assert draft.content[MAKERS] == [both[1], both[0]]
    again = manager.get(section(draft, "more"))
    assert filled(again, EDITOR)[MAKERS] == [both[1], both[0]]

    sent = filled(again, EDITOR)
    del sent[MAKERS]
    manager.post(section(draft, "more"), sent)
    draft.refresh_from_db()
    assert MAKERS not in draft.content


def test_one_that_is_registered_no_more_is_shown_and_kept(manager, draft):
    save(draft, {MAKERS: ["gone-1"]})

    page = manager.get(section(draft, "more"))
    write_more(manager, draft)

    assert "Not in the list any more" in said(manager, page)
    assert draft.content[MAKERS] == ["gone-1"]


def test_where_the_platform_does_not_answer_ids_are_typed(manager, simulator, draft):
    save(draft, {MAKERS: ["m-1"]})
    fault = {"kind": "error", "code": 38023050, "message": "Not for global sellers."}
    for path in ("/product/202501/compliance/", "/product/202407/sizecharts/"):
        simulator.control("faults", fault | {"path": path})

    page = manager.get(section(draft, "more"))
    words = said(manager, page)
    assert "The list could not be read" in words
    assert "Not for global sellers." in words
    assert filled(page, EDITOR)[MAKERS] == ["m-1"]
    write_more(manager, draft, {MAKERS: "m-1, m-2,, m-1", PERSONS: " p-1 "})

    assert draft.content[MAKERS] == ["m-1", "m-2"]
    assert draft.content[PERSONS] == ["p-1"]


def test_where_nobody_is_registered_seller_center_is_named(manager, draft, monkeypatch):
    kinds: Any = {
        name: (words, lambda _: []) for name, (words, _) in draft_parties._KINDS.items()
    }
    monkeypatch.setattr(draft_parties, "_KINDS", kinds)

    page = manager.get(section(draft, "more"))

    assert "None yet. Make one in Seller Center" in said(manager, page)
    assert "https://seller-de.tiktok.com" in page.content.decode()


# --- size charts


def test_a_size_chart_is_a_template_or_a_picture_or_none(manager, shop, draft):
    choose(manager, draft, SHIRTS)
    page = manager.get(section(draft, "more"))
    assert "This category needs a size chart." in said(manager, page)
    assert "Shoes, EU sizes" in said(manager, page)
    value, _ = page.context["chart_templates"][0]

    write_more(manager, draft, {"size_chart": value})
    template = {"template": {"id": value.removeprefix("template-")}}
    assert draft.content["size_chart"] == template
    write_more(manager, draft)
    assert draft.content["size_chart"] == template

    image = draft.product.images.get()
    write_more(manager, draft, {"size_chart": str(image.pk)})
    assert draft.content["size_chart"] == {"image": {"image": image.pk}}
    write_more(manager, draft)
    assert draft.content["size_chart"] == {"image": {"image": image.pk}}

    write_more(manager, draft, {"size_chart": ""})
    assert "size_chart" not in draft.content


@pytest.mark.parametrize("told", ["9" * 30, "²", "-1", "template-", "nonsense"])
def test_a_chart_that_is_none_is_no_chart(manager, shop, draft, told):
    choose(manager, draft, SHIRTS)

    write_more(manager, draft, {"size_chart": told})

    assert "size_chart" not in draft.content


def test_a_template_that_is_no_longer_listed_stays(manager, shop, draft):
    choose(manager, draft, SHIRTS)
    save(draft, {"size_chart": {"template": {"id": "55"}, "odd": 1}})

    page = manager.get(section(draft, "more"))
    write_more(manager, draft)

    assert page.context["chart_unlisted"] == "55"
    assert draft.content["size_chart"] == {"template": {"id": "55"}, "odd": 1}


def test_another_template_is_sent_with_an_edit(simulator, shop):
    british = open_shop(simulator, "GB", client=shop.client)
    manager = signed_in(make_member(shop.client, Role.CONTENT_MANAGER))
    draft = start_edit(listing_with(simulator, british, "size_chart"), None)
    page = manager.get(section(draft, "more"))
    value = next(
        each
        for each, _ in page.context["chart_templates"]
        if each != page.context["chart_chosen"]
    )

    write_more(manager, draft)
    assert draft.content == {}
    write_more(manager, draft, {"size_chart": value})
    assert draft.content.keys() == {"size_chart"}
    plan = manager.get(section(draft, "preview"))
    assert plan.context["preview"].can_be_sent, plan.context["blocking"]
    manager.post(deed(draft, "send"), {"seen_at": plan.context["seen_at"]})
    run = work(PublishRun.objects.get())

    assert run.items.get().state == PublishItem.State.DONE, run.items.get().failure
    remote_id = draft.listing.remote_id if draft.listing else ""
    simulator.control(f"listings/{remote_id}/review", {"verdict": "pass"})
    chart = shown(british, remote_id)["size_chart"]
    assert chart["template"]["id"] == value.removeprefix("template-")


# --- certificates


def test_pdfs_are_added_and_taken_out(manager, shop, draft):
    choose(manager, draft, SHAMPOO)
    paper = paper_of(shop)
    for name in ("one.pdf", "two.pdf"):
        write_more(manager, draft, {f"upload-{paper}": upload(PDF, name)})
    [row] = draft.content["certifications"]
    assert [file["name"] for file in row["files"]] == ["one.pdf", "two.pdf"]

    write_more(manager, draft)
    assert draft.content["certifications"] == [row]

    kept = row["files"][1]
    write_more(manager, draft, {f"file-{paper}": [kept["id"]]})
    assert draft.content["certifications"] == [{"id": paper, "files": [kept]}]

    write_more(manager, draft, {f"file-{paper}": []})
    assert "certifications" not in draft.content


def test_a_picture_and_a_pdf_may_stand_together(manager, shop, draft):
    choose(manager, draft, SHAMPOO)
    paper, image = paper_of(shop), draft.product.images.get()

    write_more(
        manager,
        draft,
        {f"paper-{paper}": str(image.pk), f"upload-{paper}": upload(PDF, "a.pdf")},
    )
    [row] = draft.content["certifications"]
    assert row["images"] == [{"image": image.pk}]
    write_more(manager, draft, {f"paper-{paper}": ""})

    assert draft.content["certifications"] == [{"id": paper, "files": row["files"]}]


@pytest.mark.parametrize(
    ("content", "words"), [(b"GIF89a", "is no PDF"), (b"", "is empty")]
)
def test_a_file_that_is_no_pdf_says_so_and_the_rest_is_saved(
    manager, shop, draft, content, words
):
    choose(manager, draft, SHAMPOO)
    paper = paper_of(shop)

    answer = write_more(
        manager,
        draft,
        {
            "external_product_id": "MINE-1",
            f"upload-{paper}": upload(content, "a.gif"),
        },
    )

    assert words in said(manager, answer)
    assert "certifications" not in draft.content
    assert draft.content["external_product_id"] == "MINE-1"


def test_a_refusal_of_the_platform_is_said_and_nothing_is_lost(
    manager, simulator, shop, draft
):
    choose(manager, draft, SHAMPOO)
    paper = paper_of(shop)
    page = manager.get(section(draft, "more"))
    fault = {"kind": "error", "code": 12019105, "message": "Odd fonts."}
    simulator.control("faults", fault | {"path": "/product/202309/files/"})

    answer = manager.post(
        section(draft, "more"),
        filled(page, EDITOR)
        | {
            f"upload-{paper}": upload(PDF, "a.pdf"),
            f"expires-{paper}": "2099-01-01",
        },
    )

    draft.refresh_from_db()
    assert "Odd fonts." in said(manager, answer)
    assert draft.content["certifications"] == [
        {"id": paper, "expiration_date": 4_070_908_800}
    ]


def test_a_form_of_an_older_version_uploads_nothing(manager, simulator, shop, draft):
    choose(manager, draft, SHAMPOO)
    paper = paper_of(shop)
    form = filled(manager.get(section(draft, "more")), EDITOR)
    save(draft, {"title": "What the other one wrote, in so many words"})

    sent = form | {f"upload-{paper}": upload(PDF, "a.pdf")}
    answer = manager.post(section(draft, "more"), sent)

    draft.refresh_from_db()
    assert "Somebody changed this draft" in said(manager, answer)
    assert "“a.pdf” was not uploaded. Choose it again." in said(manager, answer)
    assert "certifications" not in draft.content


def test_a_date_is_changed_cleared_and_never_lost_by_the_way(manager, shop, draft):
    choose(manager, draft, SHAMPOO)
    paper = paper_of(shop)
    files = [{"id": "f-1", "name": "a.pdf", "format": "PDF"}]
    row = {"id": paper, "files": files, "expiration_date": 4_070_912_345}
    save(draft, {"certifications": [{"id": "other", "images": []}, row]})

    write_more(manager, draft)
    assert draft.content["certifications"] == [{"id": "other", "images": []}, row]
    answer = write_more(manager, draft, {f"expires-{paper}": "31.12.2099"})
    assert "A date was not understood" in said(manager, answer)
    assert draft.content["certifications"][1] == row

    write_more(manager, draft, {f"expires-{paper}": "2098-02-03"})
    assert draft.content["certifications"][1]["expiration_date"] == 4_042_224_000
    write_more(manager, draft, {f"expires-{paper}": ""})
    assert draft.content["certifications"][1] == {"id": paper, "files": files}


@pytest.mark.parametrize(
    "odd",
    [
        {"certifications": {"id": "1", "files": "x"}},
        {"certifications": ["x", {"id": None, "files": [1, {"id": 3}]}]},
        {"size_chart": ["x"], MAKERS: "m-1", PERSONS: {"id": 1}},
        {"size_chart": {"template": "x", "image": None}, MAKERS: [None, 5]},
    ],
)
def test_odd_contents_break_no_page(manager, shop, draft, odd):
    choose(manager, draft, SHAMPOO)
    ListingDraft.objects.filter(pk=draft.pk).update(content=draft.content | odd)

    assert manager.get(section(draft, "more")).status_code == 200
    assert write_more(manager, draft).status_code == 302


def test_the_brand_of_a_listing_is_named_without_a_search(manager, simulator, shop):
    listing = listing_with(simulator, shop, "brand")
    draft = start_edit(listing, None)
    cache.clear()

    page = manager.get(section(draft, "basics"))

    assert page.context["brand_name"] == listing.payload.body["brand"]["name"]
