"""Deeds on one order: asked once, sent, and told in TikTok's words."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from apps.integrations.contracts import (
    ActionFault,
    Combinable,
    OrderStatus,
    ReturnKind,
    ReturnStatus,
    ShippingType,
    Source,
)
from apps.orders.models import (
    Order,
    OrderAction,
    OrderEvent,
    ShippingProvider,
    ShopOrderSettings,
)
from apps.orders.services.cancellations import ingest_cancellations
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.returns import ingest_returns
from apps.users.models import AuditEntry
from tests.factories.platforms import make_shop
from tests.factories.users import make_client
from tests.orders.order_pages import (
    REASONS,
    at,
    connected,
    notices,
    page_of,
    send,
    signed_in,
    words,
)
from tests.sync.order_shop import no_answer, refusal

pytestmark = pytest.mark.django_db

ONE, TWO = "580000000000000001", "580000000000000002"
SELLER = ShippingType.SELLER


@pytest.fixture
def fake(monkeypatch):
    return connected(monkeypatch)


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


def stored(fake, shop, order_id=ONE, **put):
    fake.put(order_id, **put)
    [order] = fake.stored(shop, order_id)
    return order


def carriers(shop, option=""):
    rows = [("7001", "J&T Express"), ("7002", "DHL")]
    return [
        ShippingProvider.objects.create(
            shop=shop,
            delivery_option_id=option,
            remote_id=remote_id,
            name=name,
            read_at=shop.created_at,
        )
        for remote_id, name in rows
    ]


def test_a_package_is_shipped_in_the_slot_chosen(fake, shop):
    order = stored(fake, shop)
    package = order.packages.get()
    browser = signed_in(shop)
    address = at(order, "package_do", package.pk, "ship")

    asked = words(browser.get(address))
    assert "TikTok books its carrier" in asked
    assert "Picked up Mon 21 Sep 10:00-14:00 +08" in asked
    assert "Tue 22" not in asked  # that slot is taken

    answer = send(browser, address, how="PICKUP 2026-09-21T02:00:00+00:00")

    assert notices(answer) == ["Ship: done."]
    assert answer["Location"] == f"{page_of(order)}#package-{package.pk}"
    order.refresh_from_db()
    assert order.status == Order.Status.AWAITING_COLLECTION
    action = OrderAction.objects.get()
    assert action.details["slot"][0] == "2026-09-21T02:00:00+00:00"
    assert fake.writes == [("ship_package", package.remote_id)]
    again = browser.get(address)
    assert "Already shipped" in words(send(browser, address, how="DROP_OFF"))
    assert again.status_code == 200
    assert len(fake.writes) == 1


def test_the_shops_usual_handover_is_chosen_beforehand(fake, shop):
    ShopOrderSettings.objects.create(shop=shop, handover_method="DROP_OFF")
    order = stored(fake, shop)
    address = at(order, "package_do", order.packages.get().pk, "ship")

    form = signed_in(shop).get(address).context["form"]

    assert form["how"].value() == "DROP_OFF"


def test_what_tiktok_refuses_is_told_in_its_words_and_can_be_tried_again(fake, shop):
    order = stored(fake, shop)
    browser = signed_in(shop)
    address = at(order, "package_do", order.packages.get().pk, "ship")
    trouble = [refusal(21011019, "The order is on hold", ActionFault.STOP)]

    def once(name, about):
        if name == "ship_package" and trouble:
            raise trouble.pop()

    fake.before = once
    answer = send(browser, address, how="DROP_OFF")

    (notice,) = notices(answer)
    assert notice.startswith("Ship: TikTok refuses. ")
    assert notice.endswith("(code 21011019)")
    action = OrderAction.objects.get()
    page = words(browser.get(page_of(order)))
    assert "Refused Arrange shipping" in page
    assert "code 21011019" in page

    retried = browser.post(at(order, "action", action.pk, "retry"))

    assert notices(retried) == ["Arrange shipping: done."]
    action.refresh_from_db()
    assert action.state == OrderAction.State.DONE
    assert "Refused Arrange shipping" not in words(browser.get(page_of(order)))


def test_a_refusal_seen_to_is_not_shown_any_more(fake, shop):
    order = stored(fake, shop)
    action = OrderAction.objects.create(
        shop=shop,
        order=order,
        kind="ship",
        target="x",
        state="refused",
        message="No such carrier",
        idempotency_key="k",
    )
    browser = signed_in(shop)
    assert "No such carrier" in words(browser.get(page_of(order)))

    browser.post(at(order, "action", action.pk, "dismiss"))

    assert "Refused Arrange shipping" not in words(browser.get(page_of(order)))


def test_where_tiktok_does_not_answer_it_is_tried_again_by_itself(fake, shop):
    order = stored(fake, shop)

    def away(name, about):
        if name == "ship_package":
            raise no_answer()

    fake.before = away
    address = at(order, "package_do", order.packages.get().pk, "ship")
    answer = send(signed_in(shop), address, how="")

    (notice,) = notices(answer)
    assert "on its way, and tried again by itself" in notice
    assert OrderAction.objects.get().state == OrderAction.State.WAITING


def test_what_changed_since_the_form_was_opened_is_shown_with_both_values(fake, shop):
    order = stored(fake, shop)
    browser = signed_in(shop)
    address = at(order, "package_do", order.packages.get().pk, "ship")
    form = browser.get(address)
    fake.ask_to_cancel(ONE)
    ingest_orders(shop, [fake.orders[ONE]], Source.API)

    answer = browser.post(address, {"seen": form.context["seen"], "how": "DROP_OFF"})

    page = words(answer)
    assert "Changed on TikTok since you opened it. Nothing was done." in page
    assert "Cancellation requested no yes" in page
    assert fake.writes == []
    assert not OrderAction.objects.exists()

    # Agreed to as it is now; what stands against it is told.
    insisted = browser.post(
        address, {"seen": answer.context["seen"], "how": "DROP_OFF"}
    )
    assert "The buyer asks to cancel: answer that first." in words(insisted)
    assert fake.writes == []


def test_a_token_of_ones_own_making_counts_for_nothing(fake, shop):
    order = stored(fake, shop)
    address = at(order, "package_do", order.packages.get().pk, "ship")

    for token in ("", "x", "eyJhIjoxfQ:1vABC:zzz"):
        answer = signed_in(shop).post(address, {"seen": token, "how": "DROP_OFF"})
        assert "Changed on TikTok since you opened it" in words(answer)

    assert fake.writes == []


def test_a_number_of_ones_own_carrier_ships_and_is_corrected(fake, shop):
    order = stored(fake, shop, shipping=SELLER)
    jt, _ = carriers(shop)
    browser = signed_in(shop)
    address = at(order, "do", "tracking")
    empty = send(browser, address, provider=str(jt.pk), number="  ")
    assert "This field is required" in words(empty)

    shipped = send(browser, address, provider=str(jt.pk), number=" JX1 ")

    assert notices(shipped) == ["Upload tracking: done."]
    order.refresh_from_db()
    assert order.status == Order.Status.AWAITING_COLLECTION
    assert OrderAction.objects.get().details["tracking_number"] == "JX1"
    same = send(browser, address, provider=str(jt.pk), number="JX1")
    assert "number already" in words(same)
    assert len(fake.writes) == 1


def test_without_a_carrier_no_number_is_asked_for(fake, shop):
    order = stored(fake, shop, shipping=SELLER)

    page = words(signed_in(shop).get(at(order, "do", "tracking")))

    assert "Carriers of this shop are not known yet" in page
    assert "Tracking number" not in page


def test_some_items_are_marked_as_shipped_where_that_splits(fake):
    shop = make_shop(region="GB")
    order = stored(fake, shop, shipping=SELLER, package=False)
    provider, _ = carriers(shop)
    address = at(order, "do", "tracking")

    answer = send(
        signed_in(shop),
        address,
        provider=str(provider.pk),
        number="RM1",
        units=[f"{ONE}01"],
    )

    assert notices(answer) == ["Upload tracking: done."]
    assert OrderAction.objects.get().details["unit_ids"] == [f"{ONE}01"]
    order.refresh_from_db()
    assert order.status == Order.Status.PARTLY_SHIPPED


def test_a_label_is_bought_after_its_offers_were_shown(fake):
    shop = make_shop(region="US")
    order = stored(fake, shop, package=False)
    browser = signed_in(shop)
    address = at(order, "do", "buy-label")
    box = {
        "units": [f"{ONE}01", f"{ONE}02"],
        "length": "10",
        "width": "8",
        "height": "2",
        "unit": "INCH",
        "weight": "1.5",
        "weight_unit": "POUND",
    }
    assert "Ground" not in words(browser.get(address))

    looked = send(browser, address, look="1", **box)
    assert "USPS Ground · USD 4.50 · 2-4 days" in words(looked)
    assert looked.context["form"]["service"].value() == "S2"
    none = browser.post(address, {"seen": looked.context["seen"], **box})
    assert "Choose a shipping service." in words(none)
    assert fake.writes == []

    bought = browser.post(
        address, {"seen": looked.context["seen"], "service": "S1", **box}
    )

    assert notices(bought) == ["Buy a label: done."]
    details = OrderAction.objects.get().details
    assert (details["service_id"], details["unit_ids"]) == ("S1", [])
    assert details["measures"]["weight"] == "1.5"


def test_an_order_is_split_by_the_package_each_item_goes_into(fake, shop):
    order = stored(fake, shop, units=3)
    browser = signed_in(shop)
    address = at(order, "do", "split")
    names = [f"unit-{ONE}0{n}" for n in (1, 2, 3)]
    alone = send(browser, address, **dict.fromkeys(names, "1"))
    assert "two packages at least" in words(alone)

    answer = send(browser, address, **dict(zip(names, "121", strict=True)))

    assert notices(answer) == ["Split: done."]
    groups = OrderAction.objects.get().details["groups"]
    assert groups == [[f"{ONE}01", f"{ONE}03"], [f"{ONE}02"]]
    page = words(browser.get(page_of(order)))
    assert page.count("To ship Split") == 2


def test_orders_are_combined_as_offered(fake, shop):
    order = stored(fake, shop)
    stored(fake, shop, TWO)
    browser = signed_in(shop)
    address = at(order, "do", "combine")
    assert "no other order that could travel" in words(browser.get(address))
    cache.clear()
    fake.offers = [Combinable("9001", (ONE, TWO)), Combinable("9002", (TWO, "58"))]

    answer = send(browser, address, offer_id="9001")

    assert f"With order {TWO}" in words(browser.get(address))
    assert notices(answer) == ["Combine: done."]
    assert ("combine", (ONE, TWO)) in fake.writes


def test_an_order_is_cancelled_with_a_reason_of_tiktoks(fake, shop):
    order = stored(fake, shop)
    browser = signed_in(shop)
    address = at(order, "do", "cancel")
    asked = words(browser.get(address))
    assert "Out of stock" in asked
    assert "cannot be undone" in asked
    assert "Cancel it" not in asked  # what goes back is shown first

    looked = send(browser, address, reason=REASONS[0], look="1")
    assert "Back to the buyer in all MYR 44.00" in words(looked)
    assert fake.writes == []

    answer = browser.post(
        address, {"seen": looked.context["seen"], "reason": REASONS[0]}
    )

    assert notices(answer) == ["Cancel: done."]
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert fake.writes == [("cancel_order", (ONE, REASONS[0]))]
    other = send(browser, address, reason="made_up")
    assert "Select a valid choice" in words(other)


def test_single_items_are_cancelled_where_that_can_be(fake):
    shop = make_shop(region="US")
    order = stored(fake, shop, package=False)
    address = at(order, "do", "cancel")

    answer = send(signed_in(shop), address, reason=REASONS[0], units=[f"{ONE}02"])

    assert notices(answer) == ["Cancel: done."]
    assert OrderAction.objects.get().details["unit_ids"] == [f"{ONE}02"]


def test_a_refund_shows_its_amounts_before_it_can_be_sent(fake, shop):
    order = stored(fake, shop, status=OrderStatus.DELIVERED)
    browser = signed_in(shop)
    address = at(order, "do", "refund") + "?kind=refund"
    units = [f"{ONE}01", f"{ONE}02"]
    first = browser.get(address)
    assert "Refund, the buyer keeps the goods" in words(first)

    too_fine = send(
        browser, address, reason=REASONS[1], units=units, amount="4.005", look="1"
    )
    assert "MYR has 2 decimals." in words(too_fine)
    looked = send(
        browser, address, reason=REASONS[1], units=units, amount="12.50", look="1"
    )
    page = words(looked)
    assert "Back to the buyer in all MYR 44.00" in page
    assert "Of that, back to the buyer MYR 12.50" in page
    assert ("refund_preview", ("REFUND", REASONS[1], ())) in fake.calls

    answer = browser.post(
        address,
        {
            "seen": looked.context["seen"],
            "reason": REASONS[1],
            "units": units,
            "amount": "12.50",
        },
    )

    assert notices(answer) == ["Refund: done."]
    details = OrderAction.objects.get().details
    assert (details["kind"], details["amount"]) == ("refund", "12.50")
    assert "Refund only" in words(browser.get(page_of(order)))


def test_a_wish_to_cancel_is_agreed_to_or_refused_with_tiktoks_reasons(fake, shop):
    order = stored(fake, shop)
    fake.ask_to_cancel(ONE)
    fake.stored(shop, ONE)
    request = order.cancellations.get()
    browser = signed_in(shop)
    page = words(browser.get(page_of(order)))
    assert "Say whether the buyer may cancel" in page
    refuse = at(order, "cancellation_do", request.pk, "refuse")
    assert "It is on its way" in words(browser.get(refuse))

    answer = send(browser, refuse, reason="reject_sent_already", comment="Sorry")

    assert notices(answer) == ["Refuse to cancel: done."]
    assert answer["Location"].endswith(f"#cancellation-{request.pk}")
    request.refresh_from_db()
    assert (request.status, request.needs_answer) == ("cancelled", False)
    assert "Say whether the buyer may cancel" not in words(browser.get(page_of(order)))
    late = send(browser, at(order, "cancellation_do", request.pk, "agree"))
    assert "The request is decided: withdrawn." in words(late)


def test_goods_that_came_back_lead_on_to_their_inspection(fake, shop):
    order = stored(fake, shop, status=OrderStatus.DELIVERED)
    fake.ask_to_return(
        ONE,
        kind=ReturnKind.RETURN_AND_REFUND,
        status=ReturnStatus.BUYER_SHIPPED,
        next_action="SELLER_RESPOND_RECEIVE_PACKAGE",
    )
    ingest_returns(shop, list(fake.returns.values()), Source.API)
    request = order.returns.get()
    address = at(order, "return_do", request.pk, "approve-received-package")

    answer = send(signed_in(shop), address)

    find = reverse("admin:inventory_inspect_find")
    assert answer["Location"] == f"{find}?order={ONE}"
    request.refresh_from_db()
    assert request.status == "success"


def test_a_part_is_offered_below_what_was_asked_for(fake, shop):
    order = stored(fake, shop, status=OrderStatus.DELIVERED)
    fake.ask_to_return(ONE)
    ingest_returns(shop, list(fake.returns.values()), Source.API)
    request = order.returns.get()
    order.returns.update(refund_amount=20, currency="MYR")
    browser = signed_in(shop)
    address = at(order, "return_do", request.pk, "offer-partial-refund")
    assert "Less than the MYR 20.00" in words(send(browser, address, amount="20"))

    answer = send(browser, address, amount="5.50")

    assert notices(answer) == ["Offer a part: done."]
    assert OrderAction.objects.get().details["amount"] == "5.50"


def test_a_part_is_offered_for_goods_that_came_back(fake, shop):
    order = stored(fake, shop, status=OrderStatus.DELIVERED)
    fake.ask_to_return(
        ONE,
        kind=ReturnKind.RETURN_AND_REFUND,
        status=ReturnStatus.BUYER_SHIPPED,
        next_action="SELLER_RESPOND_RECEIVE_PACKAGE",
    )
    ingest_returns(shop, list(fake.returns.values()), Source.API)
    request = order.returns.get()
    order.returns.update(refund_amount=20, currency="MYR")
    browser = signed_in(shop)
    slug = "offer-partial-refund-after-receiving-pkg"
    address = at(order, "return_do", request.pk, slug)
    assert address in browser.get(page_of(order)).content.decode()
    reason = browser.get(address).context["form"].fields["reason"].choices[1][0]
    lacking = send(browser, address, reason=reason)
    assert lacking.context["form"].errors.keys() == {"amount"}

    answer = send(browser, address, reason=reason, amount="5.50")

    assert notices(answer) == ["Offer a part for what came back: done."]
    details = OrderAction.objects.get().details
    assert (details["reason"], details["amount"]) == (reason, "5.50")


def test_pulling_again_needs_no_form(fake, shop):
    order = stored(fake, shop)
    fake.change(ONE, OrderStatus.IN_TRANSIT)
    browser = signed_in(shop)

    answer = browser.post(at(order, "do", "pull") + "?_changelist_filters=tab%3Dall")

    assert notices(answer) == ["Pull again: done."]
    assert answer["Location"] == page_of(order, "?_changelist_filters=tab%3Dall")
    order.refresh_from_db()
    assert order.status == Order.Status.IN_TRANSIT


def test_every_deed_is_in_the_trail_and_in_the_timeline(fake, shop):
    order = stored(fake, shop)
    browser = signed_in(shop)
    send(browser, at(order, "package_do", order.packages.get().pk, "ship"), how="")

    entry = AuditEntry.objects.get(verb="asked to ship")
    assert entry.target_id == str(order.pk)
    assert OrderEvent.objects.filter(order=order, kind="action").count() == 2
    assert "Done: Arrange shipping" in words(browser.get(page_of(order)))


DEEDS = ("do.pull", "do.cancel", "package_do.ship", "edit", "note", "scans")


@pytest.mark.parametrize("deed", DEEDS)
def test_who_only_looks_or_works_elsewhere_can_do_nothing(fake, shop, deed):
    order = stored(fake, shop)
    name, _, last = deed.partition(".")
    keys = [order.packages.get().pk] if name == "package_do" else []
    address = at(order, name, *keys, *([last] if last else []))
    reader = signed_in(shop, "view_analytics")
    stranger = signed_in(make_shop(make_client("Other")))

    assert reader.post(address, {}).status_code == 403
    assert stranger.post(address, {}).status_code == 404
    assert (
        stranger.post(address.replace(f"/{order.pk}/", "/999999/")).status_code == 404
    )
    assert fake.writes == []
    assert not OrderAction.objects.exists()


def test_a_part_of_another_order_is_not_there(fake, shop):
    order, other = stored(fake, shop), stored(fake, shop, TWO)
    fake.ask_to_cancel(TWO)
    ingest_cancellations(shop, list(fake.cancellations.values()), Source.API)
    theirs = other.packages.get(), other.cancellations.get()
    browser = signed_in(shop)

    package = at(order, "package_do", theirs[0].pk, "ship")
    request = at(order, "cancellation_do", theirs[1].pk, "agree")

    assert browser.get(package).status_code == 404
    assert browser.get(request).status_code == 404
    assert browser.get(at(order, "do", "no-such-deed")).status_code == 404
