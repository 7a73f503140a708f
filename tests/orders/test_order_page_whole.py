"""All that an order's page tells, panel by panel, and what it costs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.integrations.contracts import RemoteTrackingStep, Source
from apps.orders.admin import order_page_lines
from apps.orders.models import (
    Cancellation,
    CancellationLine,
    Order,
    OrderEvent,
    OrderLine,
    OrderNote,
    Return,
    ReturnLine,
    ShippingDocument,
    TrackingStep,
)
from apps.orders.services import papers
from apps.orders.services.papers import Printout
from apps.users.models import AuditEntry
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user
from tests.orders.order_pages import (
    MOMENT,
    at,
    connected,
    notices,
    page_of,
    signed_in,
    words,
)
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


def in_units(order, *units, **changes):
    """The order's only line, told by single items."""
    order.lines.update(units=[list(unit) for unit in units], **changes)


def asked_back(order, number=1, **changes):
    line = order.lines.first()
    values = {
        "remote_id": f"40360000{number:04}",
        "kind": Return.Kind.RETURN_AND_REFUND,
        "status": Return.Status.COMPLETE,
        "currency": "MYR",
        "refund_amount": Decimal(44),
        "refund_subtotal_amount": Decimal(40),
        "refund_shipping_amount": Decimal(4),
        "reason_text": "Item is damaged",
        "source": "api",
        "role": "BUYER",
        "remote_created_at": MOMENT,
        "remote_updated_at": MOMENT + timedelta(hours=5),
    }
    row = Return.objects.create(
        shop=order.shop,
        order=order,
        order_remote_id=order.remote_id,
        **values | changes,
    )
    ReturnLine.objects.create(
        request=row,
        order_line=line,
        remote_id="1",
        product_name="Rattan lamp",
        refund_amount=Decimal(44),
        refund_subtotal_amount=Decimal(40),
    )
    return row


def test_the_head_tells_this_order_from_a_plain_one(shop):
    first = make_order(shop, "580000000000000001")
    order = make_order(
        shop,
        is_status_understood=False,
        status_text="HALF_SHIPPED",
        is_cancel_requested=True,
        return_state=Order.ReturnState.RETURNING,
        has_conflict=True,
        priority=Order.Priority.VIRAL,
        is_sample=True,
        replaced_order_id=first.remote_id,
        ship_by_at=timezone.now() + timedelta(hours=6, minutes=5),
        auto_cancel_at=timezone.now() + timedelta(days=3),
    )

    page = signed_in(shop).get(page_of(order))

    said = words(page)
    for text in (
        "Awaiting shipment",
        "Not understood: HALF_SHIPPED",
        "Cancel requested",
        "Coming back",
        "Sources differ",
        "Viral",
        "Sample",
        f"Replacement of {first.remote_id}",
        "in 6 h",
        "+08 in the shop",
        "cancelled by TikTok in 2 d",
        "MYR 40.40",
    ):
        assert text in said, text
    assert f'href="{page_of(first)}"' in page.content.decode()


def test_money_is_told_by_who_paid_it_and_what_remains(shop):
    order = make_order(
        shop,
        original_amount=Decimal(100),
        seller_discount_amount=Decimal(8),
        platform_discount_amount=Decimal(2),
        subtotal_amount=Decimal(90),
        original_shipping_amount=Decimal(9),
        shipping_seller_discount_amount=Decimal(1),
        shipping_platform_discount_amount=Decimal(3),
        shipping_amount=Decimal(5),
        payment_discount_amount=Decimal("1.5"),
        buyer_fees_amount=Decimal("0.5"),
        tax_amount=Decimal(6),
        total_amount=Decimal(100),
        refund_amount=Decimal(44),
        status=Order.Status.DELIVERED,
    )
    asked_back(order)

    said = words(signed_in(shop).get(page_of(order)))

    for text in (
        "Seller's discount MYR -8.00",
        "TikTok's discount MYR -2.00",
        "Shipping, seller's discount MYR -1.00",
        "Shipping, TikTok's discount MYR -3.00",
        "Shipping paid by the buyer MYR 5.00",
        "Payment discount, from TikTok MYR -1.50",
        "Fees paid by the buyer MYR 0.50",
        "Refunded MYR -44.00",
        "What remains MYR 56.00",
        "MYR 40.00 refunded",
        "MYR 40.00 left",
    ):
        assert text in said, text


