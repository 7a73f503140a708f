"""What a credit score costs: features to score, and rows of orders to features.

Prints milliseconds of each beside those of parsing the same input as JSON, which is
the least that anything could cost.

    .venv/bin/python benchmarks/credit_score.py [scores] [orders of a snapshot]
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from apps.credit.rules import Features, SnapshotInput, score, snapshot

AS_OF = date(2026, 7, 1)
SHOP_FIGURES = {
    "age_days": 365,
    "seller_type": "business",
    "rating": 4.6,
    "reviews": 80,
    "orders": 150,
    "returned_orders": 8,
    "shipped": 150,
    "late_shipped": 6,
    "placed_orders": 154,
    "seller_cancels": 2,
    "sps": 4.0,
    "violation_points": 0,
    "warnings": 0,
}


def main() -> None:
    scores = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    orders = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    chance = random.Random(7)  # noqa: S311 - the same applicants each time

    texts = [json.dumps(an_applicant(chance)) for _ in range(scores)]
    read, plain = timed(lambda: [json.loads(text) for text in texts])
    seconds, given = timed(lambda: [Features.from_dict(one) for one in plain])
    scoring, results = timed(lambda: [score(one) for one in given])
    spread = sorted(one.score for one in results if one.score is not None)
    print(f"{scores:,} scores, from {spread[0]} to {spread[-1]}")
    show("JSON alone", read, scores, read)
    show("read into features", seconds, scores, read)
    show("score with reasons", scoring, scores, read)

    repeats = 20
    rows = [json.dumps(some_rows(chance, orders)) for _ in range(repeats)]
    read, plain = timed(lambda: [json.loads(text) for text in rows])
    parsing, inputs = timed(lambda: [SnapshotInput.from_dict(one) for one in plain])
    taking, _ = timed(lambda: [snapshot(one) for one in inputs])
    print(f"{repeats} snapshots of {orders:,} orders each")
    show("JSON alone", read, repeats, read)
    show("read into rows", parsing, repeats, read)
    show("snapshot", taking, repeats, read)


def timed(work: Callable[[], list[Any]]) -> tuple[float, list[Any]]:
    begun = perf_counter()
    done = work()
    return perf_counter() - begun, done


def show(what: str, seconds: float, times: int, least: float) -> None:
    print(
        f"  {what:<20}{1000 * seconds / times:>9.4f} ms each"
        f"{seconds:>8.2f} s in all{seconds / least:>8.1f} x"
    )


def an_applicant(chance: random.Random) -> dict[str, Any]:
    weeks = [chance.uniform(0, 3000) for _ in range(12)]
    total = sum(weeks)
    nets = [total * 0.7, total * 0.3]
    return {
        "covered_days": 90,
        "net_seller_usd": total,
        "net_affiliate_usd": 0,
        "months_income": [sum(weeks[at : at + 4]) for at in (0, 4, 8)],
        "months_events": [chance.randint(0, 200) for _ in range(3)],
        "weekly_income": weeks,
        "active_weeks": chance.randint(0, 12),
        "active_days": chance.randint(0, 90),
        "source_income": {"seller:US": nets[0], "seller:GB": nets[1]},
        "m1_open_fraction": chance.random(),
        "oldest_age_days": 365,
        "new_products_sold": chance.randint(0, 9),
        "regions_active": 2,
        "partners_m1": 6,
        "partners_m3": chance.randint(0, 20),
        "settle_match": chance.random(),
        "entities": [{"kind": "shop", "net_usd": net, **SHOP_FIGURES} for net in nets],
    }


def some_rows(chance: random.Random, orders: int) -> dict[str, Any]:
    days = [AS_OF - timedelta(days=back) for back in range(110)]
    return {
        "as_of": AS_OF.isoformat(),
        "rates": {day.isoformat(): {"USD": "1.1712", "GBP": "0.87"} for day in days},
        "shops": [
            {"shop_id": "US1", "tz": "America/New_York", "region": "US"},
            {"shop_id": "UK1", "tz": "Europe/London", "region": "GB"},
        ],
        "orders": [an_order(chance, number) for number in range(orders)],
    }


def an_order(chance: random.Random, number: int) -> dict[str, Any]:
    paid_at = datetime(2026, 7, 1, tzinfo=UTC) - timedelta(
        minutes=chance.randint(1, 90 * 1440)
    )
    value = chance.randint(500, 20_000)
    is_refunded = chance.random() < 0.1
    return {
        "shop_id": chance.choice(["US1", "UK1"]),
        "order_id": str(number),
        "buyer_id": f"b{chance.randint(0, 300)}",
        "addr_hash": f"h{chance.randint(0, 280)}",
        "paid_at": paid_at.isoformat(),
        "status": "COMPLETED",
        "currency": chance.choice(["USD", "GBP"]),
        "value": f"{value / 100:.2f}",
        "refunded": f"{value / 100:.2f}" if is_refunded else "0",
        "refund_at": (paid_at + timedelta(days=2)).isoformat() if is_refunded else None,
    }


if __name__ == "__main__":
    main()
