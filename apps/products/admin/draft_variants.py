"""The SKUs of a listing: names, prices, stock, codes, what sets them apart."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from apps.products.admin.base import key_of
from apps.products.admin.draft_content import differing_skus, whole
from apps.products.admin.draft_page import Judged, own_pictures, product_of
from apps.products.admin.draft_saving import Changes
from apps.products.admin.draft_surroundings import facts_of, warehouses_of
from apps.products.admin.sku_forms import (
    as_sent,
    asked_columns,
    fill_quantity,
    read_sku,
    trait_of,
)
from apps.products.admin.sku_rows import (
    Column,
    Row,
    Sku,
    columns_of,
    offered,
    picture_of,
    stock_of,
    told_by,
)
from apps.products.models import ListingDraft, ListingSku, Variant
from apps.products.services.prices import PlannedPrice, plan_prices
from apps.products.services.publishing import limits
from apps.products.services.publishing.attributes import rules_for
from apps.products.services.publishing.rules.skus import place_of
from apps.products.services.publishing.variations import sales_attributes
from apps.products.services.taxonomy_facts import Facts

TEMPLATE = "products/publishing/variants.html"
_FIELDS = (
    "seller_sku",
    "sales_attributes",
    "price",
    "list_price",
    "inventory",
    "identifier_code",
)


def show(draft: ListingDraft, request: HttpRequest, judged: Judged) -> dict[str, Any]:
    content = whole(draft)
    skus = content["skus"]
    facts, _ = facts_of(draft, str(content.get("category_id") or ""))
    warehouses, trouble = warehouses_of(draft)
    columns = columns_of(skus)
    variants = _variants(draft, skus)
    plans = plan_prices({v.pk: v for v in variants.values()}.values(), [draft.shop])
    rows = []
    for at, sku in enumerate(skus):
        key = _key(sku, at)
        variant = variants.get(key)
        row = Row(
            key,
            sku,
            [told_by(sku, column) for column in columns],
            stock_of(sku, warehouses),
            plans[variant.pk, draft.shop_id] if variant else None,
            variant,
            picture_of(sku),
            {name: judged.at(place_of(sku, at, name)) for name in _FIELDS},
        )
        rows.append(row)
    known = facts.sales_attributes if facts else ()
    shown = [place_of(sku, at, name) for at, sku in enumerate(skus) for name in _FIELDS]
    return {
        "rows": rows,
        "columns": offered(columns, known),
        "traits": known,
        "warehouses": warehouses,
        "warehouse_trouble": trouble,
        "currency": draft.shop.currency,
        "code_kinds": list(limits.CODE_LENGTHS),
        "has_list_prices": limits.has_list_prices(draft.shop.region),
        "most_skus": limits.most_skus(draft.shop.region),
        "pictures": list(own_pictures(draft)),
        "addable": _addable(draft, variants),
        "other_problems": judged.elsewhere("variants", shown),
    }


def read(draft: ListingDraft, request: HttpRequest) -> Changes:
    """All SKUs of the form, as typed: what does not hold, the rules say."""
    sent = request.POST
    content = whole(draft)
    facts, _ = facts_of(draft, str(content.get("category_id") or ""))
    known = {each.remote_id: each for each in (facts.sales_attributes if facts else ())}
    columns = asked_columns(request, known)
    variants = _variants(draft, content["skus"])
    plans = plan_prices({v.pk: v for v in variants.values()}.values(), [draft.shop])
    changes = Changes()
    wanted: list[Sku] = []
    for at, sku in enumerate(content["skus"]):
        key = _key(sku, at)
        if f"x-{key}" in sent:
            continue
        if f"n-{key}" not in sent:  # a SKU the form did not show stays
            wanted.append(sku)
            continue
        new = read_sku(draft, request, sku, key, columns, known)
        variant = variants.get(key)
        if "use_planned" in sent and variant is not None:
            plan = plans[variant.pk, draft.shop_id]
            if isinstance(plan, PlannedPrice):
                new["price"] = as_sent(plan.price)
        wanted.append(new)
    fill_quantity(request, wanted)
    if added := _added(draft, request, columns, facts):
        wanted.append(added)
        changes.stay = ""
    if "use_planned" in sent or "fill" in sent:
        changes.stay = ""
    changes.sku_changes = differing_skus(draft, wanted)
    return changes


def _added(
    draft: ListingDraft,
    request: HttpRequest,
    columns: Sequence[Column],
    facts: Facts | None,
) -> Sku | None:
    """A new SKU of one of our variants, filled in as far as we know it."""
    key = key_of(request.POST.get("add_variant", ""))
    product = product_of(draft)
    if "add" not in request.POST or product is None:
        return None
    variant = product.variants.filter(pk=key, is_active=True).first()
    if variant is None:
        return None
    category_id = facts.category_id if facts else ""
    rules = rules_for(draft.shop.client_id, draft.shop.region, category_id)
    traits = sales_attributes(
        facts.sales_attributes if facts else (), rules, product, [variant]
    )[0]
    plan = plan_prices([variant], [draft.shop])[variant.pk, draft.shop_id]
    sku: Sku = {
        "variant": variant.pk,
        "seller_sku": variant.sku,
        "sales_attributes": traits
        or [trait_of(each, variant.name or variant.sku, None) for each in columns[:1]],
    }
    if isinstance(plan, PlannedPrice):
        sku["price"] = as_sent(plan.price)
    warehouses, _ = warehouses_of(draft)
    if warehouses:
        sku["inventory"] = [{"warehouse_id": warehouses[0].remote_id}]
    return sku


def _variants(draft: ListingDraft, skus: Sequence[Sku]) -> dict[str, Variant]:
    """{key of the row: our variant}: of new SKUs as made, of others as matched."""
    named = {
        _key(sku, at): sku["variant"]
        for at, sku in enumerate(skus)
        if isinstance(sku.get("variant"), int)
    }
    own = Variant.objects.filter(client_id=draft.shop.client_id)
    rows = own.select_related("product").in_bulk(list(named.values()))
    found = {key: rows[pk] for key, pk in named.items() if pk in rows}
    matched = {
        sku.remote_id: sku.variant
        for sku in ListingSku.objects.filter(
            listing=draft.listing_id, variant__isnull=False
        ).select_related("variant__product")
    }
    for at, sku in enumerate(skus):
        if variant := matched.get(str(sku.get("id") or "")):
            found.setdefault(_key(sku, at), variant)
    return found


def _addable(draft: ListingDraft, variants: dict[str, Variant]) -> list[Variant]:
    product = product_of(draft)
    if product is None:
        return []
    used = {variant.pk for variant in variants.values()}
    active = product.variants.filter(is_active=True).order_by("position", "pk")
    return [variant for variant in active if variant.pk not in used]


def _key(sku: Sku, at: int) -> str:
    """Names a SKU in the form: by its ID, a new one by its place."""
    return str(sku["id"]) if sku.get("id") else f"new{at}"