def test_a_package_tells_its_items_slot_scans_and_whom_it_travels_with(shop):
    order, other = make_order(shop), make_order(shop)
    package = make_package(
        order,
        remote_id="1161",
        tracking_number="JX1",
        status="processing",
        carrier="J&T Express",
        problem="Address not found",
        split_or_combine="combined",
        pickup_from_at=MOMENT,
        pickup_until_at=MOMENT + timedelta(hours=4),
    )
    other.packages.add(package)
    in_units(order, ("u1", "awaiting_collection", "1161"), ("u2", "to_ship", ""))
    for hour in range(2):
        TrackingStep.objects.create(
            order=order,
            tracking_number="JX1",
            happened_at=MOMENT + timedelta(hours=hour),
            description=f"Scan {hour}",
        )

    page = signed_in(shop).get(page_of(order))

    said = words(page)
    for text in (
        "JX1 Awaiting collection Combined Address not found",
        "Picked up 21 Sep 10:00-14:00 +08",
        "Holds 1 x Rattan lamp",
        f"Together with {other.remote_id}",
        "In no package yet 1 x Rattan lamp",
        "1 Awaiting collection",
        "2 scans, the last 21 Sep 03:00 UTC Scan 1",
    ):
        assert text in said, text
    assert f'id="package-{package.pk}"' in page.content.decode()


def test_carriers_words_are_shown_to_who_sees_buyers(shop):
    order = make_order(shop)
    make_package(order, remote_id="1161", tracking_number="JX1")
    for number in ("JX1", "JX2"):
        TrackingStep.objects.create(
            order=order,
            tracking_number=number,
            happened_at=MOMENT,
            description="Signed by Ahmad",
        )

    told = words(signed_in(shop).get(page_of(order)))
    hidden = words(signed_in(shop, "view_analytics").get(page_of(order)))

    assert "Signed by Ahmad" in told
    assert "Signed by" not in hidden
    assert "2 scans, the last 21 Sep 02:00 UTC" in hidden


def test_scans_are_looked_up_on_demand_and_kept_once(shop, monkeypatch):
    fake = connected(monkeypatch)
    order = make_order(shop)
    make_package(order, remote_id="1161", tracking_number="JX1")
    fake.scans = [
        RemoteTrackingStep("Picked up", MOMENT, 101, "JX1"),
        RemoteTrackingStep("Sorted", MOMENT + timedelta(hours=2), None, "JX1"),
    ]
    browser = signed_in(shop)

    first = browser.post(at(order, "scans"))
    again = browser.post(at(order, "scans"))

    assert notices(first) == ["2 new scans."]
    assert notices(again)[-1] == "TikTok has no new scans."
    assert order.tracking_steps.count() == 2
    assert "Sorted" in words(browser.get(page_of(order)))


def test_a_kept_label_is_printed_and_that_is_noted(shop, monkeypatch):
    order = make_order(shop)
    package = make_package(order, remote_id="1161", status="processing")
    document = ShippingDocument.objects.create(
        package=package, kind="SHIPPING_LABEL", content=b"%PDF", fetched_at=MOMENT
    )
    file = Printout(b"%PDF-1.7", "application/pdf", "label.pdf")
    monkeypatch.setattr(papers, "merged", lambda documents: file)
    browser = signed_in(shop)
    address = at(order, "print", document.pk)

    printed = browser.post(address)

    assert (printed.content, printed["Content-Type"]) == (
        file.content,
        file.content_type,
    )
    assert printed["Cache-Control"].startswith("no-store")
    document.refresh_from_db()
    assert document.printed_at is not None
    assert OrderEvent.objects.filter(order=order, kind="printed").count() == 1
    other = make_order(shop)
    assert browser.post(at(other, "print", document.pk)).status_code == 404
    assert browser.get(address).status_code == 405
    assert signed_in(shop, "view_analytics").post(address).status_code == 403


