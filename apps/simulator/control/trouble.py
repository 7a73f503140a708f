"""Control: faults and the rate limit."""

from typing import Any

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.faults import KINDS
from apps.simulator.state import Simulator

_OPTIONAL: dict[str, type[Any]] = {
    "path": str,
    "shop_id": str,
    "app_key": str,
    "probability": float,
    "count": int,
    "code": int,
    "message": str,
    "status": int,
    "seconds": float,
    "retry_after": int,
}


def list_faults(simulator: Simulator, fields: Fields) -> list[Json]:
    """The faults that are on."""
    fields.done()
    return simulator.faults.as_json()


def add_fault(simulator: Simulator, fields: Fields) -> Json:
    """Add a fault: kind error, status, delay, rate_limit, drop or cut; which requests:
    path (prefix), shop_id, app_key, probability, count, duration (seconds); what:
    code, message, status, seconds (delay), retry_after."""
    chosen: Json = {"kind": fields.choice("kind", KINDS, "")}
    for name, kind in _OPTIONAL.items():
        if fields.has(name):
            chosen[name] = fields.need(name, kind)
    duration = fields.take("duration", float, 0.0)
    fields.done()
    if not 0 < chosen.get("probability", 1) <= 1:
        raise ControlError("'probability' must be above 0, at most 1.")
    fault = simulator.faults.add(chosen, duration or None)
    return {"number": fault.number}


def clear_faults(simulator: Simulator, fields: Fields, number: str = "") -> Json:
    """Remove one fault, or all of them."""
    fields.done()
    if number and not number.isdigit():
        raise ControlError("A fault is named by its number.", http=404)
    return {"removed": simulator.faults.clear(int(number) if number else None)}


def set_rate_limit(simulator: Simulator, fields: Fields) -> Json:
    """per_second calls per app, shop and API; retry_after: seconds, 0 for none."""
    limits = simulator.limits
    limits.per_second = fields.take("per_second", int, limits.per_second)
    if fields.has("retry_after"):
        limits.retry_after = fields.take("retry_after", int, 0) or None
    fields.done()
    return {"per_second": limits.per_second, "retry_after": limits.retry_after}
