"""The calculations by name, with values as JSON has them."""

import json
from hashlib import sha256

import pytest

from apps.credit.vectors import call
from tests.credit.profiles import seller_features
from tests.credit.rows import RATES, at, make_commission, make_order

SHOPS = [
    {"shop_id": "US1", "tz": "America/New_York", "region": "US"},
    {"shop_id": "ID1", "tz": "Asia/Jakarta", "region": "ID"},
]


def test_income_is_reckoned_or_taken_as_given():
    reckoned = call(
        "credit.income",
        {"gmv": "8000", "return_rate": 0.1, "sales_generated": 900, "days": 60}
        | {"commission_rate": "0.2"},
    )
    given = call("credit.income", {"commission": 45, "sales_generated": 900})

    assert reckoned == {
        "net_seller": 7200,
        "commission": 180,
        "total": 7380,
        "monthly": 3690,
    }
    assert (given["commission"], given["monthly"]) == (45, 15)
    assert call("credit.income", {"gmv": 1, "days": 0})["monthly"] is None


def test_a_snapshot_comes_with_all_that_is_asked_of_it():
    found = call(
        "credit.snapshot",
        {
            "as_of": "2026-07-01",
            "base": "USD",
            "rates": RATES,
            "shops": SHOPS,
            "creator_ids": ["me"],
            "orders": [make_order(7, age=3, value="250.00")],
            "commissions": [make_commission("x", age=40, actual="12.50")],
        },
    )

    assert found["net_seller_usd"] == 250
    assert found["net_affiliate_usd"] == 12.5
    assert found["monthly_usd"] == 87.5
    assert found["months_income"] == [0, 12.5, 250]
    assert found["months_events"] == [0, 1, 1]
    assert len(found["weekly_income"]) == 12
    assert (found["active_days"], found["active_weeks"]) == (2, 2)
    assert found["source_income"] == {"seller:US": 250, "seller:ID": 0} | {
        "affiliate": 12.5
    }
    assert found["counts"] == dict.fromkeys(
        [
            "duplicates",
            "not_eligible",
            "out_of_window",
            "fx_missing",
            "own_shop_commission",
            "W1_self",
            "W3_refund_churn",
            "W4_burst",
        ],
        0,
    )
    assert found["integrity"] == {"excluded_value_share": 0, "fx_missing_share": 0}
    assert (found["provision_usd"], found["clawback"], found["buyer_cap_usd"]) == (
        0,
        0,
        500,
    )
    json.dumps(found)


def test_a_concentration_takes_its_limits_or_the_usual_ones():
    values = ["900", 900, 900.0, 100, 100, 100]

    usual = call("credit.concentration", {"values": values})
    strict = call("credit.concentration", {"values": values, "floor": 0})
    tenth = call("credit.concentration", {"values": values, "limit": 0.1, "floor": 50})

    assert (usual["cap"], usual["excluded"]) == (500, 1200)
    # A quarter of 300 and of three times itself.
    assert strict["cap"] == pytest.approx(300)
    assert strict["counted"] == pytest.approx([300] * 3 + [100] * 3)
    assert tenth["counted"] == [50] * 6


def test_a_score_comes_as_codes_with_their_sentences():
    data = seller_features().to_dict() | {"source_income": ["14250", None]}

    found = call("credit.score", data)

    assert (found["status"], found["score"], found["model"]) == (
        "scored",
        666,
        "tts-credit-1.0.0",
    )
    assert found["reasons"] == [
        "REV_LEVEL",
        "GRO_REVENUE",
        "CON_DIVERSITY",
        "GRO_ORDERS",
    ]
    assert list(found["sentences"]) == found["reasons"]
    assert found["lost"].keys() == found["components"].keys()
    json.dumps(found)


def test_no_data_at_all_is_unscorable_and_not_an_error():
    found = call("credit.score", {})

    assert (found["status"], found["score"]) == ("unscorable", None)
    assert found["reasons"] == ["DATA_INSUFFICIENT"]
    assert found["confidence_level"] == "INSUFFICIENT"