def test_requests_tell_by_when_to_answer_what_about_and_how_much(shop):
    order = make_order(shop, status=Order.Status.DELIVERED)
    asked_back(
        order,
        status=Return.Status.BUYER_SHIPPED,
        next_action="SELLER_RESPOND_RECEIVE_PACKAGE",
        respond_by_at=timezone.now() + timedelta(hours=3, minutes=5),
        tracking_number="RT1",
        carrier="Pos Laju",
        shipment_type="PLATFORM",
        arbitration="IN_PROGRESS",
    )
    request = Cancellation.objects.create(
        shop=shop,
        order=order,
        order_remote_id=order.remote_id,
        remote_id="40351",
        status=Cancellation.Status.CANCELLED,
        source="api",
    )
    for number in range(2):
        CancellationLine.objects.create(
            request=request,
            remote_id=str(number),
            remote_sku_id="1",
            product_name="Rattan lamp",
            refund_amount=Decimal(10),
        )

    said = words(
        signed_in(shop, "process_orders", "manage_logistics").get(page_of(order))
    )

    for text in (
        "Return and refund On its way back TikTok decides the dispute",
        "Say whether the goods came back as they should in 3 h",
        "Pos Laju RT1, by TikTok's carrier",
        "Goods MYR 40.00 Shipping MYR 4.00 Back to the buyer MYR 44.00",
        "Goods received… Refuse the goods… Offer a part for what came back… "
        "Inspect what came back Its story",
        "Cancellation Withdrawn",
        "2 x Rattan lamp",
        "MYR 20.00",
    ):
        assert text in said, text


def test_the_timeline_joins_all_that_happened_newest_first(shop):
    person = make_user(clients=[shop.client], username="mei")
    order = make_order(
        shop,
        status=Order.Status.DELIVERED,
        placed_at=MOMENT - timedelta(days=3),
        shipped_at=MOMENT - timedelta(days=2),
        carrier="J&T Express",
    )
    make_package(order, remote_id="1161", remote_created_at=MOMENT - timedelta(days=2))
    asked_back(order, refunded_at=MOMENT + timedelta(hours=6))
    OrderNote.objects.create(order=order, user=person, text="Secret of the buyer")
    for kind, text, hours in (
        ("status", "In transit → Delivered", 1),
        ("refused", "Arrange shipping. It is on hold", 2),
        ("printed", "Shipping label", 3),
        ("priority", "High: a video takes off", 4),
    ):
        OrderEvent.objects.create(
            order=order,
            kind=kind,
            text=text,
            user=person if kind == "priority" else None,
            source="api" if kind == "status" else "",
            happened_at=MOMENT + timedelta(hours=hours),
        )

    page = signed_in(shop).get(page_of(order))
    panel = words(page).split(" Timeline ")[1]

    told = [
        "Note written mei",
        "Last news from API",
        "Refunded TikTok",
        "Return and refund: complete",
        "Priority set mei · High: a video takes off",
        "Printed",
        "Refused by TikTok · Arrange shipping. It is on hold",
        "Status API · In transit → Delivered",
        "Return and refund requested Buyer · Item is damaged",
        "Package made TikTok · 1161",
        "Placed",
    ]
    places = [panel.index(text) for text in told]
    assert places == sorted(places)
    assert "Secret of the buyer" not in panel
    assert "Shipped TikTok's API · J&T Express" in panel
    assert "21 Sep 2026 03:00 UTC · 21 Sep 11:00 +08 in the shop" in panel


def test_a_long_timeline_is_cut_until_all_is_asked_for(shop):
    order = make_order(shop)
    OrderEvent.objects.bulk_create(
        OrderEvent(
            order=order,
            kind="status",
            text=f"Step {number}.",
            happened_at=MOMENT + timedelta(minutes=number),
            recorded_at=MOMENT + timedelta(minutes=number),
        )
        for number in range(60)
    )
    browser = signed_in(shop)

    short = words(browser.get(page_of(order, "?_changelist_filters=tab%3Dall")))
    whole = words(browser.get(page_of(order, "?timeline=all")))

    assert "Step 59." in short
    assert "Step 5." not in short
    assert "Show all" in short
    assert all(f"Step {number}." in whole for number in range(60))
    assert "Show all" not in whole


def test_notes_are_kept_once_and_deleted_by_their_writer_alone(shop):
    order = make_order(shop)
    writer, other = signed_in(shop), signed_in(shop)

    for _ in range(2):
        writer.post(at(order, "note"), {"text": " Call back\r\ntomorrow "})
    empty = writer.post(at(order, "note"), {"text": "  "})

    assert "1 to 2,000 characters" in notices(empty)[-1]
    note = OrderNote.objects.get()
    assert note.text.split() == ["Call", "back", "tomorrow"]
    assert "Call back" in words(other.get(page_of(order)))
    reader = words(signed_in(shop, "view_analytics").get(page_of(order)))
    assert "Call back" not in reader
    assert "1 note, hidden" in reader
    assert other.post(at(order, "note_delete", note.pk)).status_code == 404
    assert writer.post(at(order, "note_delete", note.pk)).status_code == 302
    assert not OrderNote.objects.exists()


