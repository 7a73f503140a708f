from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.contracts import (
    CancellationStage,
    CancelledBy,
    Fulfilment,
    OrderStatus,
    RemoteBuyer,
    RemoteShop,
    ShippingType,
)
from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.mapping import (
    order_from_json,
    order_page_from_json,
    shops_from_json,
)
from tests.integrations.tiktok.payloads import PLACED, make_order, make_unit

FIELDS = [
    *make_order(),
    *("cancel_time", "collection_time", "rts_time", "tts_sla_time", "release_date"),
    *("shipping_type", "split_or_combine_tag", "shipping_provider_id"),
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3)
    ),
    max_leaves=8,
)


def at(seconds):
    return datetime.fromtimestamp(PLACED + seconds, tz=UTC)


def make_cancelled(**changes):
    return order_from_json(
        make_order(status="CANCELLED", cancel_time=PLACED + 5000, **changes)
    )


def test_an_order_keeps_what_the_platform_said():
    row = make_order()

    order = order_from_json(row)

    assert order.remote_id == "580000000000000001"
    assert (order.status, order.status_text) == (
        OrderStatus.TO_SHIP,
        "AWAITING_SHIPMENT",
    )
    assert (order.placed_at, order.updated_at, order.paid_at) == (
        at(0),
        at(600),
        at(60),
    )
    assert (order.ship_by_at, order.auto_cancel_at) == (at(172_800), at(432_000))
    assert (order.currency, order.total_amount) == ("MYR", Decimal("40.40"))
    assert order.subtotal_amount == Decimal("34.50")
    assert order.shipping_amount == Decimal("5.90")
    assert order.tax_amount == 0
    assert order.buyer == RemoteBuyer(
        remote_id="7200000000000000009",
        name="A** L**",
        phone="(+60)12****34",
        address="Malaysia, Kedah, *** 5, J*** B***",
        postal_code="05000",
        region_code="MY",
    )
    assert order.fulfilment is Fulfilment.SELLER
    assert (order.is_cod, order.is_pre_order, order.is_sample) == (False, False, False)
    assert order.raw == row


def test_what_is_not_said_stays_unknown():
    order = order_from_json(
        {
            "id": "1",
            "create_time": PLACED,
            "payment": {"currency": "THB", "tax": ""},
            "line_items": [{"sku_id": "2", "sale_price": "5"}],
        }
    )

    assert order.total_amount is None
    assert order.tax_amount is None
    assert order.paid_at is None
    assert order.updated_at is None
    assert order.is_cod is None
    assert order.is_pre_order is None
    assert order.is_cancel_requested is None
    assert order.buyer == RemoteBuyer()
    assert order.fulfilment is Fulfilment.UNKNOWN
    assert order.lines[0].cancelled_quantity is None


@pytest.mark.parametrize(
    ("spelling", "status"),
    [
        ("UNPAID", OrderStatus.UNPAID),
        ("ON_HOLD", OrderStatus.ON_HOLD),
        ("AWAITING_SHIPMENT", OrderStatus.TO_SHIP),
        ("AWAITING_COLLECTION", OrderStatus.AWAITING_COLLECTION),
        ("PARTIALLY_SHIPPING", OrderStatus.PARTLY_SHIPPED),
        ("IN_TRANSIT", OrderStatus.IN_TRANSIT),
        ("DELIVERED", OrderStatus.DELIVERED),
        ("COMPLETED", OrderStatus.COMPLETED),
        ("CANCELLED", OrderStatus.CANCELLED),
        ("CANCEL", OrderStatus.CANCELLED),
        ("TO_SHIP", OrderStatus.TO_SHIP),
        ("completed", OrderStatus.COMPLETED),
        ("SPLIT_IN_HALF", OrderStatus.NOT_UNDERSTOOD),
        ("", OrderStatus.NOT_UNDERSTOOD),
    ],
)
def test_each_status_has_its_place_and_keeps_its_words(spelling, status):
    order = order_from_json(make_order(status=spelling))

    assert (order.status, order.status_text) == (status, spelling)


@pytest.mark.parametrize(
    ("fulfilment", "expected"),
    [
        ("FULFILLMENT_BY_TIKTOK", Fulfilment.PLATFORM),
        ("FULFILLMENT_BY_DILAYANI_TOKOPEDIA", Fulfilment.PLATFORM),
        ("fulfillment_by_seller", Fulfilment.SELLER),
        ("FULFILLMENT_BY_DRONE", Fulfilment.UNKNOWN),
    ],
)
def test_whose_warehouse_sends_is_known(fulfilment, expected):
    order = order_from_json(make_order(fulfillment_type=fulfilment))

    assert order.fulfilment is expected


