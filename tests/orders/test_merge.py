"""How news changes an order, without a database."""

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.storing import clean, storable
from apps.integrations.contracts import OrderStatus, RemoteBuyer, Source
from apps.orders.services.line_merge import line_key
from apps.orders.services.merge import unusable
from apps.orders.services.order_fields import WRITTEN_FIELDS
from tests.factories.orders import PLACED, make_remote_line, make_remote_order
from tests.orders.hearing import folded, hear


def row(order):
    return {name: getattr(order, name) for name in WRITTEN_FIELDS}


NAME = "Ahmad Lim"


def masked(stars: int) -> str:
    return NAME[: len(NAME) - stars] + "*" * stars


@st.composite
def histories(draw):
    """Versions of an order as an API tells them: what was said once is said again,
    perhaps otherwise; masking may come and go; a status may be a riddle."""
    count = draw(st.integers(2, 4))
    understood = [s for s in OrderStatus if s is not OrderStatus.NOT_UNDERSTOOD]
    statuses = sorted(
        draw(st.lists(st.sampled_from(understood), min_size=count, max_size=count)),
        key=list(OrderStatus).index,
    )
    # A cancelled order does not become completed: it ends as one of both.
    if statuses[-1] is OrderStatus.CANCELLED:
        statuses = [s for s in statuses if s is not OrderStatus.COMPLETED] + [
            OrderStatus.CANCELLED
        ] * statuses.count(OrderStatus.COMPLETED)
    carrier_from = draw(st.integers(0, count))
    shipped_from = draw(st.integers(0, count))
    versions = []
    for number in range(count):
        riddle = draw(st.booleans()) and number > 0
        status = OrderStatus.NOT_UNDERSTOOD if riddle else statuses[number]
        known_carrier = number >= carrier_from
        versions.append(
            make_remote_order(
                version=number + 1,
                status=status,
                status_text=f"{status.value} {number}",
                carrier=draw(st.sampled_from("AB")) if known_carrier else "",
                shipped_at=PLACED + timedelta(days=1)
                if number >= shipped_from
                else None,
                is_cancel_requested=draw(st.booleans()),
                total_amount=Decimal(draw(st.integers(0, 3))),
                buyer=RemoteBuyer(name=masked(draw(st.integers(0, 5)))),
            )
        )
    return versions


@given(histories())
def test_news_in_any_order_of_arrival_gives_the_same_row(versions):
    in_turn = row(folded(*versions))

    for arrival in itertools.permutations(versions):
        assert row(folded(*arrival)) == in_turn
        assert row(folded(*arrival, *arrival)) == in_turn


