"""The list of listings, its bulk actions, and the page of one listing."""

import csv
import io
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.platforms.models import Shop
from apps.products.models import Listing, ListingPayload, ListingSku, PublishRun
from apps.products.tasks import work_publish_run
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.team import as_user, give_role, make_member, make_shop_member
from tests.factories.users import make_client
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = "/admin/products/listing/"
BULK = "/admin/products/listing/bulk/"
Status = Listing.Status


def signed_in(member: Any) -> Browser:
    browser = Browser()
    browser.force_login(as_user(member))
    return browser


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def shop(client):
    return make_shop(client, name="Main Store")


@pytest.fixture
def manager(client):
    return signed_in(make_member(client, Role.CONTENT_MANAGER))


@pytest.fixture
def partner(client):
    return signed_in(make_member(client, Role.CREATOR_PARTNER))


@pytest.fixture
def woken(monkeypatch):
    """Keys of the runs that workers were told of."""
    keys: list[int] = []
    monkeypatch.setattr(work_publish_run, "delay", keys.append)
    return keys


def page_of(listing: Listing) -> str:
    return reverse("admin:products_listing_change", args=[listing.pk])


def titles(response: Any) -> list[str]:
    return [str(listing) for listing in response.context["cl"].result_list]


def counts(response: Any) -> dict[str, int]:
    return {tab["title"]: tab["count"] for tab in response.context["tabs"]}


def asked(name: str, *listings: Listing, **more: str) -> str:
    query = [("deed", name), *(("pk", row.pk) for row in listings), *more.items()]
    return f"{BULK}?{urlencode(query)}"


def agree(browser: Browser, address: str) -> Any:
    """Look at what will be done, and confirm it."""
    shown = browser.get(address)
    return browser.post(address, {"mark": shown.context["selection"].mark})


# --- the list


def test_tabs_count_what_they_show(manager, shop):
    make_listing(shop, title="On sale")
    make_listing(shop, title="Waiting", status=Status.PENDING)
    make_listing(shop, title="Refused", status=Status.FAILED)
    make_listing(shop, title="Refused change", audit=Listing.Audit.FAILED)
    make_listing(shop, title="Changed", audit=Listing.Audit.AUDITING)
    make_listing(shop, title="Off", status=Status.SELLER_DEACTIVATED)
    make_listing(shop, title="Taken off", status=Status.PLATFORM_DEACTIVATED)
    make_listing(shop, title="Draft", status=Status.DRAFT)
    make_listing(shop, title="Gone", status=Status.DELETED)
    make_listing(shop, title="From an order", status="", source="order")

    assert counts(manager.get(LIST)) == {
        "All": 9,
        "Live": 3,
        "In review": 2,
        "Rejected": 2,
        "Deactivated": 2,
        "Drafts": 1,
        "Deleted": 1,
    }
    for tab, title in (("all", "All"), ("review", "In review"), ("deleted", "Deleted")):
        shown = manager.get(LIST, {"tab": tab})
        assert len(titles(shown)) == counts(shown)[title]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("rattan", ["Rattan lamp"]),
        ("LAMP rattan", ["Rattan lamp"]),
        ("1729000000000000555", ["Rattan lamp"]),
        ("1730000000000000777", ["Rattan lamp"]),
        ("lamp-3", ["Rattan lamp"]),
        ("LAMP-30, MUG-1", ["Rattan lamp", "Mug"]),
        ("nothing", []),
        ("%", []),
    ],
)
def test_one_search_finds_titles_ids_and_skus(manager, shop, words, found):
    lamp = make_listing(shop, "1729000000000000555", title="Rattan lamp")
    make_listing_sku(lamp, "1730000000000000777", seller_sku="LAMP-30")
    mug = make_listing(shop, title="Mug")
    make_listing_sku(mug, seller_sku="MUG-1")

    assert sorted(titles(manager.get(LIST, {"q": words}))) == sorted(found)


def test_filters_are_in_the_address(manager, client, shop):
    other = make_shop(client, name="Second")
    lamp = make_listing(shop, title="Lamp", category_name="Lamps", quality="POOR")
    make_listing_sku(lamp)
    mug = make_listing(other, title="Mug", category_name="Mugs", quality="GOOD")
    make_listing_sku(mug, variant=make_variant(client=client))

    def shown(**query: Any) -> list[str]:
        return titles(manager.get(LIST, query))

    assert shown(shop=shop.pk) == ["Lamp"]
    assert shown(category="Mugs") == ["Mug"]
    assert shown(quality="POOR") == ["Lamp"]
    assert shown(matching="open") == ["Lamp"]
    assert shown(matching="matched") == ["Mug"]
    assert shown(status="pending") == []
    assert shown(status="nonsense") == shown()


