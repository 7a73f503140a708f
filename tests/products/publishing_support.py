"""What tests of publishing share: a shop at the simulator, and what it lists."""

from typing import Any

from django.core.files.base import ContentFile

from apps.integrations.contracts import Source
from apps.platforms.models import Shop
from apps.platforms.services import scopes
from apps.platforms.services.clients import client_for
from apps.products.models import (
    AttributeRule,
    Category,
    CategoryLink,
    Listing,
    ListingDraft,
    Product,
    ProductImage,
    PublishItem,
    PublishRun,
)
from apps.products.services import taxonomy
from apps.products.services.images import add_image
from apps.products.services.ingest import ingest_listings
from apps.products.services.publishing import save, start_run, work
from apps.users.models import Client
from tests.factories.platforms import connect_simulator_shops
from tests.factories.products import make_product, make_variant
from tests.products.pictures import picture
from tests.simulator_server import SimulatorServer

Kind = PublishRun.Kind
# Boxes for food: a leaf that all the simulator's markets have.
CATEGORY = "6086429"
TITLE = "Rattan table lamp for the bedroom, natural"


def open_shop(
    simulator: SimulatorServer, region: str, client: Client | None = None
) -> Shop:
    """A connected shop of that region, with tokens that work."""
    sellers = simulator.sellers()
    for number, seller in enumerate(sellers):
        if region in {shop["region"] for shop in seller["shops"]}:
            shops = connect_simulator_shops(simulator, number, client=client)
            return next(shop for shop in shops if shop.region == region)
    raise AssertionError(f"the simulator has no shop in {region}")


def listed(simulator: SimulatorServer, shop: Shop, status: str = "ACTIVATE") -> str:
    """The id of some listing of the shop in that status, with several SKUs."""
    rows = simulator.control(f"listings?shop_id={shop.remote_id}&status={status}")
    return next(str(row["id"]) for row in rows if len(row["sku_ids"]) > 1)


def take_in(shop: Shop, remote_id: str) -> Listing:
    """The listing as the platform has it, stored as a pull would."""
    remote = client_for(shop, scopes.PRODUCTS).get_listing(remote_id)
    ingest_listings(shop, [remote], Source.API)
    return Listing.objects.get(shop=shop, remote_id=remote_id)


def shown(shop: Shop, remote_id: str, version: str = "live") -> Any:
    """The product as the platform shows it now, whole."""
    client = client_for(shop, scopes.PRODUCTS)
    return dict(client.get_listing(remote_id, version=version).raw)


def add_picture(product: Product, colour: str = "teal", **options: Any) -> ProductImage:
    content = picture(size=(600, 600), colour=colour)
    image, _ = add_image(product, ContentFile(content, "lamp.jpg"), **options)
    return image


def make_sellable_product(shop: Shop) -> Product:
    """A product that says all a listing of it needs but how many there are; with one
    picture, and two variants."""
    taxonomy.refresh_categories(shop, only_if_old=True)
    chosen = shop.channel_categories.get(remote_id=CATEGORY)
    category = Category.objects.create(client=shop.client, name="Home things")
    CategoryLink.objects.create(
        client=shop.client,
        category=category,
        region=shop.region,
        category_remote_id=chosen.remote_id,
        path=chosen.path,
    )
    product = make_product(
        shop.client,
        TITLE,
        description="A lamp.\nMade by hand.",
        category=category,
    )
    for sku, name in (("LAMP-N", "Natural"), ("LAMP-B", "Black")):
        make_variant(
            product,
            sku,
            name=name,
            prices={shop.currency: "40"},
            weight_grams=850,
            length_cm=30,
            width_cm=20,
            height_cm=20,
        )
    _rule_required(shop, chosen.remote_id)
    add_picture(product)
    return product


def _rule_required(shop: Shop, category_id: str) -> None:
    """Fixed values for what the category requires of the product."""
    facts = taxonomy.facts_for(shop, category_id)
    for attribute in facts.product_attributes:
        if attribute.is_required:
            values = [{"id": v.remote_id, "name": v.name} for v in attribute.values[:1]]
            AttributeRule.objects.create(
                client=shop.client,
                region=shop.region,
                category_remote_id=category_id,
                attribute_remote_id=attribute.remote_id,
                attribute_name=attribute.name,
                source=AttributeRule.Source.FIXED,
                values=values or [{"name": "5"}],
            )


def with_stock(draft: ListingDraft, quantity: int = 12) -> ListingDraft:
    """The draft, saved with so many of each SKU."""
    skus = [
        {
            **sku,
            "inventory": [{**row, "quantity": quantity} for row in sku["inventory"]],
        }
        for sku in draft.content["skus"]
    ]
    return save(draft, {"skus": skus})


def run_of(shop: Shop, kind: PublishRun.Kind, *subjects: Any) -> PublishRun:
    """A run that has been worked on."""
    return work(start_run(shop, kind, list(subjects), None))


def outcome(run: PublishRun) -> PublishItem:
    """Of a run of one item."""
    return run.items.get()
