"""Variants of a product as somebody wants them: checked as a whole, then written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q

from apps.products.errors import ChangedMeanwhile, Fault, InUse, ProductRefused
from apps.products.models import Category, Product, Variant, VariantPrice
from apps.products.services import checks
from apps.products.services.bundles import NO_COMPONENTS, dissolve, set_components
from apps.products.services.checks import VariantInput
from apps.products.services.images import forget_files
from apps.products.services.skus import named
from apps.products.services.usage import uses_of
from apps.users.models import Client

# By currency: what it was, and what it is to be.
PriceChanges = dict[str, tuple[Decimal | None, Decimal | None]]


@dataclass(slots=True)
class Checked:
    """All that holds: columns of the product; columns and prices of each variant."""

    values: dict[str, Any]
    wanted: Sequence[VariantInput]
    variants: list[tuple[dict[str, Any], dict[str, Decimal | None]]] = field(
        default_factory=list
    )


def check(
    client: Client,
    product: Product | None,
    values: Mapping[str, Any],
    wanted: Sequence[VariantInput],
    removed: Collection[int] = (),
) -> Checked:
    """Raises ProductRefused with all that is wrong."""
    cleaned, faults = checks.clean_product(values, is_new=product is None)
    category: Category | None = cleaned.get("category")
    if category is not None and category.client_id != client.pk:
        faults.append(Fault("category", "There is no such category."))
    checked = Checked(cleaned, wanted)
    for row, each in enumerate(wanted):
        columns, prices, wrong = checks.clean_variant(row, each)
        checked.variants.append((columns, prices))
        faults += wrong
    kept = product.variants.exclude(pk__in=removed) if product else ()
    count = len(kept) + sum(each.variant_id is None for each in wanted)
    if not 1 <= count <= checks.MOST_VARIANTS:
        most = f"A product has 1 to {checks.MOST_VARIANTS} variants, not {count}."
        faults.append(Fault("", most))
    faults += _taken_skus(client, checked, removed)
    if faults:
        raise ProductRefused(faults)
    return checked


def _taken_skus(
    client: Client, checked: Checked, removed: Collection[int]
) -> Iterator[Fault]:
    asked = {
        row: columns["sku"]
        for row, (columns, _) in enumerate(checked.variants)
        if "sku" in columns
    }
    keys = [checked.wanted[row].variant_id for row in asked]
    changing = [key for key in keys if key is not None]
    others = named(client.pk, asked.values()).exclude(pk__in=[*changing, *removed])
    taken = {each.sku.lower(): each for each in others.select_related("product")}
    first: dict[str, int] = {}
    for row, sku in asked.items():
        if sku.lower() in first:
            yield Fault("sku", f"{sku} stands here twice.", row)
        elif other := taken.get(sku.lower()):
            yield Fault("sku", f"{other.product} has the SKU {other} already.", row)
        first.setdefault(sku.lower(), row)


def lock(
    client_id: int, product: Product | None, variants: Sequence[VariantInput]
) -> dict[int, Variant]:
    """The product's variants by key; they and all that bundles are to be made of are
    locked in one order, whoever saves what."""
    parts = [sku for each in variants for sku in each.components or ()]
    keys = [row.pk for row in named(client_id, parts)] if parts else []
    concerned = Q(pk__in=keys) | (Q(product=product) if product else Q(pk__in=[]))
    rows = Variant.objects.select_for_update(no_key=True).filter(concerned)
    return {
        row.pk: row for row in rows.order_by("pk") if row.product_id == _key(product)
    }


def _key(product: Product | None) -> int | None:
    return product.pk if product else None


def check_own(
    rows: Mapping[int, Variant],
    variants: Sequence[VariantInput],
    removed: Collection[int],
) -> None:
    keys = {each.variant_id for each in variants if each.variant_id is not None}
    if (keys | set(removed)) - rows.keys():
        raise ChangedMeanwhile("One of these variants is no longer there. Look again.")


def write_variants(
    product: Product, checked: Checked, rows: Mapping[int, Variant]
) -> list[str]:
    """What changed, in words. A new product costs the same statements however many
    variants it has."""
    _make_way(checked, rows)
    flags = [columns.pop("is_bundle", None) for columns, _ in checked.variants]
    place = max((row.position for row in rows.values()), default=-1)
    written: list[Variant] = []
    new_prices: list[tuple[Variant, str, Decimal | None]] = []
    said: list[str] = []
    for number, (wanted, (columns, prices)) in enumerate(
        zip(checked.wanted, checked.variants, strict=True)
    ):
        if wanted.variant_id is None:
            place += 1
            columns = {"position": min(place, 32_767)} | columns
            row = Variant(client_id=product.client_id, product=product, **columns)
            said.append(f"{row} is new")
            changed = _all_new(prices)
        else:
            row = rows[wanted.variant_id]
            changed = _price_changes(row, prices)
            said += _update(row, columns, changed)
        _check_cost(row, number)
        written.append(row)
        new_prices += [(row, code, after) for code, (_, after) in changed.items()]
    Variant.objects.bulk_create([row for row in written if row.pk is None])
    _write_prices(new_prices)
    # Last: what bundles are made of may be new itself.
    for number, row in enumerate(written):
        components = checked.wanted[number].components
        if change := _set_components(row, components, flags[number], number):
            said.append(f"{row} {change}")
    return said


def _update(
    row: Variant, columns: Mapping[str, Any], prices: PriceChanges
) -> list[str]:
    said = update_columns(row, columns)
    said += [
        checks.said_of(f"price {currency}", before, after)
        for currency, (before, after) in prices.items()
    ]
    if said:
        row.save()  # also where only a price changes: who asks for news gets it
    return [f"{row} {each}" for each in said]


def _set_components(
    row: Variant, components: Mapping[str, int] | None, is_bundle: Any, number: int
) -> str:
    if components and is_bundle is False:
        told = "Only a bundle is made of others: mark it as one, or leave this empty."
        raise ProductRefused([Fault("components", told, number)])
    if components:
        return set_components(row, components, row=number)
    if is_bundle is False:
        return dissolve(row) if row.is_bundle else ""
    # Nothing it is made of was given, or all of it taken away.
    is_empty = components is not None or not row.is_bundle
    if is_empty and (is_bundle or row.is_bundle):
        raise ProductRefused([Fault("components", NO_COMPONENTS, number)])
    return ""


def _make_way(checked: Checked, rows: Mapping[int, Variant]) -> None:
    """Two variants may swap their SKUs; one after the other they could not."""
    held = {row.sku.lower(): row for row in rows.values()}
    for (columns, _), wanted in zip(checked.variants, checked.wanted, strict=True):
        holder = held.get(columns.get("sku", "").lower())
        if holder is not None and holder.pk != wanted.variant_id:
            Variant.objects.filter(pk=holder.pk).update(sku=f" {holder.pk}")


def _check_cost(row: Variant, number: int) -> None:
    if row.cost_amount is not None and not row.cost_currency:
        told = "Say in which currency it costs that."
        raise ProductRefused([Fault("cost_currency", told, number)])


def update_columns(row: Product | Variant, columns: Mapping[str, Any]) -> list[str]:
    said = []
    for name, before, after in checks.differences(row, columns):
        said.append(checks.said_of(name, before, after))
        setattr(row, name, after)
    return list(dict.fromkeys(said))


def _all_new(prices: Mapping[str, Decimal | None]) -> PriceChanges:
    return {currency: (None, amount) for currency, amount in prices.items()}


def _price_changes(row: Variant, prices: Mapping[str, Decimal | None]) -> PriceChanges:
    """Of those that differ."""
    stored = {each.currency: each.amount for each in row.prices.all()} if prices else {}
    return {
        currency: (stored.get(currency), amount)
        for currency, amount in prices.items()
        if stored.get(currency) != amount
    }


def _write_prices(wanted: Sequence[tuple[Variant, str, Decimal | None]]) -> None:
    for row, currency, amount in wanted:
        if amount is None:
            VariantPrice.objects.filter(variant=row, currency=currency).delete()
    VariantPrice.objects.bulk_create(
        [
            VariantPrice(variant=row, currency=currency, amount=amount)
            for row, currency, amount in wanted
            if amount is not None
        ],
        update_conflicts=True,
        unique_fields=["variant", "currency"],
        update_fields=["amount", "modified_at"],
    )


def remove(row: Variant) -> str:
    # The lock keeps orders and listings from coming to hang on it meanwhile.
    row = Variant.objects.select_for_update().get(pk=row.pk)
    if uses := uses_of([row]):
        raise InUse(f"{row} stays, because it is in use: {uses}. Make it inactive.")
    forget_files(row.images.all())
    said = f"{row} is deleted"
    row.delete()
    return said
