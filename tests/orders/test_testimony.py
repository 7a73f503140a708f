"""Many witnesses, one order, without a database."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import OrderStatus, RemoteBuyer, Source
from apps.orders.models import Order
from apps.orders.services import testimony as testimonies
from apps.orders.services.conflicts import conflicts, differ
from apps.orders.services.merge import apply_news, new_order, show
from apps.orders.services.order_fields import (
    BUYER_FIELDS,
    FIELD_CODES,
    FIELDS,
    WRITTEN_FIELDS,
)
from apps.orders.services.telling import tell
from apps.orders.services.voices import FILE, PLATFORM
from tests.factories.orders import PLACED, make_remote_line, make_remote_order
from tests.orders import witness_model as model
from tests.orders.hearing import folded, hear, lines_of, told
from tests.orders.witness_model import Said, hours

examples = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def several(least, most):
    return st.lists(model.news(), min_size=least, max_size=most)


def order_of(said, preferred=PLATFORM):
    order = new_order(1, said[0].remote)
    for each in said:
        hear(order, each.remote, each.source, preferred=preferred)
    return order


def columns(order):
    shown = {name: getattr(order, name) for name in (*model.SHOWN, *STATUS)}
    return {name: None if value == "" else value for name, value in shown.items()}


STATUS = ("status", "status_text", "is_status_understood", "remote_updated_at")


def lines(order):
    return {
        key: {name: getattr(line, name) for name in model.LINE_COLUMNS}
        for key, line in lines_of(order).items()
    }


def row(order):
    return {name: getattr(order, name) for name in WRITTEN_FIELDS}


def filled(said, preferred=PLATFORM):
    expected = model.columns(said, preferred)
    return {name: None if value == "" else value for name, value in expected.items()}


@examples
@given(several(1, 6), st.sampled_from([PLATFORM, FILE]))
def test_an_order_is_what_all_its_witnesses_come_to(said, preferred):
    order = order_of(said, preferred)

    assert columns(order) == filled(said, preferred)
    assert lines(order) == model.lines(said)


@examples
@given(several(2, 5), st.data())
def test_neither_order_nor_repetition_of_news_matters(said, data):
    in_turn = order_of(said)
    arrival = data.draw(st.permutations(said * 2))

    other = order_of(arrival)

    assert row(other) == row(in_turn)
    assert lines(other) == lines(in_turn)


@examples
@given(several(2, 5), st.data())
def test_news_of_one_batch_is_as_news_one_by_one(said, data):
    in_turn = order_of(said)
    order = new_order(1, said[0].remote)
    arrival = data.draw(st.permutations(said))
    at_once = [told(each.remote, each.source) for each in arrival]

    after = apply_news(order, at_once, PLATFORM)

    assert row(order) == row(in_turn)
    assert {key: values["quantity"] for key, values in after.items()} == {
        key: line["quantity"] for key, line in lines(in_turn).items()
    }


@examples
@given(several(1, 4), st.data())
def test_what_is_stored_survives_json(said, data):
    order = order_of(said)
    later = data.draw(model.news())
    stored = json.loads(json.dumps(order.testimony))
    assert stored == order.testimony
    other = order_of(said)
    other.testimony = stored

    for each in (order, other):
        hear(each, later.remote, later.source)

    assert row(other) == row(order)


@examples
@given(several(2, 5), st.integers(0, 5))
def test_the_buyer_once_erased_does_not_come_back_whenever_it_was(said, erased_after):
    order = order_of(said)
    hidden = dict.fromkeys(("recipient_name", "recipient_address", "seller_note"), None)

    late = new_order(1, said[0].remote)
    for place, each in enumerate(said):
        if place == min(erased_after, len(said) - 1):
            late.buyer_erased_at = PLACED
            if late.testimony:
                _forget(late)
        hear(late, each.remote, each.source)

    assert columns(late) == columns(order) | hidden
    kept = json.dumps(late.testimony)
    assert not any(name in kept for name in ("Ahm", "A***", "Siti", "Fragile"))


def _forget(order):
    testimony = testimonies.Testimony.of(order)
    testimony.forget(BUYER_FIELDS)
    show(order, testimony, PLATFORM)


API = make_remote_order(
    carrier="Quick", status_text="AWAITING_SHIPMENT", buyer=RemoteBuyer(name="A**")
)
FILED = make_remote_order(
    version=None,
    status_text="To ship",
    carrier="Slow",
    sales_channel="LIVE",
    buyer=RemoteBuyer(name="Ahm", username="ann"),
)


def both(*, preferred=PLATFORM, api=API, file=FILED):
    return order_of([Said(api, Source.API), Said(file, Source.FILE)], preferred)


def test_the_preferred_source_counts_where_both_speak():
    assert both().carrier == "Quick"
    assert both(preferred=FILE).carrier == "Slow"
    assert both(preferred=FILE).status_text == "To ship"
    assert both().sales_channel == "LIVE"


def test_a_clearer_name_counts_whoever_is_preferred():
    for preferred in (PLATFORM, FILE):
        assert both(preferred=preferred).recipient_name == "Ahm"


def test_a_difference_is_a_conflict_until_the_older_side_is_known_to_be_old():
    assert both().has_conflict
    later = make_remote_order(version=2, status=OrderStatus.IN_TRANSIT, carrier="Quick")

    assert not both(api=later).has_conflict
    # Preferred, the file is what is shown, though the platform is further.
    assert both(api=later, preferred=FILE).has_conflict


def test_sources_that_agree_are_in_no_conflict():
    file = make_remote_order(
        version=None,
        carrier="QUICK ",
        placed_at=PLACED + timedelta(seconds=30),
        buyer=RemoteBuyer(name="A****"),
    )

    assert not both(file=file).has_conflict


@pytest.mark.parametrize(
    ("name", "platform", "file", "is_difference"),
    [
        ("total_amount", Decimal("40.40"), Decimal("40.4"), False),
        ("total_amount", Decimal("40.40"), Decimal(41), True),
        ("refund_amount", Decimal(10), Decimal(0), False),
        ("refund_amount", Decimal(0), Decimal(10), True),
        ("paid_at", PLACED, PLACED + timedelta(seconds=59), False),
        ("paid_at", PLACED, PLACED + timedelta(minutes=1), True),
        ("is_cod", True, False, True),
        ("carrier", "J&T Express", "J & T express", False),
        ("carrier", "J&T Express", "SPX Express", True),
        ("warehouse", "7000", "Main", False),
        ("payment_method", "CCDC", "Credit/Debit card", False),
        ("recipient_name", "A****", "Siti", False),
        ("recipient_name", "Ahmad", "Siti", True),
        ("recipient_address", "MY, Johor, 12 Jalan", "12 Jalan, Johor, MY", False),
        ("recipient_address", "Johor, 12 Jalan", "12 Jalan, Batu, Johor", False),
        ("recipient_address", "Johor, 12 Jalan", "Johor, 14 Jalan", True),
    ],
)
def test_what_counts_as_a_difference(name, platform, file, is_difference):
    assert differ(name, platform, file) is is_difference


def decided(order, name, decision, preferred=PLATFORM):
    """The order after a person's decision, as the services for it make it."""
    testimony = testimonies.Testimony.of(order)
    testimony.person[name] = decision | {"at": 1, "by": 1}
    show(order, testimony, preferred)
    return order


