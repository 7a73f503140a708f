"""What a commission comes to, and whose word stands."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from apps.content.rules.commission import (
    counts,
    earned_by_creator,
    merged,
    paid_by_shop,
)
from apps.integrations.contracts.affiliate import CommissionAmounts

D = Decimal


def make_row(**changes: Any) -> dict[str, Any]:
    return {
        "settlement": "to_settle",
        "actual_amount": None,
        "shop_name": "",
        "remote_updated_at": None,
        "source": "api",
    } | changes


def test_a_shop_pays_all_parts_and_a_creator_gets_what_is_left_of_them():
    amounts = CommissionAmounts(
        base=D(100), commission=D(10), shop_ads=D(2), partner=D(3), taxes=D("1.5")
    )

    assert paid_by_shop(amounts) == D(15)
    assert earned_by_creator(amounts) == D("7.5")
    assert earned_by_creator(CommissionAmounts(commission=D(10), taxes=D(-1))) == D(9)


def test_nothing_told_is_not_zero_and_a_told_total_stands():
    assert paid_by_shop(CommissionAmounts(base=D(100))) is None
    assert earned_by_creator(CommissionAmounts(taxes=D(1))) is None
    assert earned_by_creator(CommissionAmounts(commission=D(9), total=D(7))) == D(7)


@pytest.mark.parametrize(
    ("settlement", "expected"),
    [
        ("settled", D(4)),
        ("to_settle", D(5)),
        ("awaiting_payment", D(5)),
        ("unknown", D(5)),
        ("ineligible", D(0)),
    ],
)
def test_only_what_is_settled_is_money(settlement, expected):
    assert counts(settlement, D(5), D(4)) == expected


def test_what_is_settled_without_an_amount_is_not_known():
    assert counts("settled", D(5), None) is None


def test_the_platforms_newest_word_replaces_the_older_and_erases_nothing():
    old = make_row(actual_amount=D(4), shop_name="Kedai")
    new = make_row(settlement="settled", actual_amount=D(3))

    assert merged(old, new, is_file=False) == {
        "settlement": "settled",
        "actual_amount": D(3),
    }


def test_news_older_than_what_is_known_changes_nothing():
    old = make_row(remote_updated_at=datetime(2026, 3, 2, tzinfo=UTC))
    new = make_row(
        settlement="settled", remote_updated_at=datetime(2026, 3, 1, tzinfo=UTC)
    )

    assert merged(old, new, is_file=False) == {}


def test_a_file_that_is_behind_only_fills_gaps():
    old = make_row(settlement="settled", actual_amount=D(4))
    new = make_row(actual_amount=D(9), shop_name="Kedai", source="file")

    assert merged(old, new, is_file=True) == {"shop_name": "Kedai"}


def test_a_file_that_is_ahead_replaces():
    new = make_row(settlement="settled", actual_amount=D(4), source="file")

    changes = merged(make_row(), new, is_file=True)

    assert changes == {
        "settlement": "settled",
        "actual_amount": D(4),
        "source": "file",
    }
