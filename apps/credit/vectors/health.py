"""Calculations of health and alerts, by plain values."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.alerts.rules import conditions, life_cycle
from apps.alerts.rules.words import Severity, State
from apps.credit.rules.plain import instant, instant_or_none, number

Data = Mapping[str, Any]
_START = datetime(2000, 1, 1, tzinfo=UTC)
# Looks in a row that open an alert and that close it, where it is not one of each.
_PATIENCE = {conditions.API_ERRORS: life_cycle.Patience(2, 3)}
_UNITS = {
    conditions.ACCESS: "days",
    conditions.REFRESH: "days",
    conditions.ORDER_DELAY: "minutes",
}


def _conditions(data: Data) -> dict[str, Any]:
    live, sales = data.get("live"), data.get("affiliate")
    given: dict[str, Any] = {
        name: data[name]
        for name in ("sync_runs", "auto_sync")
        if data.get(name) is not None
    } | {
        name: _figure(data[name])
        for name in ("interval_minutes", "api_calls", "api_errors")
        if data.get(name) is not None
    }
    figures = conditions.Figures(
        now=instant(data["now"]),
        access_obtained_at=instant_or_none(data.get("access_obtained_at")),
        access_expires_at=instant_or_none(data.get("access_expires_at")),
        refresh_obtained_at=instant_or_none(data.get("refresh_obtained_at")),
        refresh_expires_at=instant_or_none(data.get("refresh_expires_at")),
        order_watermark=instant_or_none(data.get("order_watermark")),
        live=_live(live) if live else None,
        affiliate=_affiliate(sales) if sales else None,
        **given,
    )
    health = conditions.conditions(figures)
    told: dict[str, Any] = {
        code: _result(code, result) for code, result in health.results.items()
    }
    return told | {
        "sync_success_rate": health.sync_success_rate,
        "status": health.status,
    }


def _live(told: Data) -> conditions.Live | None:
    if told.get("peak") is None or told.get("minutes") is None:
        return None
    peaks = [
        _figure(peak) for peak in told.get("previous_peaks") or () if peak is not None
    ]
    return conditions.Live(_figure(told["peak"]), _figure(told["minutes"]), peaks)


def _affiliate(told: Data) -> conditions.Affiliate | None:
    names = ("clicks", "orders", "prev_clicks", "prev_orders")
    values = [told.get(name) for name in names]
    if any(value is None for value in values):
        return None
    return conditions.Affiliate(*(int(_figure(value)) for value in values))


def _result(code: str, result: conditions.Result) -> dict[str, Any]:
    told: dict[str, Any] = {
        "state": result.state.value,
        "severity": result.severity and result.severity.value,
        **result.more,
    }
    unit = _UNITS.get(code)
    for name, value in (("value", result.value), ("threshold", result.threshold)):
        if isinstance(value, timedelta):
            told[f"{name}_{unit}"] = value / timedelta(**{str(unit): 1})
        else:
            told[f"{name}_{unit}" if unit else name] = value
    return told


def _alerts(data: Data) -> dict[str, Any]:
    usual = _PATIENCE.get(str(data.get("code")), life_cycle.AT_ONCE)
    patience = life_cycle.Patience(
        int(data.get("for") or usual.firings), int(data.get("clear") or usual.clears)
    )
    cycle, happened = life_cycle.run(map(_look, data.get("evals") or ()), patience)
    return {
        "events": [
            [_number((at - _START) / timedelta(minutes=1)), event.value]
            for at, event in happened
        ],
        "state": cycle.stage.value,
        "severity": cycle.severity and cycle.severity.value,
    }


def _look(told: Data) -> life_cycle.Look:
    severity = told.get("severity")
    return life_cycle.Look(
        at=_START + timedelta(minutes=number(told["t"])),
        state=State(told["state"]),
        severity=Severity(severity) if severity else None,
        is_clear=told.get("clear", True) is not False,
        is_acknowledged=bool(told.get("ack", False)),
        is_muted=bool(told.get("muted", False)),
    )


def _number(value: float) -> float:
    return int(value) if value == int(value) else value


def _figure(value: Any) -> float:
    """A number, or a string of one; whole ones stay whole."""
    return _number(number(value))


FUNCTIONS: dict[str, Callable[[Data], dict[str, Any]]] = {
    "health.conditions": _conditions,
    "health.alerts": _alerts,
}