@given(
    st.lists(st.sampled_from(list(OrderStatus)), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_whatever_the_order_of_news_the_furthest_status_stays(statuses, random):
    news = [make_remote_order(version=n, status=s) for n, s in enumerate(statuses)]
    in_turn = folded(*news)
    random.shuffle(news)

    assert folded(*news).status == in_turn.status


def test_older_news_only_fills_gaps():
    newer = make_remote_order(version=2, carrier="New", tracking_number="")
    older = make_remote_order(version=1, carrier="Old", tracking_number="TN1")

    order = folded(newer, older)

    assert order.carrier == "New"
    assert order.tracking_number == "TN1"
    assert order.remote_updated_at == newer.updated_at


def test_older_news_of_the_same_status_does_not_bring_back_its_words():
    newer = make_remote_order(version=2, status_text="AWAITING_SHIPMENT")
    older = make_remote_order(version=1, status_text="To ship, we think")

    assert folded(newer, older).status_text == "AWAITING_SHIPMENT"


BLANKS: dict[str, Any] = {
    "carrier": "",
    "warehouse": "\0",
    "total_amount": None,
    "paid_at": None,
    "is_cod": None,
    "seller_note": "",
}
SAID: dict[str, Any] = {
    "carrier": "Quick Parcel",
    "warehouse": "Main",
    "total_amount": Decimal("40.40"),
    "paid_at": PLACED,
    "is_cod": True,
    "seller_note": "Fragile",
}


@pytest.mark.parametrize("source", list(Source))
def test_a_blank_never_erases(source):
    version = 2 if source.is_platform else None
    order = folded(make_remote_order(**SAID))

    hear(order, make_remote_order(version=version, **BLANKS), source)

    assert {name: getattr(order, name) for name in SAID} == SAID


def test_zero_and_no_are_said_and_not_blank():
    order = folded(make_remote_order(is_cancel_requested=True, **SAID))

    said: dict[str, Any] = {
        "total_amount": Decimal(0),
        "is_cod": False,
        "is_cancel_requested": False,
    }
    hear(order, make_remote_order(version=2, **said), Source.API)

    assert {name: getattr(order, name) for name in said} == said


def buyer(name="", phone=""):
    return RemoteBuyer(remote_id="7200", name=name, phone=phone)


def test_a_more_masked_value_never_replaces_a_clearer_one():
    order = folded(make_remote_order(buyer=buyer("Ahmad Lim", "(+60)12****34")))

    later = make_remote_order(version=2, buyer=buyer("A**** L**", "(+60)12345634"))
    hear(order, later, Source.API)

    assert order.recipient_name == "Ahmad Lim"
    assert order.recipient_phone == "(+60)12345634"


def test_a_clearer_value_replaces_a_more_masked_one_even_from_a_file():
    order = folded(make_remote_order(version=2, buyer=buyer("A**** L**")))

    file = make_remote_order(version=None, buyer=RemoteBuyer(name="Ahmad L**"))
    hear(order, file, Source.FILE)

    assert order.recipient_name == "Ahmad L**"


def test_a_new_clear_address_replaces_the_old_one():
    order = folded(make_remote_order(buyer=buyer("Ahmad Lim")))

    hear(order, make_remote_order(version=2, buyer=buyer("Siti Aminah")), Source.API)

    assert order.recipient_name == "Siti Aminah"


def test_a_file_after_the_api_fills_gaps_and_nothing_else():
    api = make_remote_order(carrier="Quick Parcel", status_text="AWAITING_SHIPMENT")
    order = folded(api)
    file = make_remote_order(
        version=None,
        status_text="To ship",
        carrier="Other",
        total_amount=Decimal(1),
        sales_channel="LIVE",
        buyer=RemoteBuyer(username="lamp_lover", name="A** L**"),
    )

    assert hear(order, file, Source.FILE)

    assert order.carrier == "Quick Parcel"
    assert order.total_amount == Decimal("40.40")
    assert order.status_text == "AWAITING_SHIPMENT"
    assert order.sales_channel == "LIVE"
    assert order.recipient_name == "A** L**"
    assert not hear(order, file, Source.FILE)


def test_a_file_after_the_api_still_moves_an_order_forward():
    order = folded(make_remote_order())
    file = make_remote_order(
        version=None, status=OrderStatus.DELIVERED, status_text="Delivered"
    )

    hear(order, file, Source.FILE)

    assert order.status == OrderStatus.DELIVERED
    assert order.status_text == "Delivered"


def test_the_api_after_a_file_takes_over():
    file = make_remote_order(version=None, carrier="Other", sales_channel="LIVE")
    order = folded(file, source=Source.FILE)

    hear(order, make_remote_order(carrier="Quick Parcel"), Source.API)

    assert order.carrier == "Quick Parcel"
    assert order.sales_channel == "LIVE"
    assert order.remote_updated_at == PLACED + timedelta(hours=1)


def test_an_older_file_does_not_undo_a_later_one():
    later = make_remote_order(
        version=None, status=OrderStatus.COMPLETED, carrier="Quick Parcel"
    )
    older = make_remote_order(version=None, carrier="Other", seller_note="Fragile")
    order = folded(later, source=Source.FILE)

    hear(order, older, Source.FILE)

    assert order.status == OrderStatus.COMPLETED
    assert order.carrier == "Quick Parcel"
    assert order.seller_note == "Fragile"


def test_long_texts_are_cut_and_nul_bytes_left_out():
    long = "x" * 1000
    order = folded(
        make_remote_order(
            carrier=long,
            tracking_number="TN\0 1",
            status_text=long,
            buyer=RemoteBuyer(name="🙏" * 500, phone="\0"),
            buyer_message="🙏\0" * 1000,
        )
    )

    assert order.carrier == "x" * 120
    assert order.status_text == "x" * 120
    assert order.tracking_number == "TN 1"
    assert order.recipient_name == "🙏" * 200
    assert order.recipient_phone == ""
    assert order.buyer_message == "🙏" * 1000


def test_half_an_emoji_is_replaced_because_no_database_stores_it():
    assert clean("ok \ud83d") == "ok ?"
    assert storable({"a\0": ["\ud83d", ("\0",), 1, None]}) == {
        "a": ["?", [""], 1, None]
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"remote_id": ""}, "order ID"),
        ({"remote_id": "5" * 33}, "order ID"),
        ({"remote_id": "58\0"}, "order ID"),
        ({"currency": ""}, "not a currency"),
        ({"currency": "RINGGIT"}, "not a currency"),
        ({"total_amount": Decimal("NaN")}, "amount"),
        ({"total_amount": Decimal("-Infinity")}, "amount"),
        ({"total_amount": Decimal(10) ** 15}, "amount"),
        ({"total_amount": Decimal("999999999999999.99999")}, "amount"),
        ({"lines": (make_remote_line(quantity=0),)}, "quantity 0"),
        ({"lines": (make_remote_line(quantity=-1),)}, "quantity -1"),
        ({"lines": (make_remote_line(quantity=2**31),)}, "quantity"),
        ({"lines": (make_remote_line(quantity=2**30),) * 2}, "quantity"),
        ({"lines": (make_remote_line(amount=Decimal("NaN")),)}, "amount"),
        ({"lines": (make_remote_line(returned_quantity=-1),)}, "quantity"),
        ({"lines": (make_remote_line(cancelled_quantity=2**31),)}, "quantity"),
    ],
)
def test_what_cannot_be_stored_is_named(changes, reason):
    assert reason in unusable(make_remote_order(**changes))


def test_an_ordinary_order_is_usable():
    assert unusable(make_remote_order()) == ""
    assert unusable(make_remote_order(lines=())) == ""


def test_paid_and_free_units_of_one_sku_are_two_lines():
    paid = make_remote_line()
    gift = make_remote_line(discount="40")

    assert line_key(paid) != line_key(gift)
    assert line_key(gift) == line_key(make_remote_line(unit_price="0"))


def test_the_spelling_of_a_price_does_not_part_a_line():
    assert line_key(make_remote_line(unit_price="40.00")) == line_key(
        make_remote_line(unit_price="4E1")
    )


def test_lines_without_ids_of_the_platform_go_by_what_names_them():
    one = make_remote_line("", seller_sku="", bundle_seller_sku="SET-A")
    other = make_remote_line("", seller_sku="", bundle_seller_sku="SET-B")
    named = make_remote_line("", seller_sku="", product_name="", variation="Red")

    assert len({line_key(line) for line in (one, other, named)}) == 3
