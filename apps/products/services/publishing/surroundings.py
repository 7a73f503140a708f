"""What the shop itself adds to a new listing: category, brand, warehouse.

Each is asked of the platform; where it does not answer, a person fills the gap later
and the note says so. No draft is lost to an outage.
"""

from apps.integrations.contracts import RemoteWarehouse
from apps.integrations.errors import PlatformError
from apps.platforms.errors import ReconnectNeeded
from apps.products.errors import CategoryUnknown
from apps.products.models import Category, CategoryLink, ChannelCategory
from apps.products.services import taxonomy
from apps.products.services.brand_names import remember_brands
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.notes import Notes
from apps.products.services.taxonomy_facts import Facts

_SALES = "SALES_WAREHOUSE"
UNANSWERED = (PlatformError, ReconnectNeeded)


def linked_category(category: Category | None, region: str) -> CategoryLink | None:
    """What the client says one of its categories is there; its parents count, too."""
    seen: set[int] = set()
    while category is not None and category.pk not in seen:
        seen.add(category.pk)
        link: CategoryLink | None = category.links.filter(region=region).first()
        if link is not None:
            return link
        category = category.parent
    return None


def recommended_category(
    channel: Channel, title: str, description: str, notes: Notes
) -> str:
    """The platform's choice by title; empty, with a note, for none."""
    try:
        category_id = channel.reads.recommend_category(title, description=description)
    except UNANSWERED as error:
        notes.left("category_id", f"No category could be recommended: {error}")
        return ""
    if not category_id:
        notes.left("category_id", "TikTok recommends no category. Choose one.")
        return ""
    where = path_of(channel, category_id)
    notes.adapted("category_id", f"TikTok recommends {where} by the title. Check it.")
    return category_id


def path_of(channel: Channel, category_id: str) -> str:
    """As people read it; the id where the tree is not stored."""
    row = ChannelCategory.objects.filter(
        shop=channel.shop, remote_id=category_id
    ).first()
    return f"“{row.path}”" if row else f"category {category_id}"


def facts_or_none(channel: Channel, category_id: str, notes: Notes) -> Facts | None:
    """What the category asks; None, with a note, where nobody tells."""
    if not category_id:
        return None
    try:
        return taxonomy.facts_for(channel.shop, category_id)
    except (*UNANSWERED, CategoryUnknown) as error:
        notes.left("category_id", f"What the category asks is not known: {error}")
        return None


def brand_id(channel: Channel, name: str, category_id: str, notes: Notes) -> str:
    """The platform's brand of that name; empty for none."""
    if not name:
        return ""
    try:
        page = channel.reads.brands(category_id=category_id, name=name)
    except UNANSWERED as error:
        notes.left("brand_id", f"The brand “{name}” could not be looked up: {error}")
        return ""
    remember_brands(channel.shop, page.brands)
    found = [
        brand
        for brand in page.brands
        if brand.is_available and brand.name.strip().casefold() == name.casefold()
    ]
    found.sort(key=lambda brand: brand.is_authorized is False)
    if not found:
        notes.left(
            "brand_id", f"TikTok has no brand “{name}”. Choose one or go without."
        )
        return ""
    if found[0].is_authorized is False:
        notes.left("brand_id", f"The shop is not authorized for the brand “{name}”.")
    return found[0].remote_id


def warehouse_id(channel: Channel, notes: Notes) -> str:
    """Where the shop sends from; empty, with a note, where that is not clear."""
    try:
        warehouses = channel.reads.warehouses()
    except UNANSWERED as error:
        notes.left("skus.inventory", f"The warehouses are not known: {error}")
        return ""
    chosen = default_warehouse(warehouses)
    if chosen is None:
        notes.left("skus.inventory", "The shop has no warehouse to send from.")
        return ""
    return chosen.remote_id


def default_warehouse(warehouses: list[RemoteWarehouse]) -> RemoteWarehouse | None:
    """The default one that sends goods out, else the first that does."""
    able = [each for each in warehouses if each.is_active and each.kind in ("", _SALES)]
    return next((each for each in able if each.is_default), able[0] if able else None)
