"""Saved views of the order list: kept, opened, renamed, deleted; one's own alone."""

from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser

from apps.orders.models import SavedView
from apps.orders.services.saved_views import MOST_VIEWS
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/order/"


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


@pytest.fixture
def user(shop):
    return make_user("ann", clients=[shop.client], permissions=["view_analytics"])


@pytest.fixture
def browser(user):
    browser = Browser()
    browser.force_login(user)
    return browser


def save(browser, name, **query):
    answer = browser.post(
        f"{LIST}views/", {"name": name, "query": urlencode(query)}, follow=True
    )
    assert answer.status_code == 200
    return answer


def listed(page):
    assert page.status_code == 200
    return [order.remote_id for order in page.context["cl"].result_list]


def notices(page):
    return [str(message) for message in page.context["messages"]]


def current(page):
    return [str(v["view"]) for v in page.context["views"] if v["is_current"]]


def test_a_view_keeps_tab_filters_and_sorting_and_stands_after_the_tabs(
    browser, shop, user
):
    make_order(shop, "quick", carrier="Quick Parcel")
    make_order(shop, "slow")

    page = save(browser, "  Quick   ones ", tab="all", carrier="quick", o="-4", p="3")

    view = SavedView.objects.get(user=user)
    assert (view.name, view.query) == ("Quick ones", "tab=all&carrier=quick&o=-4")
    assert page.redirect_chain == [(f"{LIST}?view={view.pk}", 302)]
    assert listed(page) == ["quick"]
    assert current(page) == ["Quick ones"]
    assert notices(page) == ["View “Quick ones” is saved."]
    text = unescape(page.content.decode())
    assert text.index("Sync failed") < text.index(f"?view={view.pk}")
    # However one comes to the same list, it is that view.
    again = browser.get(f"{LIST}?carrier=quick&tab=all&o=-4&q=")
    assert current(again) == ["Quick ones"]
    assert current(browser.get(f"{LIST}?tab=all")) == []


def test_an_address_may_add_to_a_view(browser, shop):
    make_order(shop, "quick", carrier="Quick Parcel")
    make_order(shop, "urgent", carrier="Quick Parcel", priority="high")
    save(browser, "Quick", tab="all", carrier="quick")
    view = SavedView.objects.get()

    page = browser.get(f"{LIST}?view={view.pk}&priority=high&o=0")

    assert listed(page) == ["urgent"]
    # Its links say all of it: they stand without the view.
    assert "carrier=quick" in unescape(page.context["tabs"][0]["query"])


def test_saving_under_a_name_one_has_replaces_it(browser):
    save(browser, "Mine", tab="overdue")
    page = save(browser, "Mine", tab="viral")

    assert SavedView.objects.get().query == "tab=viral"
    assert notices(page) == ["View “Mine” is replaced by what is shown now."]


def test_a_view_is_renamed_and_deleted(browser):
    save(browser, "Mine", tab="overdue")
    save(browser, "Other", tab="viral")
    view = SavedView.objects.get(name="Mine")
    address = f"{LIST}views/{view.pk}/"

    assert "Delete this view" in browser.get(address).content.decode()
    taken = browser.post(address, {"name": "Other"}, follow=True)
    assert notices(taken) == ["You have another view named “Other”."]
    renamed = browser.post(address, {"name": "Late"}, follow=True)
    assert current(renamed) == ["Late"]
    gone = browser.post(address, {"delete": "1"}, follow=True)
    assert notices(gone) == ["View “Late” is deleted."]
    assert list(SavedView.objects.values_list("name", flat=True)) == ["Other"]


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [
        (" \0 ", {}, "Give the view a name."),
        ("x" * 61, {}, "A view's name has at most 60 characters."),
        ("Many", {"q": "9" * 2_001}, "So many numbers cannot be kept in a view."),
    ],
)
def test_what_cannot_be_kept_is_told(browser, name, query, words):
    page = save(browser, name, **query)

    assert any(words in notice for notice in notices(page))
    assert not SavedView.objects.exists()


def test_views_are_counted(browser, user):
    SavedView.objects.bulk_create(
        SavedView(user=user, name=f"V{n}", query="tab=all") for n in range(MOST_VIEWS)
    )

    page = save(browser, "One more", tab="all")

    assert "There are 20 views already." in notices(page)[0]
    assert save(browser, "V1", tab="viral").status_code == 200
    assert SavedView.objects.get(name="V1").query == "tab=viral"


def test_what_does_not_hold_is_not_kept_and_an_old_query_falls_back(
    browser, shop, user
):
    make_order(shop, "ours")
    save(browser, "Odd", tab="nonsense", shop="999", carrier="")
    assert SavedView.objects.get().query == "tab=open"
    old = SavedView.objects.create(user=user, name="Old", query="tab=gone&status=eaten")

    page = browser.get(f"{LIST}?view={old.pk}")

    assert listed(page) == ["ours"]
    assert {words.split(":")[0] for words in notices(page)} == {"Tab", "Status"}


@pytest.mark.parametrize("text", ["0", "x", "999999999999999999999"])
def test_a_view_there_is_not_is_said(browser, shop, text):
    make_order(shop, "ours")

    page = browser.get(f"{LIST}?view={text}")

    assert listed(page) == ["ours"]
    assert notices(page) == ["View: ignored, because you have no such view."]


def test_views_of_others_are_as_none(browser, shop):
    other = make_user("bob", clients=[shop.client], permissions=["view_analytics"])
    theirs = SavedView.objects.create(user=other, name="Theirs", query="tab=viral")

    page = browser.get(f"{LIST}?view={theirs.pk}")
    assert notices(page) == ["View: ignored, because you have no such view."]
    assert page.context["desk"].tab == "open"
    for ask in (browser.get, browser.post):
        assert ask(f"{LIST}views/{theirs.pk}/").status_code == 404
    assert SavedView.objects.filter(pk=theirs.pk).exists()


def test_who_sees_no_orders_keeps_no_views(visitor):
    browser = Browser()
    browser.force_login(visitor)

    assert browser.post(f"{LIST}views/", {"name": "x"}).status_code == 403
    assert browser.get(f"{LIST}views/").status_code == 405