def test_columns_in_the_address_answer_nothing(manager, shop):
    make_listing(shop, title="Lamp")

    for query in ({"shop__client__name": "x"}, {"title__startswith": "Z"}):
        assert titles(manager.get(LIST, query)) == ["Lamp"]
    assert titles(manager.get(LIST, {"p": "99"})) == ["Lamp"]
    assert titles(manager.get(LIST, {"p": "x"})) == ["Lamp"]


def test_a_row_says_price_stock_and_matching(manager, client, shop):
    lamp = make_listing(shop)
    make_listing_sku(lamp, price_amount=Decimal("19.90"), quantity=3)
    variant = make_variant(client=client)
    make_listing_sku(lamp, price_amount=Decimal(40), quantity=0, variant=variant)
    make_listing_sku(lamp, price_amount=Decimal(99), removed_at="2026-09-01T00:00Z")

    page = manager.get(LIST).content.decode()

    assert "MYR 19.90 – 40.00" in page  # noqa: RUF001
    assert "1 of 2 matched" in page


def test_stock_nobody_told_is_not_nothing(manager, shop):
    make_listing_sku(make_listing(shop), quantity=None)

    (listing,) = manager.get(LIST).context["cl"].result_list

    assert listing.stock is None


def test_two_currencies_are_never_mixed(manager, shop):
    lamp = make_listing(shop)
    make_listing_sku(lamp, price_amount=Decimal(10), currency="MYR")
    make_listing_sku(lamp, price_amount=Decimal(3), currency="USD")

    (listing,) = manager.get(LIST).context["cl"].result_list

    assert sorted(listing.prices.split(", ")) == ["MYR 10.00", "USD 3.00"]


def test_a_refusal_begins_with_tiktoks_words(manager, shop):
    reasons = [{"position": "Title", "reasons": ["The brand is not authorised"]}]
    make_listing(shop, status=Status.FAILED, rejections=reasons)

    assert "The brand is not authorised" in manager.get(LIST).content.decode()


def test_titles_are_shown_as_text(manager, shop):
    listing = make_listing(shop, title="<script>alert(1)</script>")

    for address in (LIST, page_of(listing)):
        assert "<script>alert" not in manager.get(address).content.decode()


def test_the_list_costs_the_same_however_long_it_is(manager, client, shop):
    def cost() -> int:
        with statements() as asked:
            assert manager.get(LIST).status_code == 200
        return len(asked)

    make_listing_sku(make_listing(shop))
    manager.get(LIST)
    short = cost()
    for _ in range(12):
        listing = make_listing(shop)
        make_listing_sku(listing, variant=make_variant(client=client))
        make_listing_sku(listing)

    assert cost() == short
    assert short <= 25


def test_only_ones_own_shops_are_there(manager, client, shop):
    mine = make_listing(shop, title="Mine")
    foreign = make_listing(title="Theirs", category_name="Their category")

    page = manager.get(LIST)

    assert titles(page) == ["Mine"]
    assert counts(page)["All"] == 1
    assert "Their category" not in page.content.decode()
    assert titles(manager.get(LIST, {"shop": foreign.shop_id})) == ["Mine"]
    assert mine.shop.client == client


def test_somebody_of_one_shop_sees_that_shop(client, shop):
    other = make_shop(client, name="Second")
    make_listing(shop, title="Here")
    make_listing(other, title="There")
    browser = signed_in(make_shop_member(shop, Role.CONTENT_MANAGER))

    assert titles(browser.get(LIST)) == ["Here"]


