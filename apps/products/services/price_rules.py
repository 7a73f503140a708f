"""Rules by which prices of a region, or of one shop, are made."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.currencies import CURRENCIES
from apps.core.money import decimals
from apps.platforms.models import Shop
from apps.platforms.regions import REGIONS
from apps.products.errors import CatalogueRefuses, Fault, ProductRefused
from apps.products.models import PriceRule
from apps.products.services.checks import Bad, amount_of, differences, said_of
from apps.products.services.locking import still_there
from apps.users.models import Client, User
from apps.users.services import audit

# column: (decimals, from which on it is too large).
_NUMBERS = {
    "rate": (10, Decimal(10) ** 10),
    "factor": (4, Decimal(10) ** 4),
    "round_to": (4, Decimal(10) ** 8),
    "ending": (4, Decimal(10) ** 8),
}


def save_rule(
    client: Client,
    values: Mapping[str, Any],
    *,
    rule: PriceRule | None = None,
    actor: User | None = None,
    address: str | None = None,
) -> tuple[PriceRule, list[str]]:
    """The rule with these columns, and what changed in words.

    The currency is the region's, or the shop's. Raises ProductRefused, or
    CatalogueRefuses where the region or shop has a rule already.
    """
    try:
        with transaction.atomic():
            return _save(client, values, rule, actor, address)
    except IntegrityError as error:
        raise CatalogueRefuses(
            "There is a rule for this region or shop already. Change that one."
        ) from error


@transaction.atomic
def delete_rule(
    rule: PriceRule, *, actor: User | None = None, address: str | None = None
) -> None:
    audit.record(
        "deleted a price rule", rule, actor=actor, client=rule.client, address=address
    )
    rule.delete()


def unsaved_rule(
    client: Client, values: Mapping[str, Any], rule: PriceRule | None = None
) -> PriceRule:
    """What `save_rule` would store, to try it out. Raises ProductRefused."""
    row = rule or PriceRule(client=client, factor=Decimal(1), round_to=Decimal(0))
    for name, value in values.items():
        setattr(row, name, value)
    if faults := _faults(client, row):
        raise ProductRefused(faults)
    return row


def _save(
    client: Client,
    values: Mapping[str, Any],
    rule: PriceRule | None,
    actor: User | None,
    address: str | None,
) -> tuple[PriceRule, list[str]]:
    if rule is not None:
        rule = still_there(PriceRule.objects.select_for_update(of=["self"]), rule)
        said = [said_of(*change) for change in differences(rule, values)]
        if not said:
            return rule, []
    else:
        said = ["new"]
    row = unsaved_rule(client, values, rule)
    row.save()
    audit.record(
        "changed a price rule" if rule else "added a price rule",
        row,
        actor=actor,
        client=client,
        address=address,
        fields=said,
    )
    return row, said


def _faults(client: Client, row: PriceRule) -> list[Fault]:
    shop = row.only_shop
    if row.region not in REGIONS:
        return [Fault("region", "Choose a region.")]
    faults = [*_wrong_numbers(row), *_wrong_shop(client, row, shop)]
    row.currency = shop.currency if shop else REGIONS[row.region].currency
    if row.base_currency not in CURRENCIES:
        faults.append(Fault("base_currency", "Write a code such as USD."))
    if row.rate_on is None or row.rate_on > timezone.localdate():
        faults.append(
            Fault("rate_on", "Say of which day the rate is; not of one to come.")
        )
    if not faults:
        faults += _wrong_steps(row)
    return faults


def _wrong_numbers(row: PriceRule) -> list[Fault]:
    faults = []
    for name, (places, limit) in _NUMBERS.items():
        value = getattr(row, name)
        if value is None and name == "ending":
            continue
        try:
            number = amount_of(value, places=places, limit=limit)
        except Bad as error:
            faults.append(Fault(name, str(error)))
            continue
        if not number and name in ("rate", "factor"):
            faults.append(Fault(name, "It is more than 0."))
    return faults


def _wrong_shop(client: Client, row: PriceRule, shop: Shop | None) -> list[Fault]:
    if shop is None:
        return []
    if shop.client_id != client.pk:
        return [Fault("only_shop", "There is no such shop.")]
    if shop.region != row.region:
        return [Fault("only_shop", f"{shop} does not sell in {row.region}.")]
    return []


def _wrong_steps(row: PriceRule) -> list[Fault]:
    """Of numbers that hold by themselves."""
    faults = []
    if row.base_currency == row.currency and row.rate != 1:
        told = f"From {row.currency} to {row.currency} the rate is 1."
        faults.append(Fault("rate", told))
    for name in ("round_to", "ending"):
        value = getattr(row, name)
        if value and value != round(value, decimals(row.currency)):
            places = decimals(row.currency) or "no"
            told = f"{row.currency} has {places} decimals."
            faults.append(Fault(name, told))
    if row.ending and not row.round_to:
        told = "An ending needs multiples to stand below: say of what."
        faults.append(Fault("ending", told))
    elif row.ending and row.ending >= row.round_to:
        faults.append(Fault("ending", "It is less than the multiple above."))
    return faults
