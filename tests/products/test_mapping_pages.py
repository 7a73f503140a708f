"""The mapping workspace: what it lists, for whom, what its buttons do and cost."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.imports.models import ImportRun
from apps.orders.models import Order
from apps.orders.services import mapping
from apps.orders.tasks import accept_suggestions
from apps.products.models import (
    Listing,
    ListingSku,
    MappingBatch,
    MappingState,
    MappingSuggestion,
    Product,
)
from apps.products.tasks import refresh_suggestions
from apps.users.models import Membership, User
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_bundle,
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.team import give_role
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements
from tests.products.mapping_support import (
    NOBODY,
    State,
    batch_of,
    make_line,
    make_suggested,
    stand,
    suggest,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/products/listingsku/"


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def shop(client):
    return make_shop(client, name="Main Store")


@pytest.fixture
def lamp(client):
    return make_variant(make_product(client, "Rattan lamp"), "LAMP-30")


@pytest.fixture
def user(client):
    """May match, and see the orders."""
    return make_user(
        "matcher", clients=[client], permissions=["manage_products", "view_analytics"]
    )


@pytest.fixture
def browser(user):
    return signed_in(user)


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def listed(page: Any) -> list[str]:
    """SKU IDs in the order shown."""
    assert page.status_code == 200
    return [row.sku.remote_id for row in page.context["rows"]]


def counts(page: Any) -> dict[str, int]:
    found = re.findall(r'">([^<]+)<span class="count">(\d+)</span>', text(page))
    return {title: int(count) for title, count in found}


def text(page: Any) -> str:
    return unescape(page.content.decode())


def notices(page: Any) -> str:
    return " ".join(str(message) for message in page.context["messages"])


def do(browser: Browser, name: str, **data: Any) -> Any:
    return browser.post(
        reverse("admin:products_listingsku_act", args=[name]), data, follow=True
    )


def ticked(sku: ListingSku, variant: Any = None) -> str:
    return f"{sku.pk}:{variant.pk if variant else 0}"


# The list --------------------------------------------------------------------------


def test_each_tab_lists_its_state_and_counts_the_others(browser, shop, lamp):
    other = make_variant(lamp.product)
    make_listing_sku(shop=shop, remote_id="u")
    make_suggested(lamp, shop=shop, remote_id="s")
    make_listing_sku(shop=shop, remote_id="m", variant=lamp)
    suggest(make_listing_sku(shop=shop, remote_id="c"), lamp, other)
    make_listing_sku(shop=shop, remote_id="i", mapping=State.IGNORED)

    pages = {
        tab: browser.get(f"{LIST}?tab={tab}")
        for tab in ("unmatched", "suggested", "matched", "conflicts", "ignored")
    }

    assert {tab: listed(page) for tab, page in pages.items()} == {
        "unmatched": ["u"],
        "suggested": ["s"],
        "matched": ["m"],
        "conflicts": ["c"],
        "ignored": ["i"],
    }
    assert counts(pages["matched"]) == dict.fromkeys(
        ("Unmatched", "Suggested", "Matched", "Conflicts", "Ignored"), 1
    )


def test_nobody_sees_another_clients_skus_counts_or_shops(browser, shop):
    theirs = make_shop(name="Quokka Store")
    make_listing_sku(shop=theirs, seller_sku="QUOKKA-1")
    make_listing_sku(shop=shop, remote_id="ours")

    page = browser.get(LIST)
    by_shop = browser.get(f"{LIST}?shop={theirs.pk}")
    searched = browser.get(f"{LIST}?q=QUOKKA-1")

    assert listed(page) == ["ours"]
    assert counts(page)["Unmatched"] == 1
    assert "Quokka" not in text(page)
    assert listed(by_shop) == ["ours"]
    assert "ignored, because it does not fit here" in notices(by_shop)
    assert listed(searched) == []


def test_a_role_at_one_shop_shows_that_shop_alone(client, shop):
    beside = make_shop(client)
    make_listing_sku(shop=shop, remote_id="here")
    make_listing_sku(shop=beside, remote_id="there")
    user = make_user(clients=[client])
    member = Membership.objects.get(user=user)
    give_role(member, shop, permissions=["manage_products"])

    page = signed_in(user).get(LIST)

    assert listed(page) == ["here"]


def test_the_badge_in_the_sidebar_counts_what_the_user_may_see(browser, shop, lamp):
    for _ in range(3):
        make_listing_sku(shop=shop)
    make_suggested(lamp, shop=shop)
    make_listing_sku(shop=shop, removed_at=timezone.now())
    make_listing_sku(make_listing(shop, status=Listing.Status.DELETED))
    for _ in range(5):
        make_listing_sku(shop=make_shop())

    found = badge(browser.get(LIST))

    assert found == "3"
    assert badge(signed_in(make_user(is_superuser=True)).get(LIST)) == "8"


def badge(page: Any) -> str:
    [item] = [
        item
        for group in page.context["sidebar_navigation"]
        for item in group["items"]
        if item["title"] == "Product mapping"
    ]
    return str(item["badge"])


def test_what_orders_wait_for_comes_first(browser, shop):
    make_listing_sku(shop=shop, remote_id="none")
    one, two, past = (
        make_listing_sku(shop=shop, remote_id=name) for name in ("one", "two", "past")
    )
    make_line(one)
    make_line(two)
    make_line(two, status=Order.Status.PARTLY_SHIPPED)
    for _ in range(3):
        make_line(past, status=Order.Status.COMPLETED)

    page = browser.get(LIST)

    assert listed(page)[:2] == ["two", "one"]
    rows = {row.sku.remote_id: row.sales for row in page.context["rows"]}
    assert (rows["two"].waiting, rows["two"].lines, rows["two"].sold) == (2, 2, 4)
    assert (rows["past"].waiting, rows["past"].lines) == (0, 3)


def test_whoever_may_not_see_orders_is_told_nothing_of_them(client, shop):
    sku = make_listing_sku(shop=shop)
    make_line(sku)
    user = make_user(clients=[client], permissions=["manage_products"])

    page = signed_in(user).get(LIST)

    assert page.context["rows"][0].sales is None
    assert listed(signed_in(user).get(f"{LIST}?waiting=yes")) == []


def test_filters_by_waiting_sold_confidence_category_and_words(browser, shop, lamp):
    waits = make_listing_sku(shop=shop, remote_id="waits")
    make_line(waits, placed_at=timezone.now() - timedelta(days=40))
    sold = make_listing_sku(
        make_listing(shop, title="Blue mug", category_name="Kitchen"),
        "sold",
        seller_sku="MUG-1",
    )
    make_line(sold, status=Order.Status.COMPLETED)
    make_suggested(lamp, shop=shop, remote_id="sure", confidence=95)
    make_suggested(lamp, shop=shop, remote_id="unsure", confidence=94)

    def found(query: str) -> set[str]:
        return set(listed(browser.get(f"{LIST}?{query}")))

    assert found("waiting=yes") == {"waits"}
    assert found("tab=unmatched&waiting=no") == {"sold"}
    assert found("sold=yes") == {"sold"}
    assert found("tab=suggested&confidence=95") == {"sure"}
    assert found("tab=suggested&confidence=90") == {"sure", "unsure"}
    assert found("category=kitch") == {"sold"}
    assert found("q=mug+blue") == {"sold"}
    assert found("q=mug-1") == {"sold"}
    assert found("q=waits") == {"waits"}


def test_a_search_opens_the_tab_that_has_something(browser, shop, lamp):
    make_listing_sku(shop=shop, remote_id="1730000000000000999", variant=lamp)

    page = browser.get(f"{LIST}?q=1730000000000000999")

    assert page.context["tab"] == "matched"
    assert listed(page) == ["1730000000000000999"]


def test_skus_that_are_gone_are_found_by_searching_alone(browser, shop):
    make_listing_sku(shop=shop, remote_id="gone", removed_at=timezone.now())
    deleted = make_listing(shop, status=Listing.Status.DELETED)
    make_listing_sku(deleted, "deleted")

    assert listed(browser.get(LIST)) == []
    page = browser.get(f"{LIST}?q=deleted,gone")
    assert set(listed(page)) == {"gone", "deleted"}
    assert "No longer listed" in text(page)


@pytest.mark.parametrize(
    "query",
    ["p=0", "p=x", "p=99", f"p={'9' * 5_000}", "tab=no", "o=1", "shop__client__name=x"],
)
def test_an_address_that_does_not_fit_shows_the_list_all_the_same(browser, shop, query):
    make_listing_sku(shop=shop, remote_id="here")

    assert listed(browser.get(f"{LIST}?{query}")) == ["here"]


def test_empty_lists_say_why_and_what_helps(browser, shop, lamp):
    assert "No listings yet" in text(browser.get(LIST))
    make_listing_sku(shop=shop, variant=lamp)
    assert "Everything is matched" in text(browser.get(LIST))
    assert "No SKUs match these filters" in text(browser.get(f"{LIST}?q=nothing"))


def test_the_page_costs_the_same_number_of_queries_for_any_number_of_rows(
    browser, shop, client, lamp
):
    def cost(count: int) -> int:
        for number in range(count):
            sku = make_suggested(lamp, shop=shop if number % 2 else make_shop(client))
            make_line(sku)
        with statements() as asked:
            page = browser.get(f"{LIST}?tab=suggested")
        assert len(page.context["rows"]) == min(ListingSku.objects.count(), 50)
        return len(asked)

    cost(1)
    assert cost(2) == cost(30) <= 26


def test_an_analyst_looks_and_has_no_buttons(client, shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    analyst = signed_in(make_user(clients=[client], role="analyst"))

    page = analyst.get(f"{LIST}?tab=suggested")

    assert listed(page)
    assert "Look for matches" not in text(page)
    assert 'name="one"' not in text(page)
    assert analyst.get(f"{LIST}{sku.pk}/").status_code == 200
    for address in (
        f"{LIST}do/accept/",
        f"{LIST}look/",
        f"{LIST}import/",
        f"{LIST}accept-all/",
        f"{LIST}{sku.pk}/choose/",
        f"{LIST}{sku.pk}/create/",
    ):
        answer = analyst.post(address, {"one": ticked(sku, lamp), "variant": lamp.pk})
        assert answer.status_code == 403, address
    assert stand(sku) == (State.SUGGESTED, None)


# Deeds -----------------------------------------------------------------------------


def test_accepting_in_the_row_matches_tells_and_offers_the_way_back(
    browser, shop, lamp
):
    sku = make_suggested(lamp, shop=shop)
    make_line(sku)
    make_line(sku, status=Order.Status.COMPLETED)
    before = text(browser.get(f"{LIST}?tab=suggested"))

    page = do(browser, "accept", one=ticked(sku, lamp), back=f"{LIST}?tab=suggested")

    assert "2 past order lines will be linked" in before
    assert stand(sku) == (State.MATCHED, "LAMP-30")
    assert page.redirect_chain == [(f"{LIST}?tab=suggested", 302)]
    batch = MappingBatch.objects.get()
    told = notices(page)
    assert "Accepted 1 SKU. 1 waiting order item matched, 2 order lines linked." in told
    assert f"/admin/products/mappingbatch/{batch.pk}/" in told


def test_accepting_what_is_no_longer_suggested_says_so(browser, shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    other = make_variant(lamp.product, "VASE-1")
    mapping.choose(shop, {sku.pk: other.pk}, NOBODY)

    page = do(browser, "accept", one=ticked(sku, lamp))

    assert "it is matched to VASE-1 now" in notices(page)
    assert stand(sku) == (State.MATCHED, "VASE-1")


def test_what_was_ticked_is_asked_about_with_its_count_and_effect(
    browser, shop, client
):
    beside = make_shop(client)
    skus = [make_listing_sku(shop=shop), make_listing_sku(shop=beside)]
    make_line(skus[0])

    page = do(browser, "ignore", sku=[ticked(sku) for sku in skus])

    assert "Ignore: 2 SKUs" in text(page)
    assert "1 order line sold these SKUs, 1 of them in 1 order" in text(page)
    assert {stand(sku)[0] for sku in skus} == {State.UNMATCHED}

    done = do(browser, "ignore", sku=[ticked(s) for s in skus], confirmed="1")

    assert "Ignored 2 SKUs." in notices(done)
    assert {stand(sku)[0] for sku in skus} == {State.IGNORED}
    assert MappingBatch.objects.count() == 2


def test_unlinking_asks_even_for_one_and_leaves_what_is_another_match_now(
    browser, shop, lamp
):
    sku = make_listing_sku(shop=shop, variant=lamp)
    other = make_variant(lamp.product, "VASE-1")

    asked = do(browser, "unlink", one=ticked(sku, lamp))
    assert "Unlink: 1 SKU" in text(asked)
    stale = do(browser, "unlink", sku=ticked(sku, other), confirmed="1")
    assert "left as before" in notices(stale)
    assert stand(sku)[0] == State.MATCHED
    do(browser, "unlink", sku=ticked(sku, lamp), confirmed="1")

    assert stand(sku) == (State.UNMATCHED, None)


@pytest.mark.parametrize("name", ["accept", "ignore", "unlink"])
def test_a_foreign_sku_is_answered_like_one_there_is_not(browser, name, lamp):
    theirs = make_suggested(make_variant(client=make_client()))
    theirs_variant = MappingSuggestion.objects.get().variant
    answers = [
        do(browser, name, one=f"{key}:{theirs_variant.pk}", confirmed="1")
        for key in (theirs.pk, 987_654_321)
    ]

    assert notices(answers[0]) == notices(answers[1]) != ""
    assert stand(theirs) == (State.SUGGESTED, None)


@pytest.mark.parametrize("value", ["", "x", "1:y", "²:1", "9" * 40, "1:2:3", "-1:1"])
def test_nonsense_is_no_sku(browser, shop, value):
    page = do(browser, "accept", sku=[value])

    assert page.status_code == 200
    assert not MappingBatch.objects.exists()


def test_there_is_no_other_deed_and_get_does_none(browser, shop):
    assert browser.post(f"{LIST}do/explode/").status_code == 404
    assert browser.get(f"{LIST}do/accept/").status_code == 405


def test_the_way_back_leads_to_no_other_site(browser, shop):
    sku = make_listing_sku(shop=shop)
    page = do(browser, "ignore", one=ticked(sku), back="https://evil.example/")

    assert page.redirect_chain == [(LIST, 302)]


# All at once ------------------------------------------------------------------------


def test_all_from_a_confidence_on_are_counted_first_and_conflicts_never_taken(
    browser, shop, lamp
):
    sure = [make_suggested(lamp, shop=shop, confidence=c) for c in (95, 99)]
    unsure = make_suggested(lamp, shop=shop, confidence=94)
    rivals = make_listing_sku(shop=shop)
    suggest(rivals, lamp, make_variant(lamp.product), confidence=100)
    make_line(sure[0])

    page = browser.get(f"{LIST}accept-all/")
    assert "Accept 2 suggestions" in text(page)
    assert "1 past order line will be linked" in text(page)
    browser.post(f"{LIST}accept-all/", {"of": page.context["found"].print})

    assert {stand(sku)[0] for sku in sure} == {State.MATCHED}
    assert stand(unsure)[0] == State.SUGGESTED
    assert stand(rivals)[0] == State.CONFLICT


def test_all_at_once_takes_what_the_filters_show_and_no_other_shop(
    browser, shop, client, lamp
):
    here = make_suggested(lamp, shop=shop)
    there = make_suggested(lamp, shop=make_shop(client))
    theirs = make_suggested(make_variant(client=make_client()))
    address = f"{LIST}accept-all/?shop={shop.pk}"

    page = browser.get(address)
    browser.post(address, {"of": page.context["found"].print})

    assert stand(here)[0] == State.MATCHED
    assert stand(there)[0] == stand(theirs)[0] == State.SUGGESTED


def test_suggestions_that_changed_since_they_were_counted_are_shown_again(
    browser, shop, lamp
):
    sku = make_suggested(lamp, shop=shop)
    seen = browser.get(f"{LIST}accept-all/").context["found"].print
    MappingSuggestion.objects.update(variant=make_variant(lamp.product, "VASE-1"))

    page = browser.post(f"{LIST}accept-all/", {"of": seen})

    assert "have changed meanwhile" in notices(page)
    assert stand(sku)[0] == State.SUGGESTED


def test_very_many_are_accepted_in_the_background_with_progress(
    browser, shop, lamp, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("apps.products.admin.mapping_bulk.AT_ONCE", 2)
    monkeypatch.setattr(mapping, "AT_ONCE", 2)
    skus = [make_suggested(lamp, shop=shop) for _ in range(5)]
    queued: list[int] = []
    monkeypatch.setattr(accept_suggestions, "delay", queued.append)
    seen = browser.get(f"{LIST}accept-all/").context["found"].print

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"{LIST}accept-all/", {"of": seen})

    batch = MappingBatch.objects.get()
    assert queued == [batch.pk]
    page = browser.get(f"/admin/products/mappingbatch/{batch.pk}/")
    assert "0 of 5 SKUs" in text(page)
    accept_suggestions(batch.pk)
    assert {stand(sku)[0] for sku in skus} == {State.MATCHED}
    assert "5 SKUs changed" in text(
        browser.get(f"/admin/products/mappingbatch/{batch.pk}/")
    )


# One SKU ----------------------------------------------------------------------------


def test_a_conflict_shows_all_rivals_with_their_reasons(browser, shop, lamp):
    other = make_variant(make_product(lamp.client, "Vase"), "VASE-1")
    sku = make_listing_sku(shop=shop)
    suggest(sku, lamp, other)
    MappingSuggestion.objects.filter(variant=other).update(
        explanation="same barcode 4006381333931"
    )

    page = browser.get(f"{LIST}{sku.pk}/")

    told = text(page)
    assert "2 candidates" in told
    assert "LAMP-30" in told
    assert "same barcode 4006381333931" in told
    do(browser, "accept", one=ticked(sku, other))
    assert stand(sku) == (State.MATCHED, "VASE-1")


def test_the_catalogue_is_searched_and_a_bundle_chosen(browser, shop, lamp):
    bundle = make_bundle({lamp: 2}, "LAMP-SET")
    make_variant(client=make_client(), sku="LAMP-99")
    sku = make_listing_sku(shop=shop)

    page = browser.get(f"{LIST}{sku.pk}/?q=lamp")

    assert {each.sku for each in page.context["found"]} == {"LAMP-30", "LAMP-SET"}
    browser.post(f"{LIST}{sku.pk}/choose/", {"variant": bundle.pk, "seen": "0"})
    assert stand(sku) == (State.MATCHED, "LAMP-SET")


def test_choosing_over_a_colleagues_choice_is_reported(browser, shop, lamp):
    other = make_variant(lamp.product, "VASE-1")
    sku = make_listing_sku(shop=shop)
    mapping.choose(shop, {sku.pk: other.pk}, NOBODY)

    page = browser.post(
        f"{LIST}{sku.pk}/choose/", {"variant": lamp.pk, "seen": "0"}, follow=True
    )

    assert "it is matched to VASE-1 now" in notices(page)
    assert stand(sku) == (State.MATCHED, "VASE-1")


@pytest.mark.parametrize("name", ["variant", "product"])
def test_what_another_client_has_cannot_be_chosen(browser, shop, name):
    sku = make_listing_sku(shop=shop)
    theirs = make_variant(client=make_client())
    key = theirs.pk if name == "variant" else theirs.product_id
    told = {
        notices(browser.post(f"{LIST}{sku.pk}/choose/", {name: chosen}, follow=True))
        for chosen in (key, 987_654_321)
    }

    assert len(told) == 1
    assert stand(sku) == (State.UNMATCHED, None)


def test_a_product_is_told_to_the_skus_of_a_listing(browser, shop, client):
    shirt = make_product(client, "Shirt")
    make_variant(shirt, "SHIRT-S", name="S")
    make_variant(shirt, "SHIRT-M", name="M")
    listing = make_listing(shop)
    small = make_listing_sku(listing, seller_sku="", variation="S")
    odd = make_listing_sku(listing, seller_sku="ODD", variation="XL")

    page = browser.post(f"{LIST}{small.pk}/choose/", {"product": shirt.pk}, follow=True)

    assert stand(small) == (State.MATCHED, "SHIRT-S")
    assert stand(odd)[0] == State.UNMATCHED
    assert "ODD: which variant it is cannot be told" in notices(page)


def test_a_product_is_shown_before_it_is_created(browser, shop):
    listing = make_listing(shop, title="Cotton towel")
    sku = make_listing_sku(listing, seller_sku="TOWEL-1", variation="White")
    address = f"{LIST}{sku.pk}/create/"

    assert "TOWEL-1" in text(browser.get(address))
    assert not Product.objects.exists()
    browser.post(address)

    assert stand(sku) == (State.MATCHED, "TOWEL-1")
    assert Product.objects.get().name == "Cotton towel"


def test_a_taken_sku_is_named_and_nothing_is_created(browser, shop, lamp):
    sku = make_listing_sku(shop=shop, seller_sku="lamp-30")

    page = browser.post(f"{LIST}{sku.pk}/create/")

    assert "LAMP-30 is “Rattan lamp” already" in notices(page)
    assert Product.objects.count() == 1


def test_creating_needs_the_catalogue_and_not_one_shop_alone(client, shop):
    sku = make_listing_sku(shop=shop)
    user = make_user(clients=[client])
    give_role(Membership.objects.get(user=user), shop, permissions=["manage_products"])
    browser = signed_in(user)

    assert "Create product" not in text(browser.get(f"{LIST}{sku.pk}/"))
    assert browser.post(f"{LIST}{sku.pk}/create/").status_code == 403
    assert not Product.objects.exists()


@pytest.mark.parametrize("page", ["", "choose/", "create/"])
def test_the_page_of_a_foreign_sku_is_that_of_none(browser, page):
    theirs = make_listing_sku()
    ask = browser.post if page == "choose/" else browser.get
    answers = [ask(f"{LIST}{key}/{page}") for key in (theirs.pk, 987_654_321)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]


def test_the_page_of_a_sku_costs_a_fixed_number_of_queries(browser, shop, lamp):
    def cost(count: int) -> int:
        sku = make_listing_sku(shop=shop)
        variants = [make_variant(lamp.product) for _ in range(count)]
        suggest(sku, *variants)
        for variant in variants:
            mapping.choose(shop, {sku.pk: variant.pk}, NOBODY)
            mapping.unlink(shop, [sku.pk], NOBODY)
        with statements() as asked:
            browser.get(f"{LIST}{sku.pk}/?q=SKU")
        return len(asked)

    cost(1)
    assert cost(2) == cost(8) <= 24


# Undoing ----------------------------------------------------------------------------


def test_a_decision_is_undone_on_its_page_once(browser, shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    batch = batch_of(mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY))
    page = f"/admin/products/mappingbatch/{batch.pk}/"

    assert "Undo 1 SKU" in text(browser.get(page))
    done = browser.post(f"{page}undo/", follow=True)
    again = browser.post(f"{page}undo/", follow=True)

    assert "Undone: 1 SKU as before" in notices(done)
    assert "undone before" in notices(again)
    assert stand(sku) == (State.SUGGESTED, None)
    assert "Undone" in text(browser.get("/admin/products/mappingbatch/"))


def test_decisions_of_another_client_are_not_there(browser, shop):
    theirs = make_variant(client=make_client())
    sku = make_suggested(theirs, shop=make_shop(theirs.client))
    batch = batch_of(mapping.accept(sku.shop, {sku.pk: theirs.pk}, NOBODY))
    page = f"/admin/products/mappingbatch/{batch.pk}/"

    assert browser.get(page).status_code == 302
    assert browser.post(f"{page}undo/").status_code == 302
    assert str(sku.shop.name) not in text(browser.get("/admin/products/mappingbatch/"))
    assert stand(sku)[0] == State.MATCHED


@pytest.mark.parametrize(
    "query", [f"shop={'9' * 30}", f"id__in={'9' * 30}", "user=1", "p=x", "o=x"]
)
def test_the_list_of_decisions_takes_no_question_from_the_address(
    browser, shop, lamp, query
):
    sku = make_suggested(lamp, shop=shop)
    mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)

    page = browser.get(f"/admin/products/mappingbatch/?{query}")

    assert page.status_code == 200
    assert "Accepted suggestions" in text(page)


def test_an_analyst_undoes_nothing(client, shop, lamp):
    sku = make_suggested(lamp, shop=shop)
    batch = batch_of(mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY))
    analyst = signed_in(make_user(clients=[client], role="analyst"))

    page = f"/admin/products/mappingbatch/{batch.pk}/"
    assert "Undo 1" not in text(analyst.get(page))
    assert analyst.post(f"{page}undo/").status_code == 403


def test_the_list_of_decisions_costs_a_fixed_number_of_queries(browser, shop, lamp):
    def cost(count: int) -> int:
        for _ in range(count):
            sku = make_suggested(lamp, shop=shop)
            mapping.accept(shop, {sku.pk: lamp.pk}, NOBODY)
        with statements() as asked:
            assert browser.get("/admin/products/mappingbatch/").status_code == 200
        return len(asked)

    cost(1)
    assert cost(1) == cost(10)


# Looking for matches, files -----------------------------------------------------------


def test_looking_for_matches_wakes_the_users_clients_alone(
    browser, shop, client, monkeypatch, django_capture_on_commit_callbacks
):
    make_shop()
    queued: list[int] = []
    monkeypatch.setattr(refresh_suggestions, "delay", queued.append)

    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post(f"{LIST}look/", follow=True)

    assert queued == [client.pk]
    assert MappingState.objects.get().client == client
    assert "Northwind: suggestions are being worked out" in text(page)


def upload(browser: Browser, content: str, **data: Any) -> Any:
    file = SimpleUploadedFile("m.csv", content.encode())
    return browser.post(f"{LIST}import/", {"file": file, **data})


def test_an_export_is_what_the_user_may_see_and_reads_back_unchanged(
    browser, shop, lamp
):
    make_listing_sku(shop=shop, remote_id="m", variant=lamp)
    make_listing_sku(make_listing(shop, title="=1+1"), "f", seller_sku="-9")
    make_listing_sku(shop=shop, remote_id="i", mapping=State.IGNORED)
    make_listing_sku(seller_sku="THEIRS")

    answer = browser.get(f"{LIST}export/")
    content = b"".join(answer.streaming_content).decode()

    assert content.splitlines()[0] == (
        "shop,product ID,SKU ID,seller SKU,title,variant,our SKU,state"
    )
    assert "THEIRS" not in content
    assert "'=1+1" in content
    assert "'-9" in content
    page = upload(browser, content)
    assert {n: c for n, _, c in page.context["counts"]} == {
        "new": 0,
        "changed": 0,
        "same": 3,
        "refused": 0,
    }


def test_a_file_is_looked_at_first_and_then_applied_as_one_decision(
    browser, shop, lamp
):
    sku = make_listing_sku(shop=shop, remote_id="100")
    line = make_line(sku)

    page = upload(
        browser, "shop,SKU ID,our SKU\nMain Store,100,lamp-30\nMain Store,9,X\n"
    )
    assert stand(sku)[0] == State.UNMATCHED
    assert "has no SKU ID 9" in text(page)
    assert "1 past order line will be linked, 1 of them in 1 order" in text(page)
    done = browser.post(
        f"{LIST}import/apply/", {"signed": page.context["signed"]}, follow=True
    )

    assert stand(sku) == (State.MATCHED, "LAMP-30")
    assert "Imported 1 SKU. 1 waiting order item matched" in notices(done)
    line.refresh_from_db()
    assert line.variant == lamp
    run = ImportRun.objects.get()
    assert (run.kind, run.file_name, run.new) == ("mapping", "m.csv", 1)
    mapping.undo(MappingBatch.objects.get(), NOBODY)
    assert stand(sku)[0] == State.UNMATCHED


def test_a_preview_tells_of_orders_only_whom_they_are_shown(client, shop, lamp):
    make_line(make_listing_sku(shop=shop, remote_id="100"))
    user = make_user(clients=[client], permissions=["manage_products"])

    page = upload(signed_in(user), "SKU ID,our SKU\n100,LAMP-30\n", shop=shop.pk)

    assert "Change 1 SKU" in text(page)
    assert "order line" not in text(page)


def test_a_preview_applied_twice_changes_nothing_the_second_time(browser, shop, lamp):
    skus = [
        make_listing_sku(shop=shop, remote_id="1"),
        make_listing_sku(shop=shop, remote_id="2"),
        make_listing_sku(shop=shop, remote_id="3", variant=lamp),
    ]
    file = "SKU ID,our SKU,state\n1,LAMP-30,\n2,,ignore\n3,,\n"
    page = upload(browser, file, shop=shop.pk, unlink_blank="on")
    signed = {"signed": page.context["signed"]}

    browser.post(f"{LIST}import/apply/", signed, follow=True)
    again = browser.post(f"{LIST}import/apply/", signed, follow=True)

    assert "3 SKUs had it already" in notices(again)
    assert "left as before" not in notices(again)
    assert [stand(sku)[0] for sku in skus] == [
        State.MATCHED,
        State.IGNORED,
        State.UNMATCHED,
    ]
    assert ImportRun.objects.filter(state=ImportRun.State.DONE).count() == 2


def test_what_was_decided_after_the_preview_is_left(browser, shop, lamp):
    sku = make_listing_sku(shop=shop, remote_id="100")
    page = upload(browser, "shop,SKU ID,our SKU\nMain Store,100,LAMP-30\n")
    mapping.ignore(shop, [sku.pk], NOBODY)

    done = browser.post(
        f"{LIST}import/apply/", {"signed": page.context["signed"]}, follow=True
    )

    assert "it was decided anew meanwhile" in notices(done)
    assert stand(sku)[0] == State.IGNORED


def test_a_preview_works_for_whom_it_was_made_and_as_it_was_made(
    browser, shop, lamp, client
):
    sku = make_listing_sku(shop=shop, remote_id="100")
    signed = upload(browser, "shop,SKU ID,our SKU\nMain Store,100,LAMP-30\n").context[
        "signed"
    ]
    colleague = signed_in(make_user(clients=[client], permissions=["manage_products"]))

    for who, what in (
        (colleague, signed),
        (browser, signed[:-2] + "zz"),
        (browser, ""),
    ):
        page = who.post(f"{LIST}import/apply/", {"signed": what}, follow=True)
        assert "This preview is over" in notices(page)
    assert stand(sku)[0] == State.UNMATCHED


def test_a_preview_ends_with_the_right_to_change(browser, shop, lamp, user):
    sku = make_listing_sku(shop=shop, remote_id="100")
    page = upload(browser, "shop,SKU ID,our SKU\nMain Store,100,LAMP-30\n")
    beside = make_shop(make_client())
    Membership.objects.filter(user=user).update(client=beside.client)

    browser.post(f"{LIST}import/apply/", {"signed": page.context["signed"]})

    assert stand(sku)[0] == State.UNMATCHED
    assert not ImportRun.objects.exists()


def test_rows_of_foreign_shops_are_refused_like_those_of_none(browser, shop):
    theirs = make_listing_sku(shop=make_shop(name="Quokka"), remote_id="100")

    page = upload(
        browser,
        f"shop,SKU ID,our SKU\nQuokka,100,A\n{theirs.shop_id},100,A\nNone,100,A\n",
    )

    said = [each.said for each, _ in page.context["rows"]]
    assert said == [
        f"There is no shop “{name}” here."
        for name in ("Quokka", theirs.shop_id, "None")
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("a,b\n1,2\n", "which SKU of the shop is meant"),
        ("shop,SKU ID\nA,1\n", "what the SKUs are"),
        ("SKU ID,SKU ID,our SKU\n1,1,1\n", "Two columns"),
        ('SKU ID,our SKU\n"1,2\n', "quotation mark"),
    ],
)
def test_a_file_that_is_none_is_refused_beside_the_field(browser, shop, content, told):
    page = upload(browser, content)

    assert page.status_code == 200
    assert told in text(page)


def test_a_workbook_is_refused_with_what_to_do(browser, shop):
    file = SimpleUploadedFile("m.xlsx", b"PK\x03\x04whatever")
    page = browser.post(f"{LIST}import/", {"file": file})

    assert "CSV UTF-8" in text(page)
