"""Whom a client buys from, and what they ask for which variant."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from apps.core.currencies import CURRENCIES
from apps.products.errors import (
    CatalogueRefuses,
    ChangedMeanwhile,
    Fault,
    InUse,
    ProductRefused,
)
from apps.products.models import Product, Supplier, SupplySource
from apps.products.services.checks import Bad, amount_of, differences, line_of
from apps.products.services.locking import still_there
from apps.users.models import Client, User
from apps.users.services import audit


def save_supplier(
    client: Client,
    values: Mapping[str, Any],
    *,
    supplier: Supplier | None = None,
    actor: User | None = None,
    address: str | None = None,
) -> Supplier:
    """`values` are columns of Supplier. Raises ProductRefused."""
    faults = _faults(values, "minimum_order_amount")
    faults += _moved_currency(supplier, values)
    if not str(values.get("name", supplier.name if supplier else "")).strip():
        faults.append(Fault("name", "A supplier needs a name."))
    if faults:
        raise ProductRefused(faults)
    try:
        with transaction.atomic():
            row = Supplier(client=client)
            if supplier is not None:
                row = still_there(Supplier.objects.select_for_update(), supplier)
            changed = [name for name, _, _ in differences(row, values)]
            for name, value in values.items():
                setattr(row, name, value)
            if changed or row.pk is None:
                row.save()
                audit.record(
                    "changed a supplier" if supplier else "added a supplier",
                    row,
                    actor=actor,
                    client=client,
                    address=address,
                    fields=[name.replace("_", " ") for name in changed],
                )
            return row
    except IntegrityError as error:
        told = "There is such a supplier already."
        raise ProductRefused([Fault("name", told)]) from error


@transaction.atomic
def delete_supplier(
    supplier: Supplier, *, actor: User | None = None, address: str | None = None
) -> None:
    """Raises InUse while something is bought there."""
    supplier = still_there(Supplier.objects.select_for_update(), supplier)
    if count := supplier.sources.count():
        are = "s are" if count > 1 else " is"
        raise InUse(
            f"{supplier} stays, because {count} variant{are} bought there. Make it "
            "inactive instead."
        )
    audit.record(
        "deleted a supplier",
        supplier,
        actor=actor,
        client=supplier.client,
        address=address,
    )
    supplier.delete()


def set_sources(
    product: Product,
    wanted: Sequence[Mapping[str, Any]],
    *,
    of: Collection[int] | None = None,
    seen: str | None = None,
    actor: User | None = None,
    address: str | None = None,
) -> bool:
    """Let the product's variants (those with the keys `of`, or all) be bought as
    `wanted` says, and nowhere else; False where it is so.

    Each has `variant`, `supplier` and other columns of SupplySource. Raises
    ProductRefused, whose rows are places in `wanted`, and ChangedMeanwhile where
    the rows are no longer those that had the mark `seen`.
    """
    try:
        with transaction.atomic():
            product = still_there(
                Product.objects.select_for_update(no_key=True), product
            )
            concerned = product.variants.values_list("pk", flat=True)
            keys = set(concerned if of is None else concerned.filter(pk__in=of))
            if seen is not None and seen != mark_of_sources(keys):
                raise ChangedMeanwhile(
                    "Somebody changed these suppliers while you were at it. Open the "
                    "page again, and change what still has to be changed."
                )
            return _set_sources(product, wanted, keys, actor, address)
    except IntegrityError as error:
        raise CatalogueRefuses(
            "Somebody has just changed the same suppliers. Look again."
        ) from error


def mark_of_sources(variants: Collection[int]) -> str:
    """Tells whether it is still the same suppliers that somebody saw."""
    rows = SupplySource.objects.filter(variant__in=variants).order_by("pk")
    told = [f"{pk} {at}" for pk, at in rows.values_list("pk", "modified_at")]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _set_sources(
    product: Product,
    wanted: Sequence[Mapping[str, Any]],
    keys: set[int],
    actor: User | None,
    address: str | None,
) -> bool:
    faults = _wrong_sources(product, wanted, keys)
    if faults:
        raise ProductRefused(faults)
    stored = {
        (row.variant_id, row.supplier_id): row
        for row in SupplySource.objects.filter(variant__in=keys)
    }
    asked = {(each["variant"].pk, each["supplier"].pk): each for each in wanted}
    gone = [row.pk for key, row in stored.items() if key not in asked]
    changed = {
        key: values
        for key, values in asked.items()
        if key not in stored or any(differences(stored[key], values))
    }
    if not gone and not changed:
        return False
    SupplySource.objects.filter(pk__in=gone).delete()
    # One is preferred at a time: who no longer is makes way first.
    for key, values in sorted(
        changed.items(), key=lambda item: bool(item[1].get("is_preferred"))
    ):
        row = stored.get(key) or SupplySource(client_id=product.client_id)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    audit.record(
        "changed the suppliers",
        product,
        actor=actor,
        client=product.client,
        address=address,
        changed=len(changed),
        removed=len(gone),
    )
    return True


def _wrong_sources(
    product: Product, wanted: Sequence[Mapping[str, Any]], keys: set[int]
) -> list[Fault]:
    faults: list[Fault] = []
    seen, preferred = set(), set()
    for row, values in enumerate(wanted):
        variant, supplier = values["variant"], values["supplier"]
        if variant.pk not in keys:
            faults.append(Fault("variant", "There is no such variant.", row))
        if supplier.client_id != product.client_id:
            faults.append(Fault("supplier", "There is no such supplier.", row))
        if (variant.pk, supplier.pk) in seen:
            told = f"{variant} stands here twice with {supplier}."
            faults.append(Fault("supplier", told, row))
        seen.add((variant.pk, supplier.pk))
        if values.get("is_preferred"):
            if variant.pk in preferred:
                told = f"{variant} has another preferred supplier."
                faults.append(Fault("is_preferred", told, row))
            preferred.add(variant.pk)
        faults += [
            Fault(each.field, each.message, row)
            for each in _faults(values, "cost_amount")
        ]
    return faults


def _moved_currency(
    supplier: Supplier | None, values: Mapping[str, Any]
) -> list[Fault]:
    """An amount that is not said again would be another one in another currency."""
    if supplier is None or supplier.minimum_order_amount is None:
        return []
    stays = values.get("currency", supplier.currency) == supplier.currency
    if stays or "minimum_order_amount" in values:
        return []
    told = f"The least order is in {supplier.currency}: say it anew, too."
    return [Fault("currency", told)]


def _faults(values: Mapping[str, Any], amount: str) -> list[Fault]:
    """Of what both suppliers and their offers have."""
    faults = []
    currency = values.get("currency") or ""
    if currency and currency not in CURRENCIES:
        faults.append(Fault("currency", f"“{currency}” is no currency."))
    if values.get(amount) is not None:
        try:
            amount_of(values[amount])
        except Bad as error:
            faults.append(Fault(amount, str(error)))
        if not currency:
            faults.append(Fault("currency", "Say in which currency."))
    for name, longest in (("name", 160), ("supplier_sku", 80)):
        try:
            line_of(values.get(name, ""), longest)
        except Bad as error:
            faults.append(Fault(name, str(error)))
    return faults
