"""One row of everything that a client sells, beside what the world has; who asks for
it, and what they are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from apps.orders.services.mapping import By, choose
from apps.platforms.models import Shop
from apps.products.models import (
    Category,
    Listing,
    ListingDraft,
    ListingSku,
    MappingBatch,
    MappingSuggestion,
    PriceRule,
    Product,
    ProductImage,
    PublishItem,
    PublishRun,
    Supplier,
    SupplySource,
    Variant,
)
from apps.users.roles import Role
from apps.users.scopes import SCOPES
from tests.api.support import Caller, code
from tests.api.world import World
from tests.factories.products import (
    make_bundle,
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.users import make_user


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`sku` is matched to `variant`, `open_sku` suggested to be `other`."""

    category: Category
    product: Product
    variant: Variant
    other: Variant
    bundle: Variant
    supplier: Supplier
    rule: PriceRule
    listing: Listing
    sku: ListingSku
    open_sku: ListingSku
    batch: MappingBatch
    draft: ListingDraft
    run: PublishRun
    item: PublishItem


def make_catalogue(world: World, word: str = "Lamp") -> Catalogue:
    """Texts of the rows begin with the word."""
    client, shop = world.client, world.shop
    category = Category.objects.create(client=client, name=f"{word} shelf")
    product = make_product(client, f"{word} of rattan", category=category, brand=word)
    variant = make_variant(
        product,
        f"{word}-30",
        name="30 cm",
        barcode="4006381333931",
        prices={"MYR": "40"},
        cost_amount=Decimal("7.1250"),
        cost_currency="USD",
    )
    other = make_variant(product, f"{word}-40", name="40 cm", position=1)
    ProductImage.objects.create(
        client=client,
        product=product,
        file="products/x.jpg",
        sha256="0" * 64,
        width=600,
        height=600,
        size_bytes=100,
    )
    bundle = make_bundle({variant: 2}, f"{word}-SET", product_name=f"{word} set")
    supplier = Supplier.objects.create(
        client=client,
        name=f"{word} works",
        currency="USD",
        minimum_order_amount=Decimal(500),
    )
    SupplySource.objects.create(
        client=client,
        variant=variant,
        supplier=supplier,
        cost_amount=Decimal("7.1250"),
        currency="USD",
    )
    rule = PriceRule.objects.create(
        client=client,
        region=shop.region,
        base_currency="USD",
        currency=shop.currency,
        rate=Decimal("4.7"),
        rate_on=date(2026, 1, 1),
    )
    return _listed(shop, word, variant, other, bundle, category, supplier, rule)


def _listed(
    shop: Shop,
    word: str,
    variant: Variant,
    other: Variant,
    bundle: Variant,
    category: Category,
    supplier: Supplier,
    rule: PriceRule,
) -> Catalogue:
    listing = make_listing(
        shop, title=f"{word} listed", rejections=[{"position": f"{word} title"}]
    )
    sku = make_listing_sku(listing, seller_sku=f"{word}-30")
    outcome = choose(shop, {sku.pk: variant.pk}, By(None))
    assert outcome.batch is not None
    sku.refresh_from_db()
    open_sku = make_listing_sku(
        listing, seller_sku=f"{word}-4O", position=1, mapping="suggested"
    )
    MappingSuggestion.objects.create(
        listing_sku=open_sku,
        variant=other,
        reason=ListingSku.Reason.TITLE,
        confidence=88,
        explanation=f"{word} and 40 in both",
    )
    draft = ListingDraft.objects.create(
        shop=shop,
        product=variant.product,
        content={"title": f"{word} draft", "skus": [{"seller_sku": f"{word}-30"}]},
        notes=[{"field": "title", "text": f"{word} note", "needs_person": True}],
    )
    run = PublishRun.objects.create(
        shop=shop,
        kind=PublishRun.Kind.ACTIVATE,
        state=PublishRun.State.PARTLY,
        error=f"{word} error",
    )
    item = PublishItem.objects.create(
        run=run,
        position=0,
        listing=listing,
        state=PublishItem.State.REFUSED,
        code=12052901,
        failure=f"{word} refused",
        request={"product_ids": [listing.remote_id]},
    )
    return Catalogue(
        category=category,
        product=variant.product,
        variant=variant,
        other=other,
        bundle=bundle,
        supplier=supplier,
        rule=rule,
        listing=listing,
        sku=sku,
        open_sku=open_sku,
        batch=outcome.batch,
        draft=draft,
        run=run,
        item=item,
    )


def member(world: World, role: Role, scopes: Iterable[str] = SCOPES) -> Caller:
    return Caller(make_user(clients=[world.client], role=role), scopes)


def errors(answer: Any) -> dict[str, str]:
    """{field: what is wrong with it}."""
    assert code(answer) == (400, "invalid"), answer.content
    return {row["field"]: row["detail"] for row in answer.json()["errors"]}
