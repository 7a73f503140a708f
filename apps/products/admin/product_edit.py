"""Forms of a product: itself with its variants, and where those are bought.

They work without a script: “More rows” sends what was written and shows it again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from apps.core.admin import ModelAdmin
from apps.core.errors import DomainError
from apps.products.admin.product_forms import (
    MOST_ROWS,
    MOST_SOURCES,
    ProductForm,
    SourceForms,
    plain,
    variant_forms,
)
from apps.products.admin.rows import (
    by_whom,
    chosen_client,
    managed_clients,
    show_faults,
)
from apps.products.errors import Fault, ProductRefused
from apps.products.models import Product, Supplier, SupplySource, Variant
from apps.products.services.barcodes import barcode_warning
from apps.products.services.catalogue import create_product, update_product
from apps.products.services.suppliers import mark_of_sources, set_sources
from apps.users.models import Client
from apps.users.roles import VIEW_COST

VARIANTS_A_PAGE = 20
PAGE = "admin:products_product_change"
MORE = 5


def add(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    clients = managed_clients(request)
    if not clients.exists():
        raise PermissionDenied
    client = chosen_client(request, clients)
    if client is None:
        context: dict[str, Any] = {"title": "Add product", "clients": clients}
        return pages.own_page(request, "products/for_client.html", context)
    form, variants = _forms(request, client, None, [], blank=2)
    if _is_sent(request) and _hold(form, variants):
        try:
            product = create_product(
                client,
                form.cleaned_data,
                [each.wanted for each in _filled(variants)],
                **by_whom(request),
            )
        except DomainError as error:
            _show(error, form, variants)
        else:
            messages.success(request, f"{product} is added.")
            _warn(request, variants)
            return redirect(PAGE, product.pk)
    context = {"title": "Add product", "client": client}
    return _page(pages, request, context, form, variants)


def edit(pages: ModelAdmin, request: HttpRequest, product: Product) -> HttpResponse:
    rows = product.variants.prefetch_related("prices", "components__component")
    page = Paginator(rows, VARIANTS_A_PAGE).get_page(request.GET.get("p"))
    shown = list(page.object_list)
    form, variants = _forms(request, product.client, product, shown, blank=1)
    if _is_sent(request) and _hold(form, variants):
        try:
            said = update_product(
                product,
                form.cleaned_data,
                [each.wanted for each in _filled(variants)],
                removed=_removed(variants),
                seen=_instant(request.POST.get("seen", "")),
                **by_whom(request),
            )
        except DomainError as error:
            _show(error, form, variants)
        else:
            told = f"{product} is saved." if said else "Nothing was changed."
            messages.success(request, told)
            _warn(request, variants)
            return redirect(PAGE, product.pk)
    context = {
        "title": f"Edit {product}",
        "client": product.client,
        "product": product,
        "page": page,
        "seen": request.POST.get("seen") or product.modified_at.isoformat(),
    }
    return _page(pages, request, context, form, variants)


def sources(pages: ModelAdmin, request: HttpRequest, product: Product) -> HttpResponse:
    page = Paginator(product.variants.all(), VARIANTS_A_PAGE).get_page(
        request.GET.get("p")
    )
    shown = [row.pk for row in page.object_list]
    stored = SupplySource.objects.filter(variant__in=shown)
    forms = SourceForms(
        _data(request, "sources", MOST_SOURCES),
        prefix="sources",
        initial=[_source(row) for row in stored.order_by("variant__position", "pk")],
        form_kwargs={
            "variants": product.variants.filter(pk__in=shown),
            "suppliers": Supplier.objects.filter(client=product.client_id),
        },
    )
    if _is_sent(request) and forms.is_valid():
        kept = _filled(forms)
        try:
            wanted = [each.wanted for each in kept]
            seen = request.POST.get("seen")
            changed = set_sources(
                product, wanted, of=shown, seen=seen, **by_whom(request)
            )
        except DomainError as error:
            _show_rows(error, kept, forms)
        else:
            told = "Suppliers saved." if changed else "Nothing was changed."
            messages.success(request, told)
            return redirect(PAGE, product.pk)
    context = {
        "title": f"Suppliers of {product}",
        "product": product,
        "forms": forms,
        "page": page,
        "seen": request.POST.get("seen") or mark_of_sources(shown),
        "has_suppliers": Supplier.objects.filter(client=product.client_id).exists(),
    }
    return pages.own_page(request, "products/sources.html", context)


def _forms(
    request: HttpRequest,
    client: Client,
    product: Product | None,
    shown: Sequence[Variant],
    *,
    blank: int,
) -> tuple[ProductForm, Any]:
    data = _data(request, "variants", MOST_ROWS)
    variants = variant_forms(
        data,
        client,
        shown,
        sees_costs=request.user.has_perm(VIEW_COST, client),
        blank=blank,
    )
    return ProductForm(data, client, product), variants


def _data(request: HttpRequest, prefix: str, most: int) -> QueryDict | None:
    """What was sent, with more blank rows if they were asked for."""
    if request.method != "POST":
        return None
    if "more" not in request.POST:
        return request.POST
    data = request.POST.copy()
    name = f"{prefix}-TOTAL_FORMS"
    count = data.get(name, "")
    if count.isascii() and count.isdecimal() and len(count) < 4:
        total = min(int(count) + MORE, most)
        data[name] = str(total)
        for number in range(int(count), total):  # as a blank row would be sent
            data[f"{prefix}-{number}-is_active"] = "on"
    return data


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST" and "more" not in request.POST


def _hold(form: ProductForm, variants: Any) -> bool:
    """Both are asked, so that all that is wrong is shown at once."""
    holds = [form.is_valid(), variants.is_valid()]
    return all(holds)


def _filled(forms: Any) -> list[Any]:
    gone = {id(each) for each in forms.deleted_forms}
    return [
        each
        for number, each in enumerate(forms.forms)
        if id(each) not in gone
        and (number < forms.initial_form_count() or each.has_changed())
    ]


def _removed(forms: Any) -> list[int]:
    keys = (each.cleaned_data.get("variant_id") for each in forms.deleted_forms)
    return [key for key in keys if key is not None]


def _show(error: DomainError, form: ProductForm, variants: Any) -> None:
    """Each fault beside its field."""
    if not isinstance(error, ProductRefused):
        form.add_error(None, str(error))
        return
    own = [each for each in error.faults if each.row is None]
    if own:
        show_faults(form, ProductRefused(own))
    _show_in_rows(error.faults, _filled(variants))


def _show_rows(error: DomainError, kept: Sequence[Any], forms: Any) -> None:
    if isinstance(error, ProductRefused):
        _show_in_rows(error.faults, kept)
    else:
        forms.non_form_errors().append(str(error))


def _show_in_rows(faults: Sequence[Fault], kept: Sequence[Any]) -> None:
    for fault in faults:
        if fault.row is not None:
            kept[fault.row].show(fault)


def _warn(request: HttpRequest, variants: Any) -> None:
    for each in _filled(variants):
        if told := barcode_warning(each.wanted.values.get("barcode", "")):
            messages.warning(request, told)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _source(row: SupplySource) -> Mapping[str, Any]:
    names = ("supplier_sku", "currency", "lead_time_days", "minimum_quantity")
    return {
        "variant": row.variant_id,
        "supplier": row.supplier_id,
        "cost_amount": plain(row.cost_amount),
        "is_preferred": row.is_preferred,
        **{name: getattr(row, name) for name in names},
    }


def _page(
    pages: ModelAdmin,
    request: HttpRequest,
    context: dict[str, Any],
    form: ProductForm,
    variants: Any,
) -> HttpResponse:
    is_wrong = bool(request.method == "POST" and (form.errors or variants.errors))
    context |= {"form": form, "variants": variants, "is_wrong": is_wrong}
    return pages.own_page(request, "products/edit.html", context)
