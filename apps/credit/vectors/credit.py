"""Calculations of income and its score, and of exchange rates, by plain values."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from apps.credit import rules
from apps.credit.rules.plain import amount, canonical, day, number, number_or_none

Data = Mapping[str, Any]


def _income(data: Data) -> dict[str, Any]:
    names = ("gmv", "return_rate", "sales_generated", "commission_rate", "days")
    given = {name: number(data[name]) for name in names if data.get(name) is not None}
    commission = number_or_none(data.get("commission"))
    return asdict(rules.income(commission=commission, **given))


def _snapshot(data: Data) -> dict[str, Any]:
    return rules.snapshot(rules.SnapshotInput.from_dict(data)).to_dict()


def _concentration(data: Data) -> dict[str, Any]:
    names = ("limit", "floor")
    given = {name: number(data[name]) for name in names if data.get(name) is not None}
    values = [number(value) for value in data.get("values") or ()]
    found = asdict(rules.concentration(values, **given))
    return found | {"counted": list(found["counted"])}


def _score(data: Data) -> dict[str, Any]:
    result = rules.score(rules.Features.from_dict(data))
    reasons = {reason.code: reason.sentence for reason in result.reasons}
    return asdict(result) | {"reasons": list(reasons), "sentences": reasons}


def _convert(data: Data) -> dict[str, Any]:
    found = rules.rate_table(data.get("rates") or {}).convert(
        amount(data["amount"]),
        str(data["currency"]).upper(),
        str(data.get("base") or rules.USD).upper(),
        day(data.get("date") or data.get("paid_at") or data["at"]),
    )
    return {
        "status": found.status,
        "amount_base": number_or_none(found.amount_base),
        "rate": number_or_none(found.rate),
        "rate_date": found.rate_date and found.rate_date.isoformat(),
        "days_back": found.days_back,
    }


def _hash(data: Data) -> dict[str, Any]:
    """Of what stands under `snapshot`, or of everything."""
    value = data.get("snapshot", data)
    return {"hash": rules.fingerprint(value), "canonical": canonical(value)}


FUNCTIONS: dict[str, Callable[[Data], dict[str, Any]]] = {
    "credit.income": _income,
    "credit.snapshot": _snapshot,
    "credit.concentration": _concentration,
    "credit.score": _score,
    "credit.hash": _hash,
    "fx.convert": _convert,
}
