"""What people decide about an order: fields by hand, and sources that differ."""

from dataclasses import replace

import pytest

from apps.integrations.contracts import RemoteBuyer, Source
from apps.orders.models import Order, OrderEvent
from apps.orders.services.editing import EDITABLE
from apps.orders.services.forgetting import forget_buyer_of
from apps.orders.services.ingest import ingest_orders
from tests.factories.orders import make_order, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_client
from tests.orders.order_pages import at, notices, page_of, seen, signed_in, words

pytestmark = pytest.mark.django_db

ONE = "580000000000000001"
AHMAD = RemoteBuyer(remote_id="72000009", name="Ahmad Lim")


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


def told(shop, source=Source.API, version=1, **changes):
    remote = make_remote_order(ONE, version=version, **changes)
    ingest_orders(shop, [replace(remote, raw={"said": repr(remote)})], source)
    return Order.objects.get()


def values_of(form):
    return {name: form[name].value() or "" for name in form.fields}


def saved(browser, order, **changes):
    page = browser.get(at(order, "edit"))
    sent = values_of(page.context["form"]) | changes
    return browser.post(at(order, "edit"), {"seen": seen(page)} | sent)


def test_what_is_typed_stands_whatever_the_sources_say(shop):
    order = told(shop, warehouse="Penang")
    browser = signed_in(shop)

    answer = saved(
        browser, order, warehouse="Ipoh", is_sample="yes", seller_note="A\r\nB"
    )

    assert notices(answer) == ["What you set stands."]
    order = told(shop, version=2, warehouse="Johor")
    assert (order.warehouse, order.is_sample) == ("Ipoh", True)
    assert order.seller_note == "A\nB"
    assert OrderEvent.objects.filter(kind="edited").count() == 1
    assert "Edited by hand" in words(browser.get(page_of(order)))
    assert notices(saved(browser, order)) == ["Nothing was changed."]


def test_every_field_that_may_be_set_is_in_the_form(shop):
    order = told(shop)

    form = signed_in(shop).get(at(order, "edit")).context["form"]

    assert set(form.fields) == set(EDITABLE)


def test_what_changed_meanwhile_is_shown_with_both_values(shop):
    order = told(shop, warehouse="Penang")
    browser = signed_in(shop)
    page = browser.get(at(order, "edit"))
    sent = values_of(page.context["form"]) | {"warehouse": "Ipoh"}
    order = told(shop, version=2, warehouse="Johor")

    answer = browser.post(at(order, "edit"), {"seen": seen(page)} | sent)

    said = words(answer)
    assert "Changed on TikTok since you opened it. Nothing was done." in said
    assert "Warehouse Penang Johor" in said
    order.refresh_from_db()
    assert order.warehouse == "Johor"

    browser.post(at(order, "edit"), {"seen": seen(answer)} | sent)

    order.refresh_from_db()
    assert order.warehouse == "Ipoh"


def test_an_erased_buyer_is_not_typed_in_again(shop):
    order = told(shop, buyer=AHMAD)
    forget_buyer_of(shop.pk, [order.pk])

    form = signed_in(shop).get(at(order, "edit")).context["form"]

    assert not [name for name in form.fields if name.startswith("recipient_")]


def test_sources_that_differ_are_told_on_the_page_and_settled(shop):
    order = told(shop, delivery_option="Standard")
    order = told(shop, Source.FILE, None, delivery_option="Express")
    assert order.has_conflict
    browser = signed_in(shop)

    said = words(browser.get(page_of(order)))
    assert "Sources differ on 1 field." in said
    assert "Delivery option : Standard says TikTok's API" in said
    assert "Express says Seller Center's file" in said
    reader = words(signed_in(shop, "view_analytics").get(page_of(order)))
    assert "Sources differ on 1 field." in reader
    assert "Take Express" not in reader

    answer = browser.post(
        at(order, "decide"),
        {"field": "delivery_option", "source": "file", "from": "page"},
    )

    assert notices(answer) == ["Delivery option: it is settled."]
    assert answer["Location"] == page_of(order)
    order.refresh_from_db()
    assert (order.delivery_option, order.has_conflict) == ("Express", False)
    assert "Sources differ on" not in words(browser.get(page_of(order)))

    back = browser.post(at(order, "decide"), {"field": "delivery_option", "source": ""})

    assert back["Location"] == at(order, "why")
    order.refresh_from_db()
    assert (order.delivery_option, order.has_conflict) == ("Standard", True)


def test_the_page_of_reasons_tells_whose_word_each_value_is(shop):
    order = told(shop, delivery_option="Standard", buyer=AHMAD)
    order = told(shop, Source.FILE, None, delivery_option="Express", carrier="DHL")
    browser = signed_in(shop)
    saved(browser, order, creator_handle="@lamps")

    said = words(browser.get(at(order, "why")))

    assert "Delivery option Sources differ Standard TikTok's API" in said
    assert "Express Seller Center's file" in said
    assert "Carrier DHL Seller Center's file" in said
    assert "Creator handle @lamps a person" in said
    assert "Let the sources speak" in said
    assert "Recipient name Ahmad Lim" in said
    reader = words(signed_in(shop, "view_analytics").get(at(order, "why")))
    assert "Ahmad" not in reader
    assert "Let the sources speak" not in reader
    stranger = signed_in(make_shop(make_client("Other")))
    assert stranger.get(at(order, "why")).status_code == 404


def test_a_field_that_is_none_is_refused(shop):
    order = make_order(shop)

    for field, source in (("nonsense", "file"), ("delivery_option", "x"), ("", "")):
        answer = signed_in(shop).post(
            at(order, "decide"), {"field": field, "source": source}
        )
        assert len(notices(answer)) == 1
        assert "settled" not in notices(answer)[0]
