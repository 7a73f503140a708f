"""Cancellations and returns: how they come in, and what follows for their orders."""

import itertools
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.integrations.contracts import (
    CancellationStage,
    CancellationStatus,
    OrderStatus,
    RefundAmounts,
    RemoteCancellation,
    RemoteReturn,
    ReturnKind,
    ReturnStatus,
    Source,
)
from apps.orders.models import Cancellation, Order, Return, ReturnLine, UnknownWord
from apps.orders.services.cancellations import ingest_cancellations
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.returns import ingest_returns, preview_returns
from tests.factories.aftersales import (
    ORDER_ID,
    SKU,
    make_remote_cancellation,
    make_remote_return,
    make_request_line,
    make_unit_line,
    make_units,
)
from tests.factories.orders import PLACED, make_remote_line, make_remote_order
from tests.factories.platforms import make_shop
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

Kind, Status, Wish = ReturnKind, ReturnStatus, CancellationStatus
DELIVERED = OrderStatus.DELIVERED


@pytest.fixture
def shop():
    return make_shop()


def order(*, units: int = 2, version: int | None = 1, **changes: Any) -> Any:
    line = make_unit_line(*make_units(*[DELIVERED] * units))
    values: dict[str, Any] = {
        "status": DELIVERED,
        "paid_at": PLACED,
        "lines": (line,),
    }
    return make_remote_order(version=version, **values | changes)


def hear(shop: Any, *news: Any, source: Source = Source.API) -> None:
    for each in news:
        if isinstance(each, RemoteReturn):
            ingest_returns(shop, [each], source)
        elif isinstance(each, RemoteCancellation):
            ingest_cancellations(shop, [each], source)
        else:
            ingest_orders(shop, [each], source)


def of_order() -> tuple[str, Decimal | None, bool]:
    row = Order.objects.get()
    return row.return_state, row.refund_amount, row.is_cancel_requested


def known(shop: Any) -> Any:
    """Requests with their lines, and what their order says, without our own keys."""
    ours = {"id", "shop", "order", "created_at", "modified_at", "request", "order_line"}

    def plain(row: Any) -> dict[str, Any]:
        names = [field.name for field in row._meta.concrete_fields]
        return {name: getattr(row, name) for name in names if name not in ours}

    found = []
    for model in (Cancellation, Return):
        for row in model.objects.filter(shop=shop).order_by("remote_id"):
            lines = [
                (plain(line), line.order_line and line.order_line.key)
                for line in row.lines.order_by("remote_id")
            ]
            found.append((plain(row), row.order and row.order.remote_id, lines))
    orders = Order.objects.filter(shop=shop)
    names = ("remote_id", "return_state", "refund_amount", "is_cancel_requested")
    return found, list(orders.order_by("remote_id").values_list(*names))


def assert_same_in_any_order(*news: Any) -> Any:
    found = []
    for row in itertools.permutations(news):
        shop = make_shop()
        hear(shop, *row, row[0])
        found.append(known(shop))
    assert all(each == found[0] for each in found)
    return found[0]


def test_a_return_is_kept_whole_and_knows_its_order_and_line(shop):
    hear(shop, order())
    remote = make_remote_return(
        amount="40",
        reason="no_longer_needed",
        reason_text="No longer needed",
        respond_by_at=PLACED + timedelta(days=2),
        tracking_number="RT1",
        arbitration="IN_PROGRESS",
        offered_amount=Decimal(10),
        lines=(make_request_line(amount="40"),),
    )

    result = ingest_returns(shop, [remote], Source.API)

    assert (result.new, result.updated, result.same) == (1, 0, 0)
    row = Return.objects.get()
    assert (row.order, row.kind, row.status) == (
        Order.objects.get(),
        "return_and_refund",
        "pending",
    )
    assert (row.refund_amount, row.currency, row.offered_amount) == (40, "MYR", 10)
    assert row.respond_by_at == remote.respond_by_at
    assert list(Return.objects.waiting()) == [row]
    [line] = row.lines.all()
    assert line.order_line == Order.objects.get().lines.get()
    assert (line.unit_id, line.refund_subtotal_amount) == ("U1", 40)