def test_numbers_and_text_are_read_alike():
    row = make_order(
        id=580000000000000001,
        create_time=str(PLACED),
        update_time=(PLACED + 600) * 1000,
        user_id=7200000000000000009,
        is_cod="true",
        payment={"currency": "myr", "total_amount": 40.4, "tax": 3},
    )

    order = order_from_json(row)

    assert order.remote_id == "580000000000000001"
    assert order.buyer.remote_id == "7200000000000000009"
    assert (order.placed_at, order.updated_at) == (at(0), at(600))
    assert order.is_cod is True
    assert order.currency == "MYR"
    assert (order.total_amount, order.tax_amount) == (Decimal("40.4"), Decimal(3))


def test_what_became_of_the_money_is_kept():
    order = order_from_json(
        make_order(
            payment={
                "currency": "MYR",
                "shipping_fee": "2.40",
                "original_shipping_fee": "5.90",
                "shipping_fee_seller_discount": "0.50",
                "shipping_fee_platform_discount": "2.00",
                "shipping_fee_cofunded_discount": "1.00",
                "payment_platform_discount": "3.30",
                "small_order_fee": "1",
                "retail_delivery_fee": "0.28",
                "buyer_service_fee": "2",
                "handling_fee": "4",
                "shipping_insurance_fee": "8",
                "item_insurance_fee": "16",
                "distance_shipping_fee": "32",
                "distance_fee": "64",
                "item_insurance_tax": "500",
            }
        )
    )

    assert order.shipping_amount == Decimal("2.40")
    assert order.original_shipping_amount == Decimal("5.90")
    assert order.shipping_seller_discount_amount == Decimal("0.50")
    assert order.shipping_platform_discount_amount == Decimal("3.00")
    assert order.payment_discount_amount == Decimal("3.30")
    assert order.buyer_fees_amount == Decimal("127.28")


def test_money_that_is_not_told_is_not_nothing():
    silent = order_from_json(make_order())
    said = order_from_json(
        make_order(payment={"currency": "MYR", "distance_fee": "0", "handling_fee": ""})
    )

    for amount in (
        silent.original_shipping_amount,
        silent.shipping_seller_discount_amount,
        silent.shipping_platform_discount_amount,
        silent.payment_discount_amount,
        silent.buyer_fees_amount,
    ):
        assert amount is None
    assert said.buyer_fees_amount == 0


def test_all_deadlines_are_kept():
    order = order_from_json(
        make_order(
            tts_sla_time=PLACED + 1,
            collection_due_time=PLACED + 2,
            delivery_sla_time=PLACED + 3,
            delivery_due_time=PLACED + 4,
            release_date=PLACED + 5,
        )
    )
    due = order_from_json(
        make_order(
            tts_sla_time=0,
            collection_due_time=PLACED + 2,
            delivery_sla_time="soon",
            delivery_due_time=str((PLACED + 4) * 1000),
            release_date="soon",
        )
    )

    assert (order.collect_by_at, order.deliver_by_at) == (at(1), at(3))
    assert order.release_at == at(5)
    assert (due.collect_by_at, due.deliver_by_at) == (at(2), at(4))
    assert due.release_at is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("TIKTOK", ShippingType.PLATFORM),
        ("seller", ShippingType.SELLER),
        ("TIKTOK_DIGITAL", ShippingType.UNKNOWN),
        ("IN-STORE PICKUP", ShippingType.UNKNOWN),
        ("BY_DRONE", ShippingType.UNKNOWN),
        (None, ShippingType.UNKNOWN),
    ],
)
def test_whose_carrier_brings_the_goods_is_known(said, expected):
    assert order_from_json(make_order(shipping_type=said)).shipping_type is expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("COMBINED", "combined"), ("Split", "split"), ("", ""), (None, ""), ("NEW", "")],
)
def test_split_and_combined_are_told_apart(tag, expected):
    order = order_from_json(make_order(split_or_combine_tag=tag))

    assert order.split_or_combine == expected