# --- bulk


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("activate", Status.SELLER_DEACTIVATED),
        ("deactivate", Status.LIVE),
        ("delete", Status.LIVE),
        ("recover", Status.DELETED),
        ("price", Status.LIVE),
    ],
)
def test_a_deed_names_what_it_does_and_runs_once_confirmed(
    manager, client, shop, woken, name, status
):
    listing = make_listing(shop, status=status)
    variant = make_variant(client=client, prices={"MYR": "55"})
    make_listing_sku(listing, variant=variant)
    address = asked(name, listing)

    shown = manager.get(address)

    assert not PublishRun.objects.exists()
    page = shown.content.decode()
    assert "1 listing" in page
    assert "Main Store" in page
    assert listing.remote_id in page

    sent = agree(manager, address)

    run = PublishRun.objects.get()
    assert run.kind == name
    assert [item.listing for item in run.items.all()] == [listing]
    assert sent["Location"] == reverse(
        "admin:products_publishrun_change", args=[run.pk]
    )
    entry = AuditEntry.objects.get(verb="started publishing")
    assert entry.details["items"] == 1
    assert entry.actor == run.user


def test_looking_starts_nothing(manager, shop, woken):
    listing = make_listing(shop)

    manager.get(asked("delete", listing))
    manager.post(asked("delete", listing))
    manager.post(asked("delete", listing), {"mark": "guessed"})

    assert not PublishRun.objects.exists()
    assert woken == []


def test_workers_hear_of_a_run_once_it_is_stored(
    manager, shop, woken, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        agree(manager, asked("deactivate", make_listing(shop)))

    assert woken == [PublishRun.objects.get().pk]


def test_all_that_match_are_meant_not_those_of_the_page(manager, shop, woken):
    for number in range(60):
        make_listing(shop, title=f"Lamp {number}")
    make_listing(shop, title="Mug")

    agree(manager, f"{BULK}?deed=deactivate&all=1&tab=live&q=Lamp")

    assert PublishRun.objects.get().items.count() == 60


def test_what_matches_now_is_not_what_was_agreed_to(manager, shop, woken):
    make_listing(shop)
    address = f"{BULK}?deed=delete&all=1"
    mark = manager.get(address).context["selection"].mark
    make_listing(shop)

    answer = manager.post(address, {"mark": mark})

    assert "Look again" in answer.content.decode()
    assert not PublishRun.objects.exists()


def test_several_shops_get_a_run_each(manager, client, shop, woken):
    other = make_shop(client)
    listings = [make_listing(shop), make_listing(other), make_listing(shop)]

    answer = agree(manager, asked("deactivate", *listings))

    assert {run.shop: run.items.count() for run in PublishRun.objects.all()} == {
        shop: 2,
        other: 1,
    }
    assert answer["Location"] == reverse("admin:products_publishrun_changelist")


def test_what_cannot_be_done_is_left_out_with_the_reason(manager, shop, woken):
    live = make_listing(shop, title="Live one")
    off = make_listing(shop, title="Off", status=Status.SELLER_DEACTIVATED)
    unknown = make_listing(shop, title="Unknown", status="")
    address = asked("deactivate", live, off, unknown)

    page = manager.get(address).content.decode()
    agree(manager, address)

    assert "Its status is “Deactivated by seller”." in page
    assert "Its state is not known yet" in page
    assert [i.listing for i in PublishRun.objects.get().items.all()] == [live]


def test_a_shop_that_is_not_connected_is_left_out(manager, client, woken):
    paused = make_shop(client, state=Shop.State.PAUSED)
    listing = make_listing(paused)

    shown = manager.get(asked("deactivate", listing))

    assert shown.context["selection"].count == 0
    assert "The shop is paused." in shown.content.decode()


def test_foreign_listings_are_as_if_not_there(manager, shop, woken):
    foreign = make_listing(title="Theirs")

    shown = manager.get(asked("delete", foreign))
    agree(manager, asked("delete", foreign, make_listing(shop)))

    assert "Theirs" not in shown.content.decode()
    assert shown.context["selection"].left_out == []
    assert foreign not in [i.listing for i in PublishRun.objects.get().items.all()]


def test_who_only_looks_finds_no_buttons_and_can_do_nothing(partner, shop, woken):
    listing = make_listing(shop)

    page = partner.get(LIST).content.decode()

    assert "Deactivate…" not in page
    assert 'name="pk"' not in page
    assert partner.get(asked("delete", listing)).status_code == 403
    assert partner.post(asked("delete", listing)).status_code == 403
    act = reverse("admin:products_listing_act", args=[listing.pk, "edit"])
    assert partner.post(act).status_code == 403
    assert not PublishRun.objects.exists()


def test_a_role_of_one_shop_acts_there_alone(client, shop, woken):
    other = make_shop(client, name="Second")
    member = make_member(client, Role.ANALYST)
    give_role(member, shop, Role.CONTENT_MANAGER)
    browser = signed_in(member)
    here, there = make_listing(shop), make_listing(other)

    shown = browser.get(asked("deactivate", here, there))
    agree(browser, asked("deactivate", here, there))

    assert "only looks at this shop" in shown.content.decode()
    assert [i.listing for i in PublishRun.objects.get().items.all()] == [here]


def test_the_dry_run_of_prices_says_each_and_why_not(manager, client, shop, woken):
    listing = make_listing(shop)
    priced = make_variant(client=client, prices={"MYR": "45.50"})
    same = make_variant(client=client, prices={"MYR": "40"})
    make_listing_sku(listing, seller_sku="NEW", variant=priced)
    make_listing_sku(listing, seller_sku="SAME", variant=same)
    make_listing_sku(listing, seller_sku="LONELY")

    shown = manager.get(asked("price", listing))

    lines = {line.what: line for line in shown.context["rehearsal"].lines}
    assert (lines["NEW"].before, lines["NEW"].note) == ("MYR 40.00", "")
    assert lines["NEW"].after.startswith("MYR 45.50")
    assert lines["SAME"].note == "The same already."
    assert "not matched" in lines["LONELY"].note
    assert '"amount": "45.5"' in shown.context["rehearsal"].call


def test_the_export_has_a_row_for_each_sku_and_no_formulas(manager, shop):
    listing = make_listing(shop, title="=cmd()")
    make_listing_sku(listing, seller_sku="A", price_amount=Decimal("1234.5"))
    make_listing_sku(listing, seller_sku="B", price_amount=None, quantity=None)
    make_listing(shop, title="Bare")
    make_listing(title="Theirs")

    answer = manager.get(f"{BULK}?deed=export")
    text = b"".join(answer.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))

    assert [(row["title"], row["seller_sku"]) for row in rows] == [
        ("'=cmd()", "A"),
        ("'=cmd()", "B"),
        ("Bare", ""),
    ]
    assert rows[0]["price"] == "1234.50"
    assert (rows[1]["price"], rows[1]["quantity"]) == ("", "")