def test_a_hash_is_of_sorted_utf8_json_with_decimals_as_strings():
    value = {"b": 0.1, "a": [1, "ü", None, 2.0], "c": True}
    expected = '{"a":[1,"ü",null,2],"b":"0.1","c":true}'

    found = call("credit.hash", {"snapshot": value})

    assert found["canonical"] == expected
    assert found["hash"] == sha256(expected.encode()).hexdigest()
    assert call("credit.hash", value)["hash"] == found["hash"]


def test_amounts_are_converted_to_floats_and_dates_to_text():
    rates = {"2026-03-06": {"USD": "1.17", "IDR": 19400, "VND": "N/A", "GBP": None}}
    asked = {"amount": "97000", "currency": "IDR", "base": "USD", "rates": rates}

    found = call("fx.convert", asked | {"date": "2026-03-09"})

    assert found["amount_base"] == pytest.approx(5.85)
    assert found["rate"] == pytest.approx(1.17 / 19400)
    assert (found["status"], found["rate_date"], found["days_back"]) == (
        "ok",
        "2026-03-06",
        3,
    )
    missing = call("fx.convert", asked | {"date": "2026-03-06", "currency": "vnd"})
    assert missing == dict.fromkeys(found) | {"status": "missing"}


def test_revenue_is_told_by_total_day_and_shop():
    line = {"shop_id": "US1", "order_id": "1", "paid_at": at(3), "currency": "USD"}
    found = call(
        "consolidated.revenue",
        {
            "base": "USD",
            "rates": RATES,
            "shops": SHOPS,
            "from": "2026-06-28",
            "to": "2026-06-29",
            "lines": [
                line | {"line_id": "a", "amount": "80.00", "qty": 2},
                line | {"line_id": "b", "amount": 20, "refunded": "5", "status": None},
            ],
            "settlements": [
                {"shop_id": "US1", "at": at(2), "amount": "61.5", "currency": "USD"}
            ],
        },
    )

    assert found == {
        "total": {
            "gmv": 100,
            "cancelled": 0,
            "refunds": 5,
            "net": 95,
            "orders": 1,
            "units": 3,
            "settled": 61.5,
        },
        "net_by_day": {"2026-06-28": 95, "2026-06-29": 0},
        "net_by_shop": {"US1": 95, "ID1": 0},
        "fx_missing": 0,
    }


def test_channels_are_told_of_one_line_or_of_many():
    lives = [
        {
            "id": "l",
            "shop_id": "s",
            "start": "2026-05-03T12:00:00Z",
            "end": "2026-05-03T13:00:00Z",
            "products": ["p"],
        }
    ]
    line = {"shop_id": "s", "product_id": "p", "paid_at": "2026-05-03T13:20:00Z"}

    one = call("consolidated.channel", line | {"lives": lives})
    many = call(
        "consolidated.channel",
        {
            "lives": lives,
            "lines": [
                line | {"net": "8", "creator_id": "c"},
                line | {"product_id": "q", "net": "2", "organic": True},
            ],
        },
    )

    assert (one["channel"], one["source"], one["content_id"]) == (
        "LIVE",
        "inferred",
        "l",
    )
    assert [each["channel"] for each in many["lines"]] == ["LIVE", "PRODUCT_CARD"]
    assert many["channels"] == {"LIVE": 8, "PRODUCT_CARD": 2}
    assert many["creators"] == {"c": 8, "(none)": 2}


def test_ranks_funnels_and_lives_are_plain_figures():
    products = call(
        "consolidated.top",
        {
            "n": 1,
            "rows": [
                {"shop_id": "s", "item_id": "1", "net": "5", "units": 1},
                {"shop_id": "s", "item_id": "2", "net": "15", "master_id": "m"},
            ],
        },
    )
    creators = call(
        "consolidated.top",
        {"creators": [{"creator_id": "c", "net": "5", "orders": 1, "views": 50}]},
    )
    funnel = call("consolidated.funnel", {"rows": [{"views": 500, "net": "20"}]})
    lives = call(
        "consolidated.live",
        {"sessions": [{"id": "l", "hours": 2, "net": 50, "viewers": 100}]},
    )

    assert products["top"] == [{"key": "m", "net": 15, "units": 0, "share": 0.75}]
    assert creators["creators"][0]["conversion"] == 0.02
    assert (funnel["per_mille"], funnel["click_to_order"]) == (40, None)
    assert lives["sessions"][0]["net_per_hour"] == 25
    assert lives["sessions"][0]["index"] == 1
    json.dumps([products, creators, funnel, lives])


