"""What a manufacturer's or a responsible person's profile must look like.

How long its texts may be is not documented; the lengths are ours.
"""

import re
from collections.abc import Mapping
from typing import Any

from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.world.registry import Profile

LOCALES = (
    "de", "en", "es", "fr", "it", "de-DE", "en-IE", "es-ES", "fr-FR", "it-IT",
)  # fmt: skip
LONGEST_NAME, LONGEST_ADDRESS = 200, 500
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_EU = {
    "AT": ("Austria", "+43"), "BE": ("Belgium", "+32"), "BG": ("Bulgaria", "+359"),
    "CY": ("Cyprus", "+357"), "CZ": ("Czech Republic", "+420"),
    "DE": ("Germany", "+49"), "DK": ("Denmark", "+45"), "EE": ("Estonia", "+372"),
    "ES": ("Spain", "+34"), "FI": ("Finland", "+358"), "FR": ("France", "+33"),
    "GR": ("Greece", "+30"), "HR": ("Croatia", "+385"), "HU": ("Hungary", "+36"),
    "IE": ("Ireland", "+353"), "IT": ("Italy", "+39"), "LT": ("Lithuania", "+370"),
    "LU": ("Luxembourg", "+352"), "LV": ("Latvia", "+371"), "MT": ("Malta", "+356"),
    "NL": ("Netherlands", "+31"), "PL": ("Poland", "+48"), "PT": ("Portugal", "+351"),
    "RO": ("Romania", "+40"), "SE": ("Sweden", "+46"), "SI": ("Slovenia", "+386"),
    "SK": ("Slovakia", "+421"),
}  # fmt: skip
_EU_COUNTRIES = {code.casefold() for code in _EU} | {
    name.casefold() for name, _ in _EU.values()
}
_EU_PHONES = {phone for _, phone in _EU.values()}
_ADDRESS_LINES = (
    "street_address_line1", "street_address_line2", "district", "city",
    "postal_code", "province", "country",
)  # fmt: skip
_NEEDED_LINES = ("street_address_line1", "postal_code", "country")


def manufacturer_profile(body: Json, before: Profile) -> Profile:
    """The profile after what `body` changes; complete if there was none before."""
    sent = before | {k: body[k] for k in _MANUFACTURER_KEYS if k in body}
    _check_text(sent.get("name"), 38023033, 38023044, "manufacturer's name")
    if "registered_trade_name" in sent:
        _check_text(
            sent["registered_trade_name"], 38023037, 38023045, "registered trade name"
        )
    _check_email(sent.get("email"))
    _check_text(
        sent.get("address"), 38023034, 38023043, "address", longest=LONGEST_ADDRESS
    )
    return sent | {"phone_number": _manufacturer_phone(sent.get("phone_number"))}


_MANUFACTURER_KEYS = (
    "name", "registered_trade_name", "email", "phone_number", "address",
)  # fmt: skip


def _manufacturer_phone(phone: Any) -> Profile:
    """May be said not to exist; else AVAILABLE is understood."""
    if not isinstance(phone, Mapping):
        raise Refusal(38023060, "Invalid phone number availability")
    availability = phone.get("availability", "AVAILABLE")
    if availability == "UNAVAILABLE":
        return {"availability": availability}
    if availability != "AVAILABLE":
        raise Refusal(38023060, "Invalid phone number availability")
    if not re.fullmatch(r"\+[1-9][0-9]{0,3}", _text(phone, "country_code")):
        raise Refusal(38023046, "Invalid phone country code format")
    return {"availability": availability, **_phone(phone)}


def responsible_person_profile(body: Json, before: Profile) -> Profile:
    """As manufacturer_profile; both address and phone are in the EU."""
    sent = before | {k: body[k] for k in _PERSON_KEYS if k in body}
    _check_text(sent.get("name"), 38023022, 38023044, "responsible person's name")
    _check_email(sent.get("email"))
    phone = sent.get("phone_number")
    if not isinstance(phone, Mapping):
        raise Refusal(38023041, "Invalid phone number length")
    if _text(phone, "country_code") not in _EU_PHONES:
        raise Refusal(38023028, "Invalid EU phone country code")
    return sent | {
        "phone_number": _phone(phone),
        "address": _eu_address(sent.get("address")),
    }


_PERSON_KEYS = ("name", "email", "phone_number", "address")


def _eu_address(address: Any) -> Profile:
    if not isinstance(address, Mapping):
        raise Refusal(38023024, "Invalid responsible person's address")
    lines = {name: _text(address, name) for name in _ADDRESS_LINES if name in address}
    if not all(lines.get(name) for name in _NEEDED_LINES):
        raise Refusal(
            38023024,
            "Invalid responsible person's address: "
            f"{', '.join(_NEEDED_LINES)} are required",
        )
    if any(len(line) > LONGEST_ADDRESS for line in lines.values()):
        raise Refusal(38023043, "Invalid address length")
    if lines["country"].casefold() not in _EU_COUNTRIES:
        raise Refusal(38023026, "Invalid EU country")
    return lines


def _phone(phone: Mapping[str, Any]) -> Profile:
    number = _text(phone, "local_number")
    if not re.fullmatch(r"[0-9]{4,15}", number):
        raise Refusal(38023041, "Invalid phone number length")
    return {"country_code": _text(phone, "country_code"), "local_number": number}


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _check_text(
    value: object, invalid: int, too_long: int, what: str, longest: int = LONGEST_NAME
) -> None:
    if not isinstance(value, str) or not value.strip():
        raise Refusal(invalid, f"Invalid {what}")
    if len(value) > longest:
        raise Refusal(too_long, f"Invalid {what} length: at most {longest} characters")


def _check_email(value: object) -> None:
    if not isinstance(value, str) or not _EMAIL.fullmatch(value) or len(value) > 254:
        raise Refusal(38023042, "Invalid email format")