@examples
@given(several(1, 4), model.news())
def test_what_a_person_typed_stands_and_all_else_goes_on(said, later):
    order = decided(order_of(said), "carrier", {"value": "By hand"})

    hear(order, later.remote, later.source)

    everything = filled([*said, later])
    assert columns(order) == everything | {"carrier": "By hand"}
    testimony = testimonies.Testimony.of(order)
    assert "carrier" not in conflicts(testimony, PLATFORM)
    # Taken back, the sources speak again as if nobody had interfered.
    other = order_of([*said, later])
    testimony.person.clear()
    show(order, testimony, PLATFORM)
    assert row(order) == row(other)


def test_a_blank_that_a_person_typed_stands():
    order = decided(both(), "carrier", {"value": ""})

    hear(order, make_remote_order(version=5, carrier="Other"))

    assert order.carrier == ""


def test_who_was_chosen_for_a_field_counts_there_and_goes_on_speaking():
    order = decided(both(), "carrier", {"keeps": "file"})
    assert order.carrier == "Slow"
    assert not order.has_conflict

    later = make_remote_order(version=None, carrier="Slower", paid_at=hours(3))
    hear(order, later, Source.FILE)
    hear(order, make_remote_order(version=5, carrier="Quicker"))

    assert order.carrier == "Slower"


def test_what_is_told_of_returns_is_the_platform_s_word_until_newer_news():
    order = both()

    assert tell(order, {"refund_amount": Decimal(5)}, hours(2), preferred=PLATFORM)
    hear(order, make_remote_order(version=3, carrier="Quick"))
    assert order.refund_amount == Decimal(5)
    hear(order, make_remote_order(version=4, refund_amount=Decimal(7)))
    assert order.refund_amount == Decimal(7)

    tell(order, {"refund_amount": Decimal(6)}, hours(5), preferred=PLATFORM)
    assert order.refund_amount == Decimal(6)
    assert tell(order, {"refund_amount": None}, None, preferred=PLATFORM)
    assert order.refund_amount == Decimal(7)
    assert not tell(order, {"refund_amount": None}, None, preferred=PLATFORM)