def test_the_export_takes_the_ticked_or_what_the_filters_show(manager, shop):
    lamp, mug = make_listing(shop, title="Lamp"), make_listing(shop, title="Mug")

    def exported(query: str) -> list[str]:
        answer = manager.get(f"{BULK}?deed=export&{query}")
        text = b"".join(answer.streaming_content).decode()
        return [row["title"] for row in csv.DictReader(io.StringIO(text))]

    assert exported(f"pk={mug.pk}") == ["Mug"]
    assert exported("q=Lamp") == ["Lamp"]
    assert exported(f"pk={lamp.pk}&all=1&q=Mug") == ["Mug"]


def test_an_unknown_deed_leads_back(manager, shop):
    answer = manager.get(asked("explode", make_listing(shop)))

    assert answer["Location"] == LIST


# --- one listing


def test_the_page_says_what_is_known_and_since_when(manager, shop):
    listing = make_listing(
        shop,
        status=Status.FAILED,
        audit=Listing.Audit.FAILED,
        rejections=[
            {
                "position": "Main image",
                "reasons": ["Text covers the product"],
                "suggestions": ["Remove the text"],
                "listing_platform": "TIKTOK_SHOP",
            }
        ],
        status_learnt_at="2026-09-01T10:00Z",
    )
    make_listing_sku(listing, barcode="4006381333931", quantity=None)
    listing.refresh_from_db()

    page = manager.get(page_of(listing)).content.decode()

    for words in (
        "Text covers the product",
        "Remove the text",
        "4006381333931",
        "01 Sep 2026 10:00:00 UTC",
        listing.remote_id,
    ):
        assert words in page


def test_only_what_the_state_allows_has_a_button(manager, shop):
    def buttons(status: str) -> set[str]:
        shown = manager.get(page_of(make_listing(shop, status=status)))
        return {deed["title"] for deed in shown.context["deeds"] if not deed["reason"]}

    assert buttons(Status.LIVE) == {"Deactivate", "Delete", "Change prices"}
    assert buttons(Status.SELLER_DEACTIVATED) == {"Activate", "Delete"}
    assert buttons(Status.DELETED) == {"Recover"}
    assert buttons(Status.FROZEN) == set()


