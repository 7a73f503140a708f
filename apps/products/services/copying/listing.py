"""A listing of one shop, written anew for another shop of the same client.

What the other region asks in another way is adapted, and each adaptation is noted;
what nobody can know is left open, and noted as a person's.
"""

from collections.abc import Mapping
from typing import Any

from apps.integrations.errors import NotFound
from apps.integrations.tiktok.products.shapes import PRODUCT, SKU
from apps.integrations.tiktok.products.writing import is_vacant
from apps.integrations.tiktok.reading import sequence
from apps.platforms.models import Shop
from apps.products.errors import DraftRefuses
from apps.products.models import Listing, ListingDraft
from apps.products.services.copying.category import category_for
from apps.products.services.copying.content import (
    copied_attributes,
    copied_parcel,
    copied_pictures,
    copied_title,
)
from apps.products.services.copying.skus import copied_skus
from apps.products.services.publishing.attributes import resolve, rules_for
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.notes import Notes
from apps.products.services.publishing.surroundings import (
    brand_id,
    facts_or_none,
    warehouse_id,
)
from apps.products.services.taxonomy_facts import Facts
from apps.users.models import User

Json = Mapping[str, Any]
# Papers, links and persons of another region say nothing in this one.
_LEFT_BEHIND = {
    "certifications": "Certificates hold in their own region; add this region's.",
    "size_chart": "The size chart was not copied; add one that fits here.",
    "manufacturer_ids": "Choose the manufacturer as registered here.",
    "responsible_person_ids": "Choose the responsible person as registered here.",
    "video": "The video belongs to the other shop; upload it here.",
}
# What the copy itself is made of.
_COPIED = {
    "title",
    "description",
    "main_images",
    "product_attributes",
    "package_weight",
    "package_dimensions",
}
_COPIED_OF_SKUS = {
    "id",
    "seller_sku",
    "sales_attributes",
    "price",
    "inventory",
    "identifier_code",
}
_LANGUAGES = {
    **dict.fromkeys(("US", "GB", "IE", "CA", "SG", "PH"), "en"),
    **dict.fromkeys(("ES", "MX"), "es"),
    "DE": "de",
    "FR": "fr",
    "IT": "it",
    "BR": "pt",
    "JP": "ja",
    "ID": "id",
    "MY": "ms",
    "TH": "th",
    "VN": "vi",
}


def copy_listing(listing: Listing, target: Shop, user: User | None) -> ListingDraft:
    """A draft in `target`, from the listing as the platform shows it now.

    Raises DraftRefuses for a shop of another client, the same shop, or a listing the
    platform no longer has; PlatformError where the source cannot be read. What the
    target's platform does not answer is left open, with a note.
    """
    source = listing.shop
    if source.client_id != target.client_id:
        raise DraftRefuses("There is no such shop.")
    if source.pk == target.pk:
        raise DraftRefuses("Choose another shop: the listing is in this one already.")
    raw = _present(listing)
    notes, channel = Notes(), Channel(target, urgent=True)
    variants = _variants_of(listing)
    product = next((each.product for each in variants.values()), None)
    category_id = category_for(channel, raw, product, notes)
    facts = facts_or_none(channel, category_id, notes)
    content = {
        **copied_title(raw, target, notes),
        "description": str(raw.get("description") or ""),
        "main_images": copied_pictures(raw.get("main_images"), notes),
        "category_id": category_id,
        "brand_id": _brand(channel, raw, category_id, notes),
        "skus": copied_skus(
            listing,
            raw,
            target,
            variants,
            facts,
            warehouse_id(channel, notes),
            notes,
        ),
        "product_attributes": copied_attributes(raw, facts, notes),
        **copied_parcel(raw, target, notes),
    }
    if product is not None:
        _prefer_rules(content, facts, target, product, list(variants.values()))
    _note_left_behind(raw, notes)
    _note_texts(source, target, notes)
    _note_not_copied(raw, notes)
    return ListingDraft.objects.create(
        shop=target,
        product=product,
        copied_from=listing,
        content={name: value for name, value in content.items() if value},
        notes=notes.as_json(),
        user=user,
    )


def _present(listing: Listing) -> dict[str, Any]:
    try:
        found = Channel(listing.shop, urgent=True).reads.get_listing(listing.remote_id)
    except NotFound as error:
        raise DraftRefuses(f"TikTok does not have “{listing}” any more.") from error
    return dict(found.raw)


def _variants_of(listing: Listing) -> dict[str, Any]:
    """{SKU ID: the variant it is matched to}."""
    rows = listing.skus.filter(variant__isnull=False).select_related("variant__product")
    return {row.remote_id: row.variant for row in rows}


def _brand(channel: Channel, raw: Json, category_id: str, notes: Notes) -> str:
    brand = raw.get("brand") or {}
    name = str(brand.get("name") or "").strip() if isinstance(brand, Mapping) else ""
    return brand_id(channel, name, category_id, notes)


def _prefer_rules(
    content: dict[str, Any],
    facts: Facts | None,
    target: Shop,
    product: Any,
    variants: list[Any],
) -> None:
    """What the client's own rules say of an attribute goes before what was copied."""
    if facts is None:
        return
    rules = rules_for(target.client_id, target.region, facts.category_id)
    ruled = resolve(facts, rules, product, variants).as_content()
    ids = {row["id"] for row in ruled}
    kept = [row for row in content["product_attributes"] if row["id"] not in ids]
    content["product_attributes"] = [*ruled, *kept]


def _note_left_behind(raw: Json, notes: Notes) -> None:
    for name, words in _LEFT_BEHIND.items():
        if raw.get(name):
            notes.left(name, words)
    pictures = str(raw.get("description") or "").count("<img")
    if pictures:
        notes.adapted(
            "description",
            f"{pictures} pictures of the description are fetched and uploaded when it "
            "is sent.",
        )


def _note_texts(source: Shop, target: Shop, notes: Notes) -> None:
    """Words are copied as they are; somebody has to put them into the language."""
    if _LANGUAGES.get(source.region) != _LANGUAGES.get(target.region):
        for field in ("title", "description"):
            notes.left(field, "It is in the other region's language. Translate it.")


def _note_not_copied(raw: Json, notes: Notes) -> None:
    """What a product may have beside: it is named, not lost without a word."""
    beside = raw.keys() - PRODUCT.drops - _COPIED - _LEFT_BEHIND.keys()
    if names := sorted(name for name in beside if not is_vacant(raw[name])):
        notes.adapted("", f"Not copied: {', '.join(names)}.")
    of_skus = {
        name
        for sku in sequence(raw, "skus")
        if isinstance(sku, Mapping)
        for name in sku.keys() - SKU.drops - _COPIED_OF_SKUS
        if not is_vacant(sku[name])
    }
    if of_skus:
        notes.adapted("skus", f"Not copied of SKUs: {', '.join(sorted(of_skus))}.")