def test_what_was_waited_for_once_is_not_waited_for_for_ever(shop):
    hear(shop, order(), make_remote_return(respond_by_at=PLACED + timedelta(days=2)))

    hear(shop, make_remote_return(version=2, status=Status.AWAITING_BUYER_SHIP))

    row = Return.objects.get()
    assert (row.next_action, row.respond_by_at) == ("", None)
    assert not Return.objects.waiting()


def test_a_refused_return_may_go_on_and_old_news_does_not_bring_it_back(shop):
    hear(
        shop,
        order(),
        make_remote_return(version=2, status=Status.REJECTED),
        make_remote_return(version=3, status=Status.AWAITING_BUYER_SHIP),
        make_remote_return(version=1, reason="only the first news has it"),
    )

    row = Return.objects.get()
    assert row.status == "awaiting_buyer_ship"
    assert row.reason == "only the first news has it"


def test_a_repeated_pull_only_reads(shop):
    remotes = [make_remote_return(), make_remote_return("2", order_id="elsewhere")]
    hear(shop, order())
    ingest_returns(shop, remotes, Source.API)
    before = known(shop)

    with statements() as asked:
        again = ingest_returns(shop, remotes, Source.WEBHOOK)

    assert (again.new, again.updated, again.same) == (0, 0, 2)
    assert asked.writing == []
    assert known(shop) == before


def test_requests_wait_for_their_order_and_come_to_the_same():
    rows, orders = assert_same_in_any_order(
        order(),
        make_remote_return(version=2, status=Status.COMPLETE, amount="40"),
        make_remote_cancellation(version=3, status=Wish.CANCELLED),
    )

    assert [row[1] for row in rows] == [ORDER_ID, ORDER_ID]
    assert orders == [(ORDER_ID, "refunded", Decimal(40), False)]


def test_lines_follow_when_others_take_their_place(shop):
    file_line = make_remote_line(SKU, quantity=2, unit_price="41")
    hear(shop, make_remote_order(version=None, lines=(file_line,)), source=Source.FILE)
    hear(shop, make_remote_return())
    assert ReturnLine.objects.get().order_line == Order.objects.get().lines.get()

    hear(shop, order())

    line = ReturnLine.objects.get()
    assert line.order_line == Order.objects.get().lines.get()
    assert line.order_line.unit_price == 40


def test_a_line_is_found_by_its_item_and_else_by_what_was_paid_for(shop):
    gift = make_unit_line(*make_units(DELIVERED), discount="40")
    paid = make_unit_line(*make_units(DELIVERED, DELIVERED, first=2))
    hear(shop, make_remote_order(status=DELIVERED, lines=(gift, paid)))
    named = (
        make_request_line("U1", remote_id="gift"),
        make_request_line("U3", remote_id="item"),
        make_request_line("", remote_id="sku", quantity=2),
        make_request_line("", remote_id="name", remote_sku_id="", seller_sku="LAMP-30"),
        make_request_line("U9", remote_id="none", remote_sku_id="999"),
    )

    hear(shop, make_remote_return(lines=named))

    keys = dict(ReturnLine.objects.values_list("remote_id", "order_line__key"))
    assert keys == {
        "gift": f"{SKU}|free",
        "item": f"{SKU}|40",
        "sku": f"{SKU}|40",
        "name": f"{SKU}|40",
        "none": None,
    }


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        (Kind.REFUND, Status.PENDING, "requested"),
        (Kind.REFUND, Status.AWAITING_BUYER_RESPONSE, "requested"),
        (Kind.RETURN_AND_REFUND, Status.AWAITING_BUYER_SHIP, "returning"),
        (Kind.RETURN_AND_REFUND, Status.BUYER_SHIPPED, "returning"),
        (Kind.RETURN_AND_REFUND, Status.RECEIVE_REJECTED, "rejected"),
        (Kind.RETURN_AND_REFUND, Status.SUCCESS, "accepted"),
        (Kind.RETURN_AND_REFUND, Status.COMPLETE, "refunded"),
        (Kind.REPLACEMENT, Status.COMPLETE, "replaced"),
        (Kind.EXCHANGE, Status.COMPLETE, "replaced"),
        (Kind.REPLACEMENT, Status.REFUNDED_INSTEAD, "refunded"),
        (Kind.REFUND, Status.REJECTED, "rejected"),
        (Kind.REFUND, Status.CANCELLED, "closed"),
        (Kind.REFUND, Status.NOT_UNDERSTOOD, "requested"),
    ],
)
def test_the_state_of_an_order_follows_from_its_return(shop, kind, status, state):
    hear(shop, order(), make_remote_return(kind=kind, status=status))

    assert of_order()[0] == state