def test_what_is_told_comes_and_goes_where_no_source_spoke():
    order = folded(API)

    tell(order, {"is_cancel_requested": True}, hours(2), preferred=PLATFORM)
    assert order.is_cancel_requested
    tell(order, {"is_cancel_requested": None}, None, preferred=PLATFORM)

    assert not order.is_cancel_requested
    assert row(order) == row(folded(API))


def before(source, **changes: Any):
    """An order as it was stored before there was testimony."""
    values: dict[str, Any] = {
        "remote_id": "581",
        "status": "to_ship",
        "status_text": "AWAITING_SHIPMENT",
        "currency": "MYR",
        "placed_at": PLACED,
        "total_amount": Decimal("40.40"),
        "carrier": "Quick",
        "lines_source": source.value,
        "remote_updated_at": hours(2) if source is Source.API else None,
    }
    return Order(pk=1, shop_id=1, **values | changes)


def test_an_order_stored_before_is_the_word_of_its_source():
    order = before(Source.API)
    hear(order, make_remote_order(version=None, carrier="Slow"), Source.FILE)
    assert (order.carrier, order.has_conflict) == ("Quick", True)
    hear(order, make_remote_order(version=1, carrier="Old", warehouse="Main"))
    assert (order.carrier, order.warehouse) == ("Quick", "Main")
    hear(order, make_remote_order(version=3, carrier="New"))
    assert order.carrier == "New"
    assert order.remote_updated_at == hours(3)


def test_the_very_news_it_was_made_of_may_say_more_when_read_again():
    order = before(Source.API)

    hear(order, make_remote_order(version=2, carrier="Quick", release_at=hours(9)))

    assert order.release_at == hours(9)
    assert order.testimony["platform"]["at"][3] != ""


def test_an_order_stored_before_from_files_gives_way_to_the_platform():
    order = before(Source.FILE, delivered_at=hours(9), status="delivered")
    older = make_remote_order(version=None, carrier="Old", paid_at=hours(1))
    hear(order, older, Source.FILE)
    assert (order.status, order.carrier) == ("delivered", "Quick")

    hear(order, make_remote_order(version=1, carrier="New"))

    assert (order.status, order.carrier, order.lines_source) == (
        "delivered",
        "New",
        "api",
    )


def test_a_riddle_stored_before_is_still_one_until_it_is_read_anew():
    order = before(Source.API, is_status_understood=False, status_text="TELEPORTED")
    hear(order, make_remote_order(version=1))
    assert (order.status_text, order.is_status_understood) == ("TELEPORTED", False)

    hear(order, make_remote_order(version=3))

    assert (order.status_text, order.is_status_understood) == (
        "AWAITING_SHIPMENT",
        True,
    )


def test_fields_keep_their_short_names():
    assert len(set(FIELD_CODES.values())) == len(FIELDS)
    assert {len(code) for code in FIELD_CODES.values()} == {2}


def size(order):
    return len(json.dumps(order.testimony, separators=(",", ":")))


def test_what_is_kept_beside_an_order_is_small():
    full: dict[str, Any] = {
        "carrier": "J&T Express",
        "tracking_number": "TN0000000001",
        "paid_at": hours(1),
        "ready_to_ship_at": hours(2),
        "shipped_at": hours(3),
        "ship_by_at": hours(30),
        "auto_cancel_at": hours(40),
        "delivery_option": "Standard shipping",
        "is_cod": False,
        "is_cancel_requested": False,
        "tax_amount": Decimal(0),
        "shipping_amount": Decimal("4.90"),
        "lines": (make_remote_line(), make_remote_line("102", quantity=2)),
    }
    api = make_remote_order(
        **full,
        warehouse="7000000000000000001",
        payment_method="CCDC",
        buyer=RemoteBuyer(name="A**", address="Malaysia, Johor, ***"),
    )
    known = {name: value for name, value in full.items() if name[-5:] != "by_at"}
    file = make_remote_order(
        version=None,
        **known,
        status_text="To ship / Awaiting shipment",
        warehouse="Gudang Utama",
        payment_method="Credit/Debit card",
        buyer=RemoteBuyer(name="A**", address="***, Johor, Malaysia"),
    )
    later = make_remote_order(version=9, **full | {"status": OrderStatus.DELIVERED})

    alone = folded(api)
    hear(alone, later)

    assert size(folded(api)) < 60
    assert size(alone) < 140
    assert size(both(api=api, file=file)) < 400