def test_a_button_that_is_missing_has_its_reason(manager, shop):
    page = manager.get(page_of(make_listing(shop, status=Status.DELETED)))

    assert "Its status is “Deleted”. Only live listings can be taken off sale." in (
        page.content.decode()
    )


def test_who_only_looks_sees_the_page_without_buttons(partner, shop):
    page = partner.get(page_of(make_listing(shop))).content.decode()

    assert "<h3>Actions</h3>" not in page
    assert "Pull again" not in page


@pytest.mark.parametrize("name", ["change", "picture", "prices", "attributes"])
def test_a_foreign_listing_is_one_that_is_not_there(manager, name):
    foreign = make_listing()

    def answer(key: int) -> Any:
        got = manager.get(reverse(f"admin:products_listing_{name}", args=[key]))
        return got.status_code, re.sub(str(key), "KEY", got.get("Location", ""))

    assert answer(foreign.pk) == answer(9_999_999)


@pytest.mark.parametrize("odd", ["9" * 5_000, "-1", "x", "²"])
def test_what_can_be_no_key_is_none(manager, shop, odd):
    """Python itself refuses to read a number of so many digits."""
    listing = make_listing(shop)
    page = reverse("admin:products_listing_picture", args=[listing.pk])

    assert manager.get(page, {"sku": odd}).status_code == 404
    told = manager.post(f"{BULK}?deed=copy&pk={listing.pk}&pk={odd}", {"to": odd})
    assert "There is no such shop" in told.content.decode()


@pytest.mark.parametrize("deed", ["pull", "edit"])
def test_nothing_is_done_to_a_foreign_listing(manager, deed):
    foreign = make_listing()
    address = reverse("admin:products_listing_act", args=[foreign.pk, deed])

    assert manager.post(address)["Location"] == "/admin/"
    assert manager.get(address).status_code == 405


def test_the_payload_is_shown_whole(manager, shop):
    listing = make_listing(shop)
    ListingPayload.objects.create(
        listing=listing,
        body={"id": listing.remote_id, "new_field": "kept <b>"},
        content_hash="0",
        fingerprint="0",
        received_at="2026-09-01T10:00Z",
    )

    page = manager.get(page_of(listing)).content.decode()

    assert "new_field" in page
    assert "kept &lt;b&gt;" in page


def test_typed_prices_are_looked_at_before_they_are_sent(manager, client, shop, woken):
    listing = make_listing(shop)
    variant = make_variant(client=client, prices={"MYR": "45.50"})
    sku = make_listing_sku(listing, variant=variant)
    address = reverse("admin:products_listing_prices", args=[listing.pk])

    planned = manager.post(address, {"planned": "1"})
    bad = manager.post(address, {f"p-{sku.pk}": "0", "send": "1"})
    looked = manager.post(address, {f"p-{sku.pk}": "41.20", "look": "1"})

    assert '"amount": "45.5"' in planned.context["call"]
    assert "more than nothing" in bad.content.decode()
    assert '"amount": "41.2"' in looked.context["call"]
    assert not PublishRun.objects.exists()

    manager.post(address, {f"p-{sku.pk}": "41.20", "send": "1"})

    item = PublishRun.objects.get().items.get()
    assert item.request == {"amounts": {sku.remote_id: "41.2"}}


@pytest.mark.parametrize("typed", ["abc", "-1", "NaN", "1e99", "9.999"])
def test_what_is_no_price_is_said_beside_it(manager, shop, woken, typed):
    listing = make_listing(shop)
    sku = make_listing_sku(listing)
    address = reverse("admin:products_listing_prices", args=[listing.pk])

    shown = manager.post(address, {f"p-{sku.pk}": typed, "send": "1"})

    assert "errorlist" in shown.content.decode()
    assert not PublishRun.objects.exists()


def test_the_product_behind_a_sku_is_a_link_away(manager, client, shop):
    product = make_product(client, "Rattan lamp")
    sku = make_listing_sku(make_listing(shop), variant=make_variant(product, "LAMP-30"))

    page = manager.get(page_of(sku.listing)).content.decode()

    assert reverse("admin:products_product_change", args=[product.pk]) in page
    assert sku.mapping == ListingSku.Mapping.MATCHED
