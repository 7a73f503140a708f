"""Words of TikTok's that nobody here understands: said once, until somebody knows."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client as Browser
from django.utils import timezone

from apps.orders.models import UnknownWord
from apps.users.models import AuditEntry
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

DESK = "/admin/orders/order/"
LIST = "/admin/orders/unknownword/"
Kind = UnknownWord.Kind


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


def browser_of(shop, permission, name="ann"):
    browser = Browser()
    user = make_user(name, clients=[shop.client], permissions=[permission])
    browser.force_login(user)
    return browser


def word(shop, text, kind=Kind.ORDER_STATUS, **changes):
    return UnknownWord.objects.create(
        shop=shop, kind=kind, text=text, example_id="580001", **changes
    )


def text_of(page):
    assert page.status_code == 200
    return " ".join(unescape(page.content.decode()).split())


def test_each_word_is_said_once_above_the_list_with_how_many_bear_it(shop):
    word(shop, "TELEPORTED")
    word(shop, "FOLDED", Kind.PACKAGE_STATUS)
    word(make_shop(), "FOREIGN")
    for number in range(2):
        make_order(shop, status_text="TELEPORTED", is_status_understood=False)
        make_package(make_order(shop), remote_id=str(number), status_text="FOLDED")
    make_order(make_shop(shop.client), status_text="TELEPORTED")

    text = text_of(browser_of(shop, "view_analytics").get(DESK))

    assert (
        "TikTok says “TELEPORTED” (order status, Main Store (MY)), which we do not "
        "understand: 2 orders." in text
    )
    assert "“FOLDED” (package status, Main Store (MY))" in text
    assert "2 packages." in text
    assert "FOREIGN" not in text
    assert "I know" not in text  # for those who work on orders


def test_somebody_says_they_know(shop):
    said = word(shop, "TELEPORTED")
    browser = browser_of(shop, "process_orders")
    assert "I know" in text_of(browser.get(DESK))

    page = browser.post(
        f"{LIST}{said.pk}/seen/", {"back": f"{DESK}?tab=viral"}, follow=True
    )

    assert page.redirect_chain == [(f"{DESK}?tab=viral", 302)]
    assert "“TELEPORTED” is not mentioned any more." in text_of(page)
    said.refresh_from_db()
    assert (said.seen_by and said.seen_by.username) == "ann"
    entry = AuditEntry.objects.get(verb="knows of a word of TikTok's")
    assert entry.shop_key == shop.pk
    again = browser.post(f"{LIST}{said.pk}/seen/", {"back": "//evil.example"})
    assert again["Location"] == LIST
    odd = browser.post(f"{LIST}{said.pk}/seen/", {"back": "7000001"})
    assert odd.status_code == 302  # somewhere within, be it nowhere
    assert AuditEntry.objects.filter(verb=entry.verb).count() == 1
    assert "known" in text_of(browser.get(LIST))


def test_only_who_works_on_the_shops_orders_says_so(shop):
    said = word(shop, "TELEPORTED")
    foreign = word(make_shop(), "FOREIGN")
    looker = browser_of(shop, "view_analytics", "bob")

    assert looker.post(f"{LIST}{said.pk}/seen/").status_code == 403
    worker = browser_of(shop, "process_orders")
    assert worker.get(f"{LIST}{said.pk}/seen/").status_code == 405
    answer = worker.post(f"{LIST}{foreign.pk}/seen/")
    absent = worker.post(f"{LIST}999999/seen/")
    assert (answer.status_code, answer["Location"]) == (302, absent["Location"])
    assert not UnknownWord.objects.filter(seen_at__isnull=False).exists()


def test_the_list_has_all_of_them_those_nobody_knows_first(shop):
    now = timezone.now()
    word(shop, "KNOWN", seen_at=now)
    word(shop, "OPEN", first_at=now - timedelta(days=1))
    browser = browser_of(shop, "process_orders")

    page = browser.get(LIST)

    assert [w.text for w in page.context["cl"].result_list] == ["OPEN", "KNOWN"]
    only = browser.get(f"{LIST}?state=seen")
    assert [w.text for w in only.context["cl"].result_list] == ["KNOWN"]
    nobody = text_of(browser.get(f"{LIST}?shop={shop.pk}&state=x"))
    assert "ignored, because it does not fit here" in nobody


def test_many_words_are_three_notices_and_a_link(shop):
    for number in range(5):
        word(shop, f"WORD-{number}")
    browser = browser_of(shop, "process_orders")
    browser.get(DESK)

    with statements() as asked:
        text = text_of(browser.get(DESK))

    assert text.count("which we do not understand") == 3
    assert "2 more words we do not understand" in text
    with statements() as of_list:
        browser.get(LIST)
    for number in range(20):
        word(shop, f"MORE-{number}")
    with statements() as of_longer_list:
        browser.get(LIST)
    assert len(of_longer_list) == len(of_list)
    assert asked.writing == of_list.writing == []
