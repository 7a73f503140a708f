"""Orders and commissions for tests of an applicant's income, in plain values."""

from datetime import UTC, date, datetime, timedelta

from apps.credit.rules import SnapshotInput, snapshot

AS_OF = date(2026, 7, 1)
RATES = {
    (AS_OF - timedelta(days=day)).isoformat(): {"USD": "1.10", "GBP": "0.88"}
    for day in range(0, 130, 3)
}


def at(age, hour=12, minute=0):
    """So many days before AS_OF, in UTC."""
    day = datetime(AS_OF.year, AS_OF.month, AS_OF.day, hour, minute, tzinfo=UTC)
    return (day - timedelta(days=age)).isoformat()


def make_order(order_id, age=10, value="100.00", **more):
    order = {
        "shop_id": "US1",
        "order_id": str(order_id),
        "buyer_id": f"buyer-{order_id}",
        "paid_at": at(age),
        "status": "COMPLETED",
        "currency": "USD",
        "value": value,
        "refunded": "0",
    }
    return order | more


def make_commission(order_id, age=10, estimated="10.00", actual=None, **more):
    commission = {
        "order_id": str(order_id),
        "sku_id": "s",
        "creator_id": "me",
        "shop_id": "OTHERS",
        "at": at(age),
        "currency": "USD",
        "estimated": estimated,
        "actual": actual,
    }
    return commission | more


def given_rows(orders=(), commissions=(), **more):
    """An applicant with a shop in the US and one in the UK, and an account as a
    creator."""
    whole = {
        "as_of": AS_OF.isoformat(),
        "base": "USD",
        "rates": RATES,
        "shops": [
            {"shop_id": "US1", "tz": "America/New_York", "region": "US"},
            {"shop_id": "UK1", "tz": "Europe/London", "region": "GB"},
        ],
        "applicant_buyer_ids": ["myself"],
        "creator_ids": ["me"],
        "orders": list(orders),
        "commissions": list(commissions),
    }
    return SnapshotInput.from_dict(whole | more)


def income_of(orders=(), commissions=(), **more):
    return snapshot(given_rows(orders, commissions, **more))