def test_carriers_and_ways_to_deliver_are_named_by_their_ids_too():
    order = order_from_json(
        make_order(
            delivery_option_id=7091000000000000004,
            shipping_provider_id="6617000000000000009",
        )
    )

    assert (order.delivery_option, order.delivery_option_id) == (
        "Standard",
        "7091000000000000004",
    )
    assert (order.carrier, order.carrier_id) == ("Quick Parcel", "6617000000000000009")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ""),
        ({"replaced_order_id": "57"}, "57"),
        ({"exchange_source_order_id": 58}, "58"),
        ({"replaced_order_id": "57", "exchange_source_order_id": "58"}, "57"),
    ],
)
def test_an_order_names_the_one_it_replaces(changes, expected):
    assert order_from_json(make_order(**changes)).replaced_order_id == expected


def test_no_time_is_the_year_1970():
    order = order_from_json(make_order(paid_time=0, rts_time="0", collection_time=-1))

    assert order.paid_at is None
    assert order.ready_to_ship_at is None
    assert order.shipped_at is None


def test_one_thing_alone_counts_as_a_list():
    page = order_page_from_json({"orders": make_order(line_items=make_unit())})

    assert [len(order.lines) for order in page.orders] == [1]


def test_the_deadline_falls_back_to_the_due_time():
    order = order_from_json(make_order(rts_sla_time=0, shipping_due_time=PLACED + 9))

    assert order.ship_by_at == at(9)


def test_fields_nobody_announced_survive():
    row = make_order(gift_wrap={"colour": "red"})

    assert order_from_json(row).raw["gift_wrap"] == {"colour": "red"}


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"is_replacement_order": True}, True),
        ({"is_exchange_order": True}, True),
        ({}, False),
        ({"is_replacement_order": None}, None),
    ],
)
def test_exchanges_count_as_replacements(flags, expected):
    assert order_from_json(make_order(**flags)).is_replacement is expected


def test_pre_orders_are_told_apart():
    assert order_from_json(make_order(order_type="PRE_ORDER")).is_pre_order is True
    assert order_from_json(make_order(order_type="NORMAL")).is_pre_order is False


@pytest.mark.parametrize(
    ("changes", "stage"),
    [
        ({"paid_time": 0}, CancellationStage.BEFORE_PAYMENT),
        (
            {"cancel_reason": "system_cancel_unpaid_time_out"},
            CancellationStage.BEFORE_PAYMENT,
        ),
        (
            {"is_cod": True, "cancel_reason": "Customer overdue to pay"},
            CancellationStage.BEFORE_PAYMENT,
        ),
        ({}, CancellationStage.BEFORE_SHIPPING),
        ({"paid_time": 0, "is_cod": True}, CancellationStage.BEFORE_SHIPPING),
        (
            {
                "paid_time": 0,
                "is_cod": None,
                "payment_method_name": "Cash on Delivery",
            },
            CancellationStage.BEFORE_SHIPPING,
        ),
        ({"tracking_number": "QP1"}, CancellationStage.BEFORE_SHIPPING),
        ({"collection_time": PLACED + 4000}, CancellationStage.FAILED_DELIVERY),
        ({"collection_time": PLACED + 6000}, CancellationStage.BEFORE_SHIPPING),
        (
            {"collection_time": PLACED + 4000, "paid_time": 0, "is_cod": True},
            CancellationStage.FAILED_DELIVERY,
        ),
        ({"cancel_reason": "package_lost"}, CancellationStage.FAILED_DELIVERY),
        ({"cancel_reason": "Package damaged"}, CancellationStage.FAILED_DELIVERY),
        (
            {"cancel_reason": "returned_to_shipper_refused"},
            CancellationStage.FAILED_DELIVERY,
        ),
    ],
)
def test_how_far_a_cancelled_order_had_come(changes, stage):
    assert make_cancelled(**changes).cancellation_stage is stage


def test_an_order_that_goes_on_has_no_stage_and_nobody_ended_it():
    order = order_from_json(
        make_order(cancellation_initiator="BUYER", is_buyer_request_cancel=True)
    )

    assert order.cancellation_stage is CancellationStage.NONE
    assert order.cancelled_by is CancelledBy.UNKNOWN
    assert order.is_cancel_requested is True


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("BUYER", CancelledBy.BUYER),
        ("Seller", CancelledBy.SELLER),
        ("OPERATOR", CancelledBy.SYSTEM),
        ("COURIER", CancelledBy.UNKNOWN),
    ],
)
def test_who_ended_an_order_is_known(said, expected):
    assert make_cancelled(cancellation_initiator=said).cancelled_by is expected


