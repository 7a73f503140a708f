"""A catalogue file beside the catalogue: what each row is, without writing anything."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from apps.products.models import Category, Product, Variant
from apps.products.services import checks
from apps.products.services.bundles import Known, component_faults, components_from
from apps.products.services.catalogue_files import (
    CLEARED_BY_BLANK,
    PRICE,
    CatalogueFile,
)
from apps.products.services.catalogue_rows import (
    READERS,
    Comparison,
    Group,
    Kind,
    RowResult,
    number,
)
from apps.products.services.categories import (
    SEPARATOR,
    names_in,
    paths_of,
    wrong_path,
)
from apps.products.services.checks import Bad, VariantInput
from apps.users.models import Client

# What our columns are called in the tables, where it is something else.
_FIELDS = {"variant": "name", "cost": "cost_amount", "active": "is_active"}
_COLUMNS = {name: column for column, name in _FIELDS.items()}


class _Stored:
    """The client's catalogue, read whole: four queries, whatever the file has."""

    def __init__(self, client: Client) -> None:
        rows = Variant.objects.filter(client=client).select_related("product")
        rows = rows.prefetch_related("prices", "components__component")
        self.by_sku = {row.sku.lower(): row for row in rows}
        self.by_name: dict[str, dict[int, Product]] = defaultdict(dict)
        self.in_bundle: dict[str, str] = {}
        for row in self.by_sku.values():
            self.by_name[row.product.name.casefold()][row.product_id] = row.product
            for each in row.components.all():
                self.in_bundle[each.component.sku.lower()] = row.sku
        self.paths = paths_of(Category.objects.filter(client=client))


def compare(client: Client, file: CatalogueFile) -> Comparison:
    """Nothing is written, and nothing is asked for each row."""
    stored = _Stored(client)
    results = [RowResult(row) for row in file.rows]
    _refuse_repeated(results)
    groups = _grouped(results, stored)
    for group in groups:
        _read_product(group, stored)
        _read_variants(group, stored)
    _check_bundles(groups, stored)
    for group in groups:
        _settle(group)
    known = {path.casefold() for path in stored.paths.values()}
    asked = {group.category_path for group in groups if group.is_to_write}
    new = sorted(path for path in asked if path and path.casefold() not in known)
    return Comparison(file, results, groups, new)


def _refuse_repeated(results: Iterable[RowResult]) -> None:
    lines: dict[str, list[RowResult]] = defaultdict(list)
    for each in results:
        lines[each.row.sku.lower()].append(each)
    for sku, found in lines.items():
        if not sku:
            for each in found:
                each.refuse("sku", "A row needs a SKU.")
        elif len(found) > 1:
            where = ", ".join(str(each.row.line) for each in found)
            for each in found:
                each.refuse("sku", f"The SKU stands in the lines {where}.")


def _grouped(results: Iterable[RowResult], stored: _Stored) -> list[Group]:
    """A known SKU belongs to its product; a new one to the product of that name, in
    the file or in the catalogue, or to a new one."""
    named: dict[str, dict[int, Product]] = defaultdict(dict)
    for each in results:
        name = each.row.cells.get("product", "").casefold()
        if name and (known := stored.by_sku.get(each.row.sku.lower())):
            named[name][known.product_id] = known.product
    groups: dict[object, Group] = {}
    for each in results:
        known = stored.by_sku.get(each.row.sku.lower())
        name = " ".join(each.row.cells.get("product", "").split())
        products = named.get(name.casefold()) or stored.by_name.get(name.casefold(), {})
        product = known.product if known else None
        if known is None and not name:
            each.refuse("product", "A new SKU needs the name of its product.")
        elif known is None and len(products) > 1:
            each.refuse("product", "Several products have this name: which is meant?")
        elif known is None and products:
            product = next(iter(products.values()))
        key: object = product.pk if product else name.casefold() or id(each)
        groups.setdefault(key, Group(product)).results.append(each)
    return list(groups.values())


def _read_product(group: Group, stored: _Stored) -> None:
    name = _agreed(group, "product")
    if name:
        group.values["name"] = name
    if (brand := _agreed(group, "brand")) is not None:
        group.values["brand"] = brand
    path = _agreed(group, "category")
    if path is not None:
        group.category_path = SEPARATOR.join(names_in(path))
        if told := wrong_path(path):
            for each in group.results:
                each.refuse("category", told)
    cleaned, faults = checks.clean_product(group.values, is_new=False)
    for fault in faults:
        column = "product" if fault.field == "name" else fault.field
        for each in group.results:
            each.refuse(column, fault.message)
    group.values = cleaned
    said = list(_product_changes(group, stored))
    for each in group.results:
        each.changes += said


def _product_changes(group: Group, stored: _Stored) -> Iterable[str]:
    product = group.product
    if product is None:
        return
    for name, before, after in checks.differences(product, group.values):
        yield checks.said_of(name, before, after)
    before = stored.paths.get(product.category_id or 0, "")
    path = group.category_path
    if path is not None and path.casefold() != before.casefold():
        yield checks.said_of("category", before, path)


