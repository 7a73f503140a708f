"""A product as a client sends it, while it is looked at: what it says, what is known.

`Draft` knows the product that is edited and what the client may refer to.
"""

from dataclasses import dataclass, field
from typing import Any

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.products.finding import listings_of
from apps.simulator.world import taxonomy
from apps.simulator.world.listings import Listing
from apps.simulator.world.taxonomy import Category
from apps.simulator.world.taxonomy_attributes import Attribute
from apps.simulator.world.words import language, translated

Json = dict[str, Any]


@dataclass
class Draft:
    """`listing` is None for a new product. `warnings` tells what was left out."""

    call: Call
    body: Json
    listing: Listing | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def is_draft(self) -> bool:
        return self.body.get("save_mode") == "AS_DRAFT"

    @property
    def region(self) -> str:
        return self.call.shop.region.code

    @property
    def skus(self) -> list[Json]:
        skus: list[Json] = self.body.get("skus") or []
        return skus

    @property
    def category(self) -> Category | None:
        category_id = str(self.body.get("category_id", ""))
        return taxonomy.category(self.call.shop.region, category_id)

    def names(self, name: str) -> tuple[str, str]:
        """One of the platform's words, in English and in the market's language."""
        return name, translated(name, language(self.region))

    def known_skus(self) -> dict[str, Json]:
        """Of the product that is edited, all its versions, the base one first."""
        if self.listing is None:
            return {}
        versions = [self.listing.proposed or {}, self.listing.draft or {}]
        versions.append(self.listing.content)
        return {sku["id"]: sku for v in versions for sku in v.get("skus", ())}

    def uris(self) -> set[str]:
        """Pictures which the product shows already."""
        if self.listing is None:
            return set()
        found: set[str] = set()
        for version in (self.listing.content, self.listing.newest):
            _collect_uris(version, found)
        return found

    def knows_picture(self, uri: object) -> bool:
        """Uploaded by this app, grown with this shop's products, or there already."""
        if not isinstance(uri, str):
            return False
        if uri.startswith("tos-seed/"):
            product_id = uri.split("/")[1]
            return product_id in listings_of(self.call).by_id or uri in self.uris()
        media = self.call.simulator.media
        return media.known(self.call.app.app_key, uri) or uri in self.uris()


def _collect_uris(node: object, found: set[str]) -> None:
    if isinstance(node, dict):
        if isinstance(uri := node.get("uri"), str):
            found.add(uri)
        for value in node.values():
            _collect_uris(value, found)
    elif isinstance(node, list):
        for value in node:
            _collect_uris(value, found)


def attribute_named(draft: Draft, sent: Json) -> Attribute | None:
    """The category's attribute by ID, or by name when there is no ID."""
    attributes = draft.category.attributes if draft.category else ()
    for attribute in attributes:
        if sent.get("id") == attribute.id:
            return attribute
        if not sent.get("id") and sent.get("name") in draft.names(attribute.name):
            return attribute
    return None


def _known_attributes(draft: Draft) -> list[Json]:
    return [
        attribute
        for sku in draft.known_skus().values()
        for attribute in sku.get("sales_attributes", ())
    ]


def known_name(draft: Draft, sent: Json) -> str:
    """The name of an attribute which the product has had, by its ID."""
    for attribute in _known_attributes(draft):
        if attribute["id"] == sent.get("id"):
            return str(attribute["name"])
    return ""


def known_value(draft: Draft, sent: Json) -> str:
    for attribute in _known_attributes(draft):
        if attribute["value_id"] == sent.get("value_id"):
            return str(attribute["value_name"])
    return ""