def test_a_line_knows_who_and_why_if_the_order_does_not():
    unit = make_unit(cancel_user="SYSTEM", cancel_reason="Out of stock")

    order = make_cancelled(line_items=[unit])

    assert order.cancelled_by is CancelledBy.SYSTEM
    assert order.cancel_reason == "Out of stock"


@pytest.mark.parametrize(
    ("changes", "named", "reason"),
    [
        ({"id": ""}, "", "the order has no id"),
        ({"id": 5.8e17}, "", "the order has no id"),
        ({"create_time": None}, "580000000000000001", "the order has no create_time"),
        ({"update_time": "soon"}, "580000000000000001", "update_time is not a time"),
        ({"paid_time": "1e999"}, "580000000000000001", "paid_time is not a time"),
        ({"line_items": []}, "580000000000000001", "the order has no lines"),
        ({"line_items": ["x"]}, "580000000000000001", "a line is not an object"),
        (
            {"line_items": [make_unit(sale_price="12,50")]},
            "580000000000000001",
            "sale_price is not an amount",
        ),
        (
            {"payment": {"currency": "MYR", "tax": "NaN"}},
            "580000000000000001",
            "tax is not an amount",
        ),
        (
            {"payment": {}, "line_items": [make_unit(currency="")]},
            "580000000000000001",
            "the order has no currency",
        ),
    ],
)
def test_a_bad_row_is_named_and_spoils_no_other(changes, named, reason):
    rows = [make_order(**changes), make_order(id="2")]

    page = order_page_from_json({"orders": rows})

    assert page.malformed == ((named, reason),)
    assert [order.remote_id for order in page.orders] == ["2"]


def test_a_row_that_is_no_object_is_reported():
    page = order_page_from_json({"orders": ["?", None]})

    assert page.orders == ()
    assert page.malformed == (("", "the row is not an object"),) * 2


def test_an_empty_page_is_no_error():
    for data in ({}, {"orders": None}, {"orders": [], "next_page_token": ""}):
        page = order_page_from_json(data)
        assert (page.orders, page.next_page_token) == ((), "")


@given(st.dictionaries(st.sampled_from(FIELDS), anything))
def test_whatever_comes_is_an_order_or_a_reason(changes):
    page = order_page_from_json({"orders": [make_order(**changes)]})

    assert len(page.orders) + len(page.malformed) == 1


def test_a_shop_is_named_by_its_cipher():
    row = {
        "id": "7490000000000000001",
        "name": "Lamp house",
        "region": "MY",
        "cipher": "GCP_x",
        "code": "MYLC1",
        "seller_type": "LOCAL",
        "new": 1,
    }

    assert shops_from_json({"shops": [row]}) == [
        RemoteShop("7490000000000000001", "Lamp house", "MY", "GCP_x", "MYLC1", "LOCAL")
    ]
    with pytest.raises(MalformedReply, match="shops"):
        shops_from_json({"shops": ["?"]})


@pytest.mark.parametrize(
    ("street", "expected"),
    [
        ({"address_detail": "*** 5"}, "Malaysia, Kedah, Alor Setar, *** 5"),
        (
            {"address_line1": "Block 2", "address_line2": None, "address_line3": "5"},
            "Malaysia, Kedah, Alor Setar, Block 2, 5",
        ),
    ],
)
def test_a_recipient_told_in_parts_is_put_together(street, expected):
    districts = [
        {"address_level": "L0", "address_name": "Malaysia"},
        {"address_level": "L1", "address_name": "Kedah"},
        {"address_level": "L2", "address_name": None},
        None,
    ]
    address = {
        "first_name": "A**",
        "last_name": "L**",
        "district_info": districts,
        "post_town": "Alor Setar",
    } | street

    buyer = order_from_json(make_order(recipient_address=address)).buyer

    assert (buyer.name, buyer.address) == ("A** L**", expected)


@pytest.mark.parametrize("districts", [None, [], [{"address_name": "Kedah"}]])
def test_a_recipient_without_a_street_has_no_address(districts):
    address = {"district_info": districts, "post_town": "Alor Setar"}

    buyer = order_from_json(make_order(recipient_address=address)).buyer

    assert (buyer.name, buyer.address) == ("", "")