def _agreed(group: Group, column: str) -> str | None:
    """What the rows say of their product; None if nothing. Those that contradict the
    first are refused."""
    told = [
        (each, " ".join(each.row.cells[column].split()))
        for each in group.results
        if column in each.row.cells
    ]
    if not told:
        return None
    first, said = next(((each, text) for each, text in told if text), (None, ""))
    for each, text in told:
        if text and text != said and first is not None:
            each.refuse(
                column,
                f"“{text}” here and “{said}” in line {first.row.line}, of the same "
                "product.",
            )
    return said


def _read_variants(group: Group, stored: _Stored) -> None:
    for place, each in enumerate(group.results):
        known = stored.by_sku.get(each.row.sku.lower())
        wanted = _input(each, known)
        values, prices, faults = checks.clean_variant(place, wanted)
        for fault in faults if each.row.sku else ():
            each.refuse(_COLUMNS.get(fault.field, fault.field), fault.message)
        group.variants.append(wanted)
        amount = values.get("cost_amount", known.cost_amount if known else None)
        currency = values.get("cost_currency", known.cost_currency if known else "")
        if amount is not None and not currency:
            each.refuse("cost_currency", "Say in which currency it costs that.")
        if known is None:
            each.changes.append("new")
            continue
        for name, before, after in checks.differences(known, values):
            each.changes.append(checks.said_of(name, before, after))
        each.changes += _price_changes(known, prices)
        if wanted.components and _lowered(wanted.components) != _made_of(known):
            each.changes.append(f"made of: {each.row.cells['components']}")
        is_back = wanted.values.get("is_active") and group.product is not None
        if is_back and group.product and not group.product.is_active:
            group.values["is_active"] = True
            each.changes.append("active: no → yes")


def _input(result: RowResult, known: Variant | None) -> VariantInput:
    cells = result.row.cells
    values: dict[str, Any] = {} if known else {"sku": cells["sku"]}
    prices: dict[str, Decimal | None] = {}
    components = None
    for column, cell in cells.items():
        if not cell and column not in CLEARED_BY_BLANK:
            continue
        try:
            if column.startswith(PRICE):
                prices[column[len(PRICE) :]] = number(cell)
            elif column == "components":
                components = components_from(cell)
            elif column in READERS:
                values[_FIELDS.get(column, column)] = READERS[column](cell)
        except Bad as error:
            result.refuse(column, str(error))
    if (
        known is not None
        and known.product.is_active is False
        and values.get("is_active") is False
    ):
        # Put away with its product; the file says no more than that.
        del values["is_active"]
    return VariantInput(values, known.pk if known else None, prices, components)


def _price_changes(
    known: Variant, prices: Mapping[str, Decimal | None]
) -> Iterable[str]:
    stored = {each.currency: each.amount for each in known.prices.all()}
    for currency, amount in prices.items():
        if stored.get(currency) != amount:
            yield checks.said_of(f"price {currency}", stored.get(currency), amount)


def _check_bundles(groups: Iterable[Group], stored: _Stored) -> None:
    """By the same rules as when they are written, on what there will be."""
    bundles = {sku for sku, row in stored.by_sku.items() if row.is_bundle}
    skus, in_bundle = set(stored.by_sku), dict(stored.in_bundle)
    made: list[tuple[RowResult, Mapping[str, int]]] = []
    for group in groups:
        for result, wanted in zip(group.results, group.variants, strict=True):
            sku = result.row.sku.lower()
            if group.product is not None or not group.is_refused:
                skus.add(sku)
            if wanted.components:
                bundles.add(sku)
                made.append((result, wanted.components))
                in_bundle |= dict.fromkeys(
                    map(str.lower, wanted.components), result.row.sku
                )

    def known(sku: str) -> Known | None:
        found = sku.lower() in skus
        return Known(is_bundle=sku.lower() in bundles) if found else None

    for result, components in made:
        holder = in_bundle.get(result.row.sku.lower(), "")
        holder = "" if holder.lower() == result.row.sku.lower() else holder
        for told in component_faults(
            result.row.sku, components, known, in_bundle=holder
        ):
            result.refuse("components", told)


def _settle(group: Group) -> None:
    """All rows of a product share its fate."""
    for each in group.results:
        if each.kind is Kind.REFUSED:
            continue
        if group.is_refused:
            each.refuse("", "Another row of the same product is refused.")
        elif each.changes:
            each.kind = Kind.NEW if "new" in each.changes else Kind.CHANGED


def _made_of(row: Variant) -> dict[str, int]:
    return {each.component.sku.lower(): each.quantity for each in row.components.all()}


def _lowered(components: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for sku, quantity in components.items():
        found[sku.lower()] += quantity
    return found
