"""What the bodies of fulfilment calls say, checked for their form."""

import re
from decimal import Decimal, InvalidOperation

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.fulfilment.codes import refuse
from apps.simulator.world.carriers import carriers

INVALID = 21001001
_NUMBER = re.compile(r"[A-Za-z0-9-]*")
_SHORTEST, _LONGEST = 6, 40
_UNITS = {"dimension": ("CM", "INCH"), "weight": ("GRAM", "POUND")}
_PARTS = {"dimension": ("length", "width", "height"), "weight": ("value",)}


def texts(body: Json, name: str, *, code: int = INVALID) -> list[str]:
    """A list of strings, empty where it was not sent."""
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise refuse(code, f"'{name}' must be a list of strings.")
    return value


def rows(body: Json, name: str, *, code: int = INVALID) -> list[Json]:
    """A list of objects that must be there and not be empty."""
    value = body.get(name)
    is_list = isinstance(value, list) and all(isinstance(one, dict) for one in value)
    if not value or not is_list:
        raise refuse(code, f"'{name}' must be a list of objects.")
    return list(value)


def line_ids(call: Call, older: str, newer: str) -> list[str]:
    """Ids of order line items: a list of strings, or of objects in newer versions."""
    body = call.body
    if newer not in body:
        return texts(body, older)
    if not body[newer]:
        return []
    return [str(row.get("order_line_id", "")) for row in rows(body, newer)]


def own_carrier(call: Call, sent: object, *, marking: bool = False) -> Json:
    """An own carrier with its tracking number, as a parcel keeps them. `marking`: the
    more telling errors of the API that marks orders as shipped."""
    sent = sent if isinstance(sent, dict) else {}
    number, provider_id = sent.get("tracking_number"), sent.get("shipping_provider_id")
    if not isinstance(number, str) or not isinstance(provider_id, str):
        raise refuse(INVALID if marking else 21011022)
    name = carriers(call.shop).get(provider_id)
    if name is None or not number:
        raise refuse(21011022)
    _check_number(number, marking=marking)
    return {
        "tracking_number": number,
        "provider_id": provider_id,
        "provider_name": name,
    }


def _check_number(number: str, *, marking: bool) -> None:
    if not _NUMBER.fullmatch(number):
        raise refuse(21004012 if marking else 21011022)
    if not _SHORTEST <= len(number) <= _LONGEST:
        raise refuse(11028006)


def check_unused(call: Call, number: str, package_id: str = "") -> None:
    """Refuse a number that another package of a seller has."""
    other = call.simulator.world.depot.numbers.get(number, package_id)
    if other != package_id:
        raise refuse(21011025)


def sizes(body: Json) -> Json:
    """Weight and dimension of a box, where they were sent."""
    found: Json = {}
    for name, parts in _PARTS.items():
        if (value := body.get(name)) is None:
            continue
        value = value if isinstance(value, dict) else {}
        if value.get("unit") not in _UNITS[name] or not all(
            _is_positive(value.get(part)) for part in parts
        ):
            raise refuse(INVALID, f"'{name}' is incomplete or not a size.")
        found[name] = {part: value[part] for part in (*parts, "unit")}
    return found


def _is_positive(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return number.is_finite() and number > 0
