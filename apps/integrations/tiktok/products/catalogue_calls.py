"""Calls about what listings are made of: categories, brands, pictures, warehouses."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apps.integrations.contracts import (
    BrandPage,
    CategoryRules,
    RemoteAttribute,
    RemoteCategory,
    RemoteWarehouse,
    UploadedImage,
)
from apps.integrations.errors import MalformedReply, RequestRefused
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.mapping import warehouses_from_json
from apps.integrations.tiktok.products.answers import (
    failed_prerequisites,
    image_from_json,
)
from apps.integrations.tiktok.products.categories import (
    attributes_from_json,
    brand_page_from_json,
    categories_from_json,
    recommended_leaf,
    rules_from_json,
)
from apps.integrations.tiktok.products.codes import NO_CATEGORY_FITS
from apps.integrations.tiktok.products.trees import CategoryTree
from apps.integrations.tiktok.reading import JsonObject, identifier

CATEGORIES = Operation("GET", "/product/202309/categories", is_safe=True)
ATTRIBUTES = Operation(
    "GET", "/product/202309/categories/{category_id}/attributes", is_safe=True
)
RULES = Operation("GET", "/product/202309/categories/{category_id}/rules", is_safe=True)
RECOMMEND = Operation("POST", "/product/202309/categories/recommend", is_safe=True)
BRANDS = Operation("GET", "/product/202309/brands", is_safe=True)
CREATE_BRAND = Operation("POST", "/product/202309/brands", needs_cipher=False)
# A picture that was sent twice is kept twice, and nobody minds.
UPLOAD_IMAGE = Operation(
    "POST", "/product/202309/images/upload", needs_cipher=False, is_safe=True
)
PREREQUISITES = Operation("GET", "/product/202312/prerequisites", is_safe=True)
WAREHOUSES = Operation("GET", "/logistics/202309/warehouses", is_safe=True)

BRANDS_PER_PAGE = 100
LARGEST_IMAGE = 10 * 1024 * 1024
# How files of each kind begin; what is none of these goes as JPEG and is judged there.
_KINDS = (
    (b"\x89PNG", "png"),
    (b"RIFF", "webp"),
    (b"BM", "bmp"),
)


class CatalogueCalls:
    """The part of a client that speaks of the catalogue; raises PlatformError."""

    _call: Callable[..., JsonObject]
    _upload: Callable[..., JsonObject]
    _tree: CategoryTree

    def categories(self, *, keyword: str = "") -> list[RemoteCategory]:
        """The shop's category tree, flat. Source: "Get Categories"."""
        return categories_from_json(self._read(CATEGORIES, {"keyword": keyword}))

    def category_attributes(self, category_id: str) -> list[RemoteAttribute]:
        """What a leaf category asks for, the required first."""
        return attributes_from_json(self._read(ATTRIBUTES.of(category_id), {}))

    def category_rules(self, category_id: str) -> CategoryRules:
        """What a leaf category demands beside attributes."""
        return rules_from_json(self._read(RULES.of(category_id), {}))

    def recommend_category(
        self, title: str, *, description: str = "", image_uris: Sequence[str] = ()
    ) -> str:
        """The leaf category the platform would choose; empty for none."""
        body: dict[str, Any] = {"product_title": title}
        if description:
            body["description"] = description
        if image_uris:
            body["images"] = [{"uri": uri} for uri in image_uris]
        try:
            data = self._tree.call(
                lambda version: self._call(RECOMMEND, body={**body, **version})
            )
        except RequestRefused as error:
            if error.code in NO_CATEGORY_FITS:
                return ""
            raise
        return recommended_leaf(data)

    def brands(
        self, *, category_id: str = "", name: str = "", page_token: str = ""
    ) -> BrandPage:
        """One page of the brands that may be used. Source: "Get Brands"."""
        params = {
            "page_size": str(BRANDS_PER_PAGE),
            "page_token": page_token,
            "category_id": category_id,
            "brand_name": name,
        }
        return brand_page_from_json(self._read(BRANDS, params))

    def create_brand(self, name: str) -> str:
        """The new brand's id."""
        data = self._call(CREATE_BRAND, body={"name": name})
        if brand_id := identifier(data, "id"):
            return brand_id
        raise MalformedReply("TikTok Shop's answer does not name the new brand.")

    def upload_image(
        self, content: bytes, *, use_case: str = "MAIN_IMAGE"
    ) -> UploadedImage:
        """Have the platform keep a picture. Source: "Upload Product Image".

        Raises RequestRefused for one that is too big, without sending it.
        """
        if len(content) > LARGEST_IMAGE:
            raise RequestRefused(
                "The picture has more than 10 MB. Make it smaller, then try again."
            )
        return image_from_json(
            self._upload(
                UPLOAD_IMAGE,
                content,
                filename=f"image.{_kind_of(content)}",
                fields={"use_case": use_case},
            )
        )

    def warehouses(self) -> list[RemoteWarehouse]:
        """The shop's warehouses. Source: "Get Warehouse List"."""
        return warehouses_from_json(self._call(WAREHOUSES))

    def listing_prerequisites(self) -> list[tuple[str, tuple[str, ...]]]:
        """What keeps the shop from listing anything: (item, reasons) of each failed."""
        return failed_prerequisites(self._call(PREREQUISITES))

    def _read(self, operation: Operation, params: Mapping[str, str]) -> JsonObject:
        """Ask with the parameters that say something, in the shop's category tree."""
        asked = {name: value for name, value in params.items() if value}
        return self._tree.call(
            lambda version: self._call(operation, {**asked, **version})
        )


def _kind_of(content: bytes) -> str:
    if content[4:8] == b"ftyp":
        return "heic"
    kinds = (kind for start, kind in _KINDS if content.startswith(start))
    return next(kinds, "jpg")
