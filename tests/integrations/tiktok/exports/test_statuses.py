"""Status words in four languages, and what a cancelled order's signs mean."""

import unicodedata
from datetime import UTC, datetime

import pytest

from apps.integrations.contracts import CancellationStage, OrderStatus
from apps.integrations.tiktok.exports.cancellation import Cancellation
from apps.integrations.tiktok.exports.statuses import read_cod, read_status
from tests.integrations.tiktok.exports.files import inspect, make_row, notes, only_order

NOW = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "substatus", "expected"),
    [
        ("Unpaid", "Unpaid", OrderStatus.UNPAID),
        ("On hold", "On hold", OrderStatus.ON_HOLD),
        ("To ship", "Awaiting shipment", OrderStatus.TO_SHIP),
        ("To ship", "Awaiting collection", OrderStatus.AWAITING_COLLECTION),
        ("Shipped", "In transit", OrderStatus.IN_TRANSIT),
        ("Shipped", "Delivered", OrderStatus.DELIVERED),
        ("Shipped", "", OrderStatus.IN_TRANSIT),
        ("Completed", "In transit", OrderStatus.COMPLETED),
        ("Canceled", "Canceled", OrderStatus.CANCELLED),
        ("CANCELLED", "", OrderStatus.CANCELLED),
        ("AWAITING_COLLECTION", "", OrderStatus.AWAITING_COLLECTION),
        ("Perlu dikirim", "Menunggu pengambilan", OrderStatus.AWAITING_COLLECTION),
        ("Dikirim", "Dalam perjalanan", OrderStatus.IN_TRANSIT),
        ("Dibatalkan", "", OrderStatus.CANCELLED),
        ("เสร็จสมบูรณ์", "", OrderStatus.COMPLETED),
        ("ที่จะจัดส่ง", "", OrderStatus.TO_SHIP),
        ("Đã vận chuyển", "Đã giao", OrderStatus.DELIVERED),
        ("Teleported", "Delivered", OrderStatus.NOT_UNDERSTOOD),
        ("", "", OrderStatus.NOT_UNDERSTOOD),
    ],
)
def test_status_words_become_one_life_cycle(status, substatus, expected):
    assert read_status(status, substatus) is expected


def test_decomposed_vietnamese_letters_are_the_same_word():
    decomposed = unicodedata.normalize("NFD", "Đã hủy")

    assert decomposed != "Đã hủy"
    assert read_status(decomposed, "") is OrderStatus.CANCELLED


def test_an_unknown_status_is_kept_and_noted(tmp_path):
    rows = [make_row(Order_Status="Teleported", Order_Substatus="Away")]

    file = inspect(rows, tmp_path)

    order = only_order(file)
    assert order.status is OrderStatus.NOT_UNDERSTOOD
    assert order.status_text == "Teleported / Away"
    assert notes(file) == [
        "Order Status: “Teleported” is not understood; kept as it is."
    ]


def cancelled(reason="", *, paid_at=None, shipped_at=None, is_cod=False, known=True):
    return Cancellation(reason, paid_at, shipped_at, is_cod, known)


@pytest.mark.parametrize(
    ("cancellation", "stage"),
    [
        (cancelled("Customer overdue to pay"), CancellationStage.BEFORE_PAYMENT),
        (cancelled("Changed mind"), CancellationStage.BEFORE_PAYMENT),
        (cancelled(known=False), CancellationStage.BEFORE_SHIPPING),
        (cancelled(paid_at=NOW), CancellationStage.BEFORE_SHIPPING),
        (cancelled("Out of stock", is_cod=True), CancellationStage.BEFORE_SHIPPING),
        (cancelled(paid_at=NOW, shipped_at=NOW), CancellationStage.FAILED_DELIVERY),
        (cancelled("Package lost", is_cod=True), CancellationStage.FAILED_DELIVERY),
        (cancelled("Pengiriman paket gagal"), CancellationStage.FAILED_DELIVERY),
    ],
)
def test_the_stage_of_a_cancellation_is_told_by_its_signs(cancellation, stage):
    assert cancellation.stage() is stage


def test_cash_never_collected_is_not_paid_back():
    assert cancelled(is_cod=True, shipped_at=NOW).refund(NOW.day) == 0
    assert cancelled(paid_at=NOW).refund(None) is None


def test_payment_methods_tell_cash_on_delivery():
    assert read_cod("Cash on delivery") is True
    assert read_cod("Bayar di Tempat (COD)") is True
    assert read_cod("Codashop wallet") is False
    assert read_cod("") is None