def test_what_is_open_goes_before_what_is_over(shop):
    hear(
        shop,
        order(),
        make_remote_return("1", status=Status.COMPLETE),
        make_remote_return("2", status=Status.CANCELLED),
    )
    assert of_order()[0] == "refunded"

    hear(shop, make_remote_return("3", status=Status.BUYER_SHIPPED))

    assert of_order()[0] == "returning"


def test_a_file_s_word_for_a_return_stands_until_returns_are_known(shop):
    told = make_remote_order(version=None, reported_return="Return/Refund")
    hear(shop, told, source=Source.FILE)
    assert of_order()[0] == "reported"

    hear(shop, make_remote_return(status=Status.CANCELLED))

    assert of_order()[0] == "closed"


def test_money_counts_once_it_really_goes_back(shop):
    hear(
        shop,
        order(),
        make_remote_return("1", kind=Kind.REFUND, amount="10"),
        make_remote_return("2", status=Status.AWAITING_BUYER_SHIP, amount="11"),
        make_remote_return("3", kind=Kind.REPLACEMENT, status=Status.COMPLETE),
    )
    assert of_order()[1] is None

    hear(
        shop,
        make_remote_return("1", version=2, status=Status.SUCCESS, amount="10"),
        make_remote_return("2", version=2, status=Status.COMPLETE, amount="11"),
        make_remote_return(
            "4",
            kind=Kind.REPLACEMENT,
            status=Status.REFUNDED_INSTEAD,
            lines=(make_request_line("U1", "5"), make_request_line("U2", "2.5")),
        ),
        make_remote_cancellation("5", status=Wish.COMPLETE, amount="4"),
        make_remote_cancellation("6", status=Wish.SUCCESS, amount="99"),
    )

    assert of_order()[1] == Decimal("32.5")


def test_nothing_goes_back_where_nothing_was_paid(shop):
    unpaid = make_remote_order(
        status=OrderStatus.CANCELLED,
        cancellation_stage=CancellationStage.BEFORE_PAYMENT,
    )
    hear(shop, unpaid, make_remote_cancellation(status=Wish.COMPLETE, amount="40"))

    assert of_order()[1] is None


def test_a_refund_that_a_file_knew_gives_way_to_the_platform_s(shop):
    told = make_remote_order(version=None, refund_amount=Decimal(50), status=DELIVERED)
    hear(shop, told, source=Source.FILE)
    hear(shop, order())
    assert of_order()[1] == 50

    hear(shop, make_remote_return(status=Status.COMPLETE, amount="40"))

    row = Order.objects.get()
    assert row.refund_amount == 40
    assert row.has_conflict


def test_a_wish_to_cancel_waits_until_it_is_answered():
    asked = make_remote_cancellation(version=2)
    refused = make_remote_cancellation(version=4, status=Wish.CANCELLED)
    waiting = order(version=3, is_cancel_requested=True)

    assert assert_same_in_any_order(order(), asked, waiting)[1][0][3] is True
    assert assert_same_in_any_order(asked, waiting, refused)[1][0][3] is False


