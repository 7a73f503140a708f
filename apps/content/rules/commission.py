"""What a commission comes to, and whose word of it stands."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.integrations.contracts import Source
from apps.integrations.contracts.affiliate import CommissionAmounts, Settlement

_TIMES = ("placed_at", "delivered_at", "settled_at")


def paid_by_shop(amounts: CommissionAmounts) -> Decimal | None:
    """All that a shop pays for a sale: to the creator, and to an agency."""
    if amounts.total is not None:
        return amounts.total
    return _sum(
        amounts.commission,
        amounts.shop_ads,
        amounts.bonus,
        amounts.cofunded,
        amounts.partner,
    )


def earned_by_creator(amounts: CommissionAmounts) -> Decimal | None:
    """What a creator gets of a sale: less what is withheld and what a partner gets,
    which sources write with and without a minus."""
    if amounts.total is not None:
        return amounts.total
    gross = _sum(amounts.commission, amounts.shop_ads, amounts.bonus, amounts.cofunded)
    if gross is None:
        return None
    return gross - abs(amounts.taxes or Decimal(0)) - abs(amounts.partner or Decimal(0))


def counts(
    settlement: str, estimated: Decimal | None, actual: Decimal | None
) -> Decimal | None:
    """The commission as it stands: the actual one of what is settled, the estimate of
    what is not, none of what will never be; None where that is not known."""
    if settlement == Settlement.INELIGIBLE:
        return Decimal(0)
    return actual if settlement == Settlement.SETTLED else estimated


def merged(
    old: Mapping[str, Any], new: Mapping[str, Any], *, is_file: bool
) -> dict[str, Any]:
    """The columns of `old` that `new` changes, {name: value}.

    What a version does not say changes nothing. The platform's newer version replaces
    an older one; a file that is behind what is known only fills gaps, and never takes
    the place of what the platform itself said of the same step.
    """
    told = {name: value for name, value in new.items() if _says(name, value)}
    if not is_file:
        before, after = old["remote_updated_at"], new["remote_updated_at"]
        if before and after and after < before:
            return {}
        return _differing(old, told)
    # Files tell days, the platform the second.
    told = {name: v for name, v in told.items() if name not in _TIMES or not old[name]}
    ahead = _step(new) - _step(old)
    if ahead > 0 or (ahead == 0 and old["source"] == Source.FILE):
        return _differing(old, told)
    gaps = {name: v for name, v in told.items() if not _says(name, old[name])}
    gaps.pop("source", None)
    return gaps


def _step(row: Mapping[str, Any]) -> int:
    """Nothing may go back from the end because an older file is read in."""
    return Settlement(row["settlement"]).step


def _says(name: str, value: Any) -> bool:
    if value is None or value == "" or value == {}:
        return False
    return not (
        (name == "settlement" and value == Settlement.UNKNOWN)
        or (name == "content_type" and value == "other")
    )


def _differing(old: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if old[name] != value}


def _sum(*parts: Decimal | None) -> Decimal | None:
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if known else None