def test_health_takes_figures_as_text_and_empty_subjects_as_unknown():
    told = {
        "now": 1_780_000_000,
        "access_obtained_at": 1_779_400_000,
        "access_expires_at": "2026-05-29T20:26:40Z",
        "api_calls": "200",
        "api_errors": "52",
        "live": {"peak": "40", "minutes": "25", "previous_peaks": ["90", 110, 100]},
        "affiliate": {},
    }

    found = call("health.conditions", told)
    empty = call("health.conditions", {"now": told["now"], "live": {}})

    assert found["API_ERROR_RATE"]["severity"] == "critical"
    assert found["ACCESS_TOKEN_EXPIRING"]["value_days"] == 1
    live = found["LIVE_LOW_VIEWERS"]
    assert (live["state"], live["value"], live["median"]) == ("firing", 40, 100)
    assert found["AFFILIATE_LOW"]["state"] == "nodata"
    assert empty["LIVE_LOW_VIEWERS"]["state"] == "nodata"


def test_an_alert_about_errors_waits_as_long_as_its_code_says():
    looks = [
        {"t": "5", "state": "firing"},
        {"t": 10, "state": "firing"},
        *({"t": t, "state": "ok"} for t in (15, 20, 25)),
    ]

    usual = call("health.alerts", {"evals": looks})
    of_errors = call("health.alerts", {"evals": looks, "code": "API_ERROR_RATE"})

    assert usual["events"] == [[5, "opened"], [5, "notify"], [15, "resolved"]]
    assert of_errors["events"] == [[10, "opened"], [10, "notify"], [25, "resolved"]]
    assert call("health.alerts", {})["state"] == "none"


def test_rates_of_an_empty_day_and_small_letters_are_read():
    rates = {"2026-03-06": None, "2026-03-05": {"usd": "1.20", "mxn": 24}}

    found = call(
        "fx.convert",
        {"amount": 60, "currency": "mxn", "at": "2026-03-06T23:30:00-08:00"}
        | {"rates": rates},
    )

    assert (found["amount_base"], found["days_back"]) == (3, 2)


def test_lives_without_a_shop_are_of_the_lines_and_a_line_may_have_no_time():
    live = {"id": "l", "start": "2026-05-03T12:00:00Z", "products": ["p"]}
    line = {"shop_id": "s", "product_id": "p", "paid_at": "2026-05-03T12:40:00Z"}

    running = call("consolidated.channel", line | {"lives": [live]})
    elsewhere = call("consolidated.channel", line | {"lives": [live | {"shop": "t"}]})
    timeless = call("consolidated.channel", {"content_type": "SHOWCASE"})

    assert (running["channel"], running["content_id"]) == ("LIVE", "l")
    assert elsewhere["channel"] == "OTHER"
    assert (timeless["channel"], timeless["source"]) == ("SHOWCASE", "platform")


def test_ranks_say_keys_in_order_and_rows_of_creators_rank_creators():
    products = call(
        "consolidated.top",
        {
            "rows": [
                {"shop": "s", "item": "1", "net": "2"},
                {"shop": "s", "item": "2", "net": "6"},
            ]
        },
    )
    creators = call(
        "consolidated.top",
        {
            "rows": [
                {"creator_id": "c", "shop_id": "s", "net": 4, "contents": 2},
                {"creator_id": "c", "shop_id": "t", "net": 4, "contents": 3},
                {"creator_id": "d", "shop_id": "t", "net": 9, "contents": ["v"]},
            ]
        },
    )

    assert products["ranking"] == ["s:2", "s:1"]
    assert products["shares"] == {"s:2": 0.75, "s:1": 0.25}
    assert creators["ranking"] == ["d", "c"]
    assert [one["contents"] for one in creators["creators"]] == [1, 5]


def test_a_live_may_tell_its_minutes():
    found = call("consolidated.live", {"sessions": [{"minutes": 90, "net": 30}]})

    assert found["sessions"][0]["net_per_hour"] == pytest.approx(20)
