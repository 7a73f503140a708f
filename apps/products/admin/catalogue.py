"""The client's own products: a list, one page each, and what is done from there."""

from collections import defaultdict
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Min, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, ago, badge
from apps.core.money import Money
from apps.products.admin import product_deeds, product_edit, product_files, product_page
from apps.products.admin.base import CatalogueAdmin
from apps.products.admin.product_filters import ProductList, listed_skus
from apps.products.admin.rows import managed_clients
from apps.products.models import Product, ProductImage, Variant, VariantPrice
from apps.users.models import AnyUser

SKUS_NAMED = 2
SHOPS_NAMED = 3
_LINE = '<span class="line">{}</span>'


class ProductAdmin(OwnList, CatalogueAdmin):
    list_display = [
        "product",
        "skus",
        "price",
        "listings",
        "category_path",
        "modified",
    ]
    list_display_links = ["product"]
    ordering = ["name", "pk"]
    list_before_template = "products/list.html"
    list_class = ProductList
    list_title = "Products"

    def get_urls(self) -> list[URLPattern]:
        kept = [
            url
            for url in super().get_urls()
            if url.name == "products_product_changelist"
        ]
        return [
            *kept,
            self._path("add/", self.add_view, "add"),
            self._path("files/", self.files_view, "files"),
            self._path("files/export/", self.export_view, "export"),
            self._path("files/apply/", self.apply_view, "apply"),
            self._path("files/errors/", self.errors_view, "errors"),
            self._path("<path:object_id>/change/", self.change_view, "change"),
            self._path("<path:object_id>/edit/", self.edit_view, "edit"),
            self._path("<path:object_id>/suppliers/", self.sources_view, "sources"),
            self._path("<path:object_id>/do/<slug:deed>/", self.act_view, "act"),
            self._path(
                "<path:object_id>/pictures/<int:image_id>/<slug:deed>/",
                self.picture_view,
                "picture",
            ),
        ]

    def _path(self, route: str, view: Any, name: str) -> URLPattern:
        wrapped = self.admin_site.admin_view(view)
        pattern: URLPattern = path(route, wrapped, name=f"products_product_{name}")
        return pattern

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not the theme's button: the list has its own, with words."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("client")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        cl.result_list = _with_facts(list(cl.result_list), cl.filters, request.user)
        return super().list_context(request, cl) | {
            "may_add": managed_clients(request).exists(),
        }

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return product_edit.add(self, request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        product = self.product_of(request, object_id)
        if product is None:
            return self.missing(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        context = product_page.page_context(request, product)
        return self.own_page(request, "products/product.html", context)

    def edit_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        product = self.product_of(request, object_id)
        if product is None:
            return self.missing(request, object_id)
        self.check_may_change(request, product)
        return product_edit.edit(self, request, product)

    def sources_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        product = self.product_of(request, object_id)
        if product is None:
            return self.missing(request, object_id)
        self.check_may_change(request, product)
        return product_edit.sources(self, request, product)

    def act_view(self, request: HttpRequest, object_id: str, deed: str) -> HttpResponse:
        """Archive, restore, delete, upload: POST, permission, one service."""
        if deed not in product_deeds.DEEDS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        product = self.product_of(request, object_id)
        if product is None:
            return self.missing(request, object_id)
        self.check_may_change(request, product)
        return product_deeds.act(request, product, deed)

    def picture_view(
        self, request: HttpRequest, object_id: str, image_id: int, deed: str
    ) -> HttpResponse:
        if deed not in product_deeds.PICTURE_DEEDS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        product = self.product_of(request, object_id)
        if product is None:
            return self.missing(request, object_id)
        self.check_may_change(request, product)
        image = product.images.filter(pk=image_id).first()
        if image is None:
            return self.missing(request, str(image_id), ProductImage._meta)
        return product_deeds.act_on_picture(request, product, image, deed)

    def files_view(self, request: HttpRequest) -> HttpResponse:
        return product_files.files(self, request)

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        return product_files.export(self, request)

    def apply_view(self, request: HttpRequest) -> HttpResponse:
        return product_files.apply(self, request)

    def errors_view(self, request: HttpRequest) -> HttpResponse:
        return product_files.errors(self, request)

    def product_of(self, request: HttpRequest, object_id: str) -> Product | None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        product: Product | None = self.get_object(request, object_id)
        return product

    def check_may_change(self, request: HttpRequest, product: Product) -> None:
        if not self.has_change_permission(request, product):
            raise PermissionDenied

    @admin.display(description="Product", ordering="name")
    def product(self, product: Any) -> SafeString:
        return format_html(
            '<span class="pictured">{}<span class="titled">{} {}<br>'
            '<span class="soft">{}</span></span></span>',
            _picture(product.image_id),
            product.name,
            "" if product.is_active else badge("Archived", "neutral"),
            " · ".join(filter(None, [product.brand, str(product.client)])),
        )

    @admin.display(description="SKUs")
    def skus(self, product: Any) -> SafeString:
        more = len(product.skus) - SKUS_NAMED
        return format_html(
            '<div>{}{}<br><span class="soft">{} SKU{}{}</span></div>',
            ", ".join(product.skus[:SKUS_NAMED]),
            f", +{more}" if more > 0 else "",
            len(product.skus),
            "" if len(product.skus) == 1 else "s",
            " · bundle" if product.has_bundle else "",
        )

    @admin.display(description="Price")
    def price(self, product: Any) -> SafeString | str:
        if not product.price_ranges:
            return "—"
        lines = ((each,) for each in product.price_ranges)
        told = format_html_join("", _LINE, lines)
        return format_html('<div class="mono">{}</div>', told)

    @admin.display(description="Listings")
    def listings(self, product: Any) -> SafeString:
        if not product.listed:
            return badge("No listing", "attention")
        lines = [(f"{shop} · {count}",) for shop, count in product.listed]
        if (more := len(lines) - SHOPS_NAMED) > 0:
            lines[SHOPS_NAMED:] = [(f"and {more} more shops",)]
        return format_html("<div>{}</div>", format_html_join("", _LINE, lines))

    @admin.display(description="Category", ordering="category__name")
    def category_path(self, product: Any) -> str:
        return product.path or "—"

    @admin.display(description="Modified", ordering="modified_at")
    def modified(self, product: Product) -> SafeString | str:
        return ago(product.modified_at)


def _picture(image_id: int | None) -> SafeString:
    """Names nothing: the product's name stands beside it."""
    if image_id is None:
        return format_html(
            '<span class="{}" aria-hidden="true"></span>', "thumb thumb-none"
        )
    return format_html(
        '<img class="thumb" src="{}" alt="" width="44" height="44" loading="lazy">',
        reverse("products:thumb", args=[image_id]),
    )


def _with_facts(products: list[Any], filters: Any, user: AnyUser) -> list[Any]:
    """What the columns show of the products of a page: four queries for all."""
    keys = [product.pk for product in products]
    skus: dict[int, list[str]] = defaultdict(list)
    bundles = set()
    for key, sku, is_bundle in (
        Variant.objects.filter(product__in=keys)
        .order_by("position", "pk")
        .values_list("product", "sku", "is_bundle")
    ):
        skus[key].append(sku)
        if is_bundle:
            bundles.add(key)
    ranges, listed = _price_ranges(keys), _listed(keys, user)
    images = _first_images(keys)
    for product in products:
        product.skus = skus[product.pk]
        product.has_bundle = product.pk in bundles
        product.price_ranges = ranges[product.pk]
        product.listed = listed[product.pk]
        product.image_id = images.get(product.pk)
        product.path = filters.paths.get(product.category_id, "")
    return products


def _price_ranges(keys: list[int]) -> dict[int, list[str]]:
    """As “MYR 19.90 to 24.90”, a line a currency."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = VariantPrice.objects.filter(variant__product__in=keys)
    for key, currency, low, high in (
        rows.order_by("currency")
        .values_list("variant__product", "currency")
        .annotate(low=Min("amount"), high=Max("amount"))
    ):
        words = str(Money(low, currency))
        if low != high:
            words += f" to {Money(high, currency).rounded().amount:,}"
        found[key].append(words)
    return found


def _listed(keys: list[int], user: AnyUser) -> dict[int, list[tuple[str, int]]]:
    """(shop, number of its listings) of each product."""
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    rows = listed_skus(user).filter(variant__product__in=keys)
    for key, name, region, count in (
        rows.order_by("shop__name", "shop")
        .values_list("variant__product", "shop__name", "shop__region")
        .annotate(count=Count("listing", distinct=True))
    ):
        found[key].append((f"{name} ({region})", count))
    return found


def _first_images(keys: list[int]) -> dict[int, int]:
    rows = ProductImage.objects.filter(product__in=keys).order_by("-position", "-pk")
    # The first of each is written last.
    return dict(rows.values_list("product", "pk"))