def test_what_the_seller_cancels_is_nobody_s_wish(shop):
    hear(
        shop,
        order(is_cancel_requested=True),
        make_remote_cancellation(
            role="SELLER", needs_answer=False, status=Wish.SUCCESS
        ),
    )

    assert of_order()[2] is True
    assert not Cancellation.objects.waiting()


def test_unknown_words_are_kept_flagged_and_told_once(shop):
    odd = make_remote_return(
        version=2,
        kind=Kind.NOT_UNDERSTOOD,
        kind_text="BARTER",
        status=Status.NOT_UNDERSTOOD,
        status_text="HAGGLING",
    )

    hear(shop, order(), make_remote_return(status=Status.BUYER_SHIPPED), odd, odd)

    row = Return.objects.get()
    assert (row.kind, row.kind_text) == ("return_and_refund", "BARTER")
    assert (row.status, row.status_text) == ("buyer_shipped", "HAGGLING")
    assert not row.is_status_understood
    words = set(UnknownWord.objects.values_list("kind", "text"))
    assert words == {("return_status", "HAGGLING"), ("return_kind", "BARTER")}


def test_beneath_a_word_nobody_knows_stands_the_last_one_understood():
    odd = make_remote_return(
        version=3, status=Status.NOT_UNDERSTOOD, status_text="HAGGLING"
    )
    rows, _ = assert_same_in_any_order(
        make_remote_return(),
        make_remote_return(version=2, status=Status.BUYER_SHIPPED),
        odd,
    )

    [(values, *_)] = rows
    assert (values["status"], values["status_text"]) == ("buyer_shipped", "HAGGLING")


def test_a_file_of_returns_fills_what_the_platform_does_not_say():
    by_sku = make_request_line("", remote_id=SKU, quantity=1)
    from_file = make_remote_return(
        version=None, status=Status.PENDING, reason_text="Faulty", lines=(by_sku,)
    )
    from_api = make_remote_return(status=Status.COMPLETE, amount="40", reason_text="")
    found = []
    for news in (((from_file, Source.FILE), (from_api, Source.API)),):
        for row in itertools.permutations(news):
            shop = make_shop()
            hear(shop, order())
            for remote, source in (*row, row[0]):
                ingest_returns(shop, [remote], source)
            found.append(known(shop))

    assert found[0] == found[1]
    [(values, _, lines)] = found[0][0]
    assert (values["status"], values["reason_text"]) == ("complete", "Faulty")
    assert values["source"] == "api"
    assert [line["unit_id"] for line, _ in lines] == ["U1"]


def test_of_two_files_the_further_one_counts():
    shop, other = make_shop(), make_shop()
    old, new = (
        make_remote_return(version=None, status=status)
        for status in (Status.BUYER_SHIPPED, Status.COMPLETE)
    )

    hear(shop, old, new, source=Source.FILE)
    hear(other, new, old, source=Source.FILE)

    assert known(shop) == known(other)
    assert set(Return.objects.values_list("status", flat=True)) == {"complete"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"remote_id": ""}, "request ID"),
        ({"order_id": "x" * 33}, "order ID"),
        ({"remote_id": "1\0"}, "cannot be stored"),
        ({"lines": (make_request_line(quantity=0),)}, "impossible quantity"),
        ({"offered_amount": Decimal("1e20")}, "out of range"),
        ({"lines": (make_request_line(amount="NaN"),)}, "out of range"),
    ],
)
def test_what_cannot_be_stored_is_named_and_spoils_nothing_else(shop, changes, why):
    good = make_remote_return()

    result = ingest_returns(shop, [replace(good, **changes), good], Source.API)

    assert (result.new, len(result.refused)) == (1, 1)
    assert why in result.refused[0][1]


def test_a_preview_writes_nothing(shop):
    hear(shop, order())
    before = known(shop)

    result = preview_returns(shop, [make_remote_return()], Source.API)

    assert result.new == 1
    assert known(shop) == before