def test_the_raw_payload_is_masked_for_who_sees_no_buyers(shop):
    order = make_order(shop, recipient_name="Ahmad Lim")
    order.payloads.update(
        body={
            "id": order.remote_id,
            "recipient_address": {"name": "Ahmad Lim", "phone_number": "0123456789"},
            "line_items": [{"product_name": "Rattan lamp"}],
        }
    )
    address = at(order, "raw")

    masked = words(signed_in(shop, "view_analytics").get(address))
    assert "Ahmad" not in masked
    assert "0123456789" not in masked
    assert "Rattan lamp" in masked
    assert not AuditEntry.objects.filter(verb="saw the buyer").exists()

    assert "Ahmad Lim" in words(signed_in(shop).get(address))
    assert AuditEntry.objects.filter(verb="saw the buyer").count() == 1
    stranger = signed_in(make_shop(make_client("Other")))
    assert stranger.get(address).status_code == 404


def test_columns_of_a_file_that_nobody_knows_are_hidden_with_the_buyer(shop):
    order = make_order(shop, source=Source.FILE)
    row = {"Order ID": order.remote_id, "Quantity": "2", "Kunde": "Ahmad Lim"}
    order.payloads.update(body={"rows": [row | {"City": "Ipoh", "Stadt": ""}]})
    address = at(order, "raw")

    hidden = words(signed_in(shop, "view_analytics").get(address))

    for text in ("Ahmad", "Ipoh"):
        assert text not in hidden
    for text in (order.remote_id, '"Quantity": "2"', '"Kunde": "***"', '"Stadt": ""'):
        assert text in hidden
    assert "Ahmad Lim" in words(signed_in(shop).get(address))


def test_a_picture_comes_through_us_and_of_ones_own_orders_alone(shop, monkeypatch):
    order = make_order(shop)
    line = order.lines.get()
    asked: list[str] = []

    def thumbnail(address: str) -> bytes:
        asked.append(address)
        return b"jpeg"

    monkeypatch.setattr(order_page_lines, "channel_thumbnail", thumbnail)
    browser = signed_in(shop)
    address = at(order, "picture", line.pk)
    assert browser.get(address).status_code == 404

    order.lines.update(image_url="https://p16.example/lamp.jpg")

    assert browser.get(address)["Content-Type"] == "image/jpeg"
    assert asked == ["https://p16.example/lamp.jpg"]
    assert address in browser.get(page_of(order)).content.decode()
    other = make_order(shop)
    assert browser.get(at(other, "picture", line.pk)).status_code == 404
    stranger = signed_in(make_shop(make_client("Other")))
    assert stranger.get(address).status_code == 404


def test_the_page_costs_the_same_however_much_there_is(shop):
    def grown(count, events):
        order = make_order(shop, sku="", status=Order.Status.PARTLY_SHIPPED)
        person = make_user(clients=[shop.client])
        OrderLine.objects.bulk_create(
            OrderLine(
                order=order,
                key=str(number),
                position=number,
                quantity=1,
                units=[[f"u{number}", "to_ship", f"9{order.pk}{number}"]],
                unit_price=1,
                original_amount=1,
                platform_discount_amount=0,
                seller_discount_amount=0,
                amount=1,
            )
            for number in range(count)
        )
        for number in range(count):
            package = make_package(order, remote_id=f"9{order.pk}{number}")
            make_order(shop).packages.add(package)
            ShippingDocument.objects.create(
                package=package, kind="SHIPPING_LABEL", content=b"x", fetched_at=MOMENT
            )
            asked_back(order, int(f"{order.pk}{number}"))
            OrderNote.objects.create(order=order, user=person, text="x")
            TrackingStep.objects.create(
                order=order, happened_at=MOMENT, description=str(number)
            )
        OrderEvent.objects.bulk_create(
            OrderEvent(order=order, kind="status", user=person, happened_at=MOMENT)
            for _ in range(events)
        )
        return order

    small, large = grown(1, 2), grown(20, 200)
    browser = signed_in(shop, "process_orders", "manage_logistics")

    def cost(order, query=""):
        with statements() as asked:
            assert browser.get(page_of(order, query)).status_code == 200
        assert asked.writing == []
        return len(asked)

    cost(small)
    assert cost(large) == cost(small)
    assert cost(large, "?timeline=all") == cost(small)
