"""How a report's values are written, on the page and on paper alike."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.credit.services.unread import unread

NONE = "—"


def dollars(value: str | None) -> str:
    """$4,750.00"""
    if value is None:
        return NONE
    amount = Decimal(value)
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def share(value: str | None) -> str:
    """5.0%"""
    return NONE if value is None else f"{100 * Decimal(value):.1f}%"


def day(value: str | None) -> str:
    """26 Nov 2026"""
    return NONE if not value else f"{date.fromisoformat(value):%-d %b %Y}"


def moment(value: str) -> str:
    return f"{datetime.fromisoformat(value):%-d %b %Y %H:%M} UTC"


def span(first: str, last: str) -> str:
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def gaps(spans: Sequence[Sequence[str]]) -> str:
    return "; ".join(span(*each) for each in spans) or "none"


def number(value: Any) -> str:
    return NONE if value is None else f"{int(value):,}"


def head(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, value) of the report's head."""
    window = content["window"]
    return [
        ("Subject", content["subject"]),
        ("Asked for by", content["asked_by"]),
        ("Kind", content["kind"]),
        ("Data", f"{span(window['from'], window['to'])}, by each shop's own day"),
        ("Days read", f"{window['covered_days']} of 90"),
        ("Days not read", gaps(window["gaps"])),
        *(("Never read", each) for each in unread(content)),
        ("Made", moment(content["made_at"])),
        ("Issued", day(content["issued_on"])),
        ("Model", content["model"]),
        (
            "Confidence",
            f"{content['confidence_words']}"
            + (
                f", {content['confidence_share']} of 1"
                if content["confidence_share"]
                else ""
            ),
        ),
        ("Impact", (content["impact"] or NONE).replace("_", " ")),
    ]


def measured(content: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(code, what, value) of what was measured in the window, in US dollars."""
    found = content["measured"]
    return [
        ("gmv", "Sales (GMV)", dollars(found["gmv_usd"])),
        ("orders", "Orders", number(found["orders"])),
        ("aov", "Average order", dollars(found["aov_usd"])),
        ("returned", "Orders with a refund", _of(found)),
        (
            "refunds",
            "Refunds",
            f"{dollars(found['refunds_usd'])}{_part(found['return_rate'])}",
        ),
        (
            "left_out",
            "Left out (the annex says why)",
            f"{dollars(found['left_out_usd'])}{_part(found['left_out_share'])}",
        ),
        (
            "provision",
            "Set aside for returns to come",
            dollars(found["provision_usd"]),
        ),
        ("net", "Net sales", dollars(found["net_seller_usd"])),
        ("commission", "Commissions earned", dollars(found["commission_usd"])),
        ("total", "Income of the window", dollars(found["total_usd"])),
        ("monthly", "A month", dollars(found["monthly_usd"])),
        (
            "commission_paid",
            "Paid to creators (not taken off)",
            dollars(found["commission_paid_usd"]),
        ),
        (
            "settled",
            "Confirmed by settlements",
            share(found["settled_share"]),
        ),
        ("fx_missing", "Without an exchange rate", number(found["fx_missing"])),
    ]


MONTHS = ("Days", "Orders", "Sales", "Refunds", "Income", "Events")


def months(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            span(month["from"], month["to"]),
            number(month["orders"]),
            dollars(month["gmv_usd"]),
            dollars(month["refunds_usd"]),
            dollars(month["income_usd"]),
            number(month["events"]),
        )
        for month in content["months"]
    ]


ACCOUNTS = ("Account", "Currency", "Orders", "Sales", "Refunds", "Net", "Days not read")


def accounts(content: Mapping[str, Any]) -> Sequence[tuple[str, ...]]:
    shops: list[tuple[str, ...]] = [
        (
            f"{shop['name']} ({shop['region']}), ID {shop['shop_id']}",
            shop["currency"],
            number(shop["orders"]),
            dollars(shop["gmv_usd"]),
            dollars(shop["refunds_usd"]),
            dollars(shop["net_usd"]),
            gaps(shop["gaps"]),
        )
        for shop in content["shops"]
    ]
    creators = [
        (
            f"{one['name']} (creator)",
            NONE,
            number(one["standing"]["orders"]),
            NONE,
            NONE,
            dollars(one["net_usd"]),
            gaps(one["gaps"]),
        )
        for one in content["creators"]
    ]
    return shops + creators


STANDING = (
    "Account",
    "Age",
    "Registered as",
    "Rating",
    "Late",
    "Cancelled by seller",
    "Score",
    "Violations, warnings",
)


def standing(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Of each account what is known; what is not reads "not known"."""
    return [
        (
            one["name"],
            _known(known["age_days"], "{:,.0f} days"),
            (known["seller_type"] or "not known").capitalize(),
            _rating(known),
            _ratio(known["late_shipped"], known["shipped"]),
            _ratio(known["seller_cancels"], known["placed_orders"]),
            _known(known["sps"], "{:.1f} of 5"),
            f"{_known(known['violation_points'], '{:.0f}')}, "
            f"{_known(known['warnings'], '{:.0f}')}",
        )
        for one in [*content["shops"], *content["creators"]]
        for known in [one["standing"]]
    ]


COUNTS = {
    "duplicates": "Told twice, counted once",
    "not_eligible": "Not paid, cancelled, or a sample",
    "out_of_window": "Paid outside these days",
    "fx_missing": "No exchange rate",
    "own_shop_commission": "Commission for the applicant's own shop",
    "W1_self": "Bought by the applicant",
    "W3_refund_churn": "Paid back at once, again and again",
    "W4_burst": "More than five of one buyer in a day",
}


def counts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Of orders and commissions that do not count: why, and how many."""
    return [
        (words, number(content["counts"][code]))
        for code, words in COUNTS.items()
        if content["counts"].get(code)
    ]


RATES = ("Currency", "Days", "First", "Per euro", "Last", "Per euro")


def rates(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            rate["currency"],
            rate["days"],
            day(rate["first"]),
            rate["first_per_euro"],
            day(rate["last"]),
            rate["last_per_euro"],
        )
        for rate in content["rates"]
    ]


def _of(found: Mapping[str, Any]) -> str:
    return f"{number(found['returned_orders'])}{_part(found['returned_share'])}"


def _part(value: str | None) -> str:
    return f" ({share(value)})" if value is not None else ""


def _known(value: Any, form: str) -> str:
    return "not known" if value is None else form.format(float(value))


def _rating(known: Mapping[str, Any]) -> str:
    if known["rating"] is None:
        return "not known"
    reviews = _known(known["reviews"], "{:,.0f} reviews")
    return f"{float(known['rating']):.2f} of 5, {reviews}"


def _ratio(some: Any, of: Any) -> str:
    if some is None or of is None:
        return "not known"
    return f"{float(some):,.0f} of {float(of):,.0f}"