def test_other_shops_are_left_alone(shop):
    other = make_shop()
    hear(other, order(), make_remote_return())
    before = known(other)

    hear(shop, make_remote_return(status=Status.COMPLETE, amount="40"))
    hear(shop, order())

    assert known(other) == before


def test_many_requests_cost_as_many_statements_as_few(shop):
    def ask(first: int, count: int) -> tuple[Any, Any]:
        ids = [f"58{number:04}" for number in range(first, first + count)]
        orders = [make_remote_order(key, paid_at=PLACED) for key in ids]
        complete = Status.COMPLETE
        returns = [
            make_remote_return(f"40{key}", order_id=key, status=complete, amount="4")
            for key in ids
        ]
        ingest_returns(shop, returns, Source.API)  # they wait
        with statements() as arriving:
            ingest_orders(shop, orders, Source.API)
        later = [
            replace(each, updated_at=PLACED + timedelta(hours=2), carrier="J&T")
            for each in returns
        ]
        with statements() as changing:
            ingest_returns(shop, later, Source.API)
        return arriving.kinds, changing.kinds

    ask(0, 1)  # the first makes what the shop sells
    few = ask(10, 2)
    assert set(Order.objects.values_list("refund_amount", flat=True)) == {Decimal(4)}
    assert ask(100, 30) == few


def told_in_turns(*news: Any) -> Any:
    """What is known of a return, the same in every turn of its news."""
    outcomes = []
    for turn in itertools.permutations(news):
        shop = make_shop()
        hear(shop, order(), *turn, turn[0])
        row = Return.objects.get(shop=shop)
        line = row.lines.get()
        found = (row.status, row.kind, row.refund_amount, row.tracking_number)
        outcomes.append((*found, line.refund_amount, line.remote_sku_id))
    assert len(set(outcomes)) == 1
    return outcomes[0]


def test_two_words_of_the_same_instant_say_the_same_in_any_turn():
    words = [
        make_remote_return(
            status=Status.AWAITING_BUYER_SHIP,
            kind=kind,
            amount=amount,
            tracking_number=number,
            lines=(make_request_line("U1", amount),),
        )
        for kind, amount, number in (
            (Kind.RETURN_AND_REFUND, "34.5", ""),
            (Kind.REFUND, "20", "JX1"),
        )
    ]

    _, kind, refund, number, line_refund, _ = told_in_turns(*words)

    assert (kind, number) == (Kind.RETURN_AND_REFUND, "JX1")
    assert refund == line_refund == Decimal("34.5")


def test_an_older_word_fills_the_gaps_of_known_lines():
    older = make_remote_return(lines=(make_request_line("U1", "34.5"),))
    newer = make_remote_return(
        version=2,
        status=Status.COMPLETE,
        lines=(make_request_line("U1", "", remote_sku_id=""),),
    )

    assert told_in_turns(older, newer)[-2:] == (Decimal("34.5"), SKU)


def test_an_amount_in_another_currency_is_not_the_order_s(shop):
    refund = RefundAmounts(currency="USD", total=Decimal("1.23"))
    hear(
        shop,
        order(),
        make_remote_return(status=Status.COMPLETE, refund=refund, lines=()),
    )

    row = Return.objects.get()
    assert (row.refund_amount, row.currency) == (Decimal("1.23"), "USD")
    assert Order.objects.get().refund_amount is None


def test_a_return_that_tells_amounts_by_line_alone_has_their_currency(shop):
    refund = RefundAmounts(currency="USD", total=Decimal("1.23"))
    line = make_request_line("U1", refund=refund)
    nothing = RefundAmounts()
    hear(
        shop,
        order(),
        make_remote_return(status=Status.COMPLETE, refund=nothing, lines=(line,)),
    )

    assert Return.objects.get().currency == "USD"
    assert Order.objects.get().refund_amount is None
