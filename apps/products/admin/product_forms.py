"""What staff may write about a product, its variants and where they are bought."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from apps.core.currencies import CURRENCIES
from apps.platforms.models import Shop
from apps.products.admin.categories import offer_paths
from apps.products.errors import Fault
from apps.products.models import Category, Product, Supplier, Variant, VariantPrice
from apps.products.services.bundles import components_from, components_text
from apps.products.services.checks import VariantInput
from apps.users.models import Client

NUMBERS = ("weight_grams", "length_cm", "width_cm", "height_cm")
COSTS = ("cost_amount", "cost_currency")
# A form of more fields than a thousand is refused by the framework.
MOST_ROWS = 30
MOST_SOURCES = 100


class ProductForm(forms.Form):
    name = forms.CharField(max_length=300)
    brand = forms.CharField(max_length=120, required=False)
    category = forms.ModelChoiceField(
        Category.objects.none(), required=False, empty_label="— none —"
    )
    description = forms.CharField(
        required=False, widget=forms.Textarea({"rows": 5}), max_length=100_000
    )

    def __init__(self, data: Any, client: Client, product: Product | None) -> None:
        names = ("name", "brand", "category", "description")
        initial = {}
        if product is not None:
            initial = {name: getattr(product, name) for name in names}
        super().__init__(data, initial=initial)
        field = self.fields["category"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Category.objects.filter(client=client)
        offer_paths(field, client)


class VariantForm(forms.Form):
    """One variant with its prices; what it is made of is written as a sum."""

    variant_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    sku = forms.CharField(label="SKU", max_length=60)
    name = forms.CharField(
        max_length=200, required=False, help_text="What sets it apart: “Red / M”."
    )
    barcode = forms.CharField(max_length=40, required=False)
    cost_amount = forms.DecimalField(label="Cost", required=False)
    cost_currency = forms.CharField(label="Cost in", max_length=3, required=False)
    weight_grams = forms.IntegerField(label="Weight, g", required=False)
    length_cm = forms.DecimalField(label="Length, cm", required=False)
    width_cm = forms.DecimalField(label="Width, cm", required=False)
    height_cm = forms.DecimalField(label="Height, cm", required=False)
    other_amount = forms.DecimalField(label="Another price", required=False)
    other_currency = forms.CharField(label="in", max_length=3, required=False)
    is_active = forms.BooleanField(label="Active", required=False, initial=True)
    is_bundle = forms.BooleanField(label="Bundle", required=False)
    components = forms.CharField(
        label="Made of",
        required=False,
        help_text="Of a bundle alone, as LAMP-30*2 + BULB.",
    )

    def __init__(
        self, *args: Any, currencies: Sequence[str], sees_costs: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currencies = currencies
        for currency in currencies:
            self.fields[f"price_{currency}"] = forms.DecimalField(
                label=f"Price {currency}", required=False
            )
        if not sees_costs:
            for name in COSTS:
                del self.fields[name]

    @property
    def groups(self) -> list[list[forms.BoundField]]:
        """Its fields as they stand together."""
        prices = [f"price_{each}" for each in self.currencies]
        rows = (
            ("sku", "name", "barcode"),
            (*prices, "other_amount", "other_currency"),
            (*COSTS, *NUMBERS),
            ("components", "is_bundle", "is_active"),
        )
        return [[self[name] for name in row if name in self.fields] for row in rows]

    @property
    def wanted(self) -> VariantInput:
        given = self.cleaned_data
        named = ("sku", "name", "barcode", *NUMBERS, *COSTS, "is_active", "is_bundle")
        prices: dict[str, Decimal | None] = {
            currency: given[f"price_{currency}"] for currency in self.currencies
        }
        if given["other_amount"] is not None:
            prices[given["other_currency"].upper()] = given["other_amount"]
        values = {name: given[name] for name in named if name in given}
        components = components_from(given["components"])
        if components and not self.initial.get("is_bundle"):
            values["is_bundle"] = True  # whoever says of what need not say that
        return VariantInput(values, given["variant_id"], prices, components)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        amount = given.get("other_amount")
        currency = str(given.get("other_currency", "")).upper()
        if amount is not None and currency not in CURRENCIES:
            self.add_error("other_currency", "Write a code such as MYR.")
        elif amount is None and currency:
            self.add_error("other_amount", "Write the amount, too.")
        return given

    def show(self, fault: Fault) -> None:
        name = fault.field
        if name.startswith("price_") and name not in self.fields:
            name = "other_amount"
        self.add_error(name if name in self.fields else None, fault.message)


VariantForms = formset_factory(
    VariantForm, extra=0, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_ROWS
)


def variant_forms(
    data: Any,
    client: Client,
    variants: Sequence[Variant],
    *,
    sees_costs: bool,
    blank: int,
) -> "BaseFormSet[VariantForm]":
    """A form for each of the variants, and blank ones below."""
    currencies = currencies_of(client)
    initial = _initial_of(variants)
    forms_ = VariantForms(
        data,
        prefix="variants",
        initial=initial,
        form_kwargs={"currencies": currencies, "sees_costs": sees_costs},
    )
    forms_.extra = blank
    return forms_


def currencies_of(client: Client) -> list[str]:
    """Those its shops sell in, and those it has prices in."""
    shops = Shop.objects.filter(client=client).order_by()
    prices = VariantPrice.objects.filter(variant__client=client).order_by()
    found = set(shops.values_list("currency", flat=True).distinct())
    found |= set(prices.values_list("currency", flat=True).distinct())
    return sorted(found & CURRENCIES)


def _initial_of(variants: Iterable[Variant]) -> list[dict[str, Any]]:
    names = ("sku", "name", "barcode", *NUMBERS, "is_active", "is_bundle")
    found = []
    for row in variants:
        initial = {name: plain(getattr(row, name)) for name in (*names, *COSTS)}
        initial["variant_id"] = row.pk
        initial["components"] = components_text_of(row)
        for price in row.prices.all():
            usual = price.price.rounded().amount  # 19.90, but never another price
            is_exact = usual == price.amount
            initial[f"price_{price.currency}"] = usual if is_exact else price.amount
        found.append(initial)
    return found


def components_text_of(row: Variant) -> str:
    return components_text(
        (each.component.sku, each.quantity) for each in row.components.all()
    )


def plain(value: Any) -> Any:
    """Without the zeros that the table adds."""
    return Decimal(f"{value.normalize():f}") if isinstance(value, Decimal) else value


class SourceForm(forms.Form):
    """Where a variant is bought, and for how much."""

    variant = forms.ModelChoiceField(Variant.objects.none(), empty_label="Choose …")
    supplier = forms.ModelChoiceField(Supplier.objects.none(), empty_label="Choose …")
    supplier_sku = forms.CharField(label="Their SKU", max_length=80, required=False)
    cost_amount = forms.DecimalField(label="Cost", required=False)
    currency = forms.CharField(max_length=3, required=False)
    lead_time_days = forms.IntegerField(
        label="Days", required=False, min_value=0, max_value=3_650
    )
    minimum_quantity = forms.IntegerField(
        label="At least", required=False, min_value=0, max_value=10**9
    )
    is_preferred = forms.BooleanField(label="Preferred", required=False)

    def __init__(
        self, *args: Any, variants: Any, suppliers: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("variant", variants), ("supplier", suppliers)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    @property
    def wanted(self) -> Mapping[str, Any]:
        return {
            name: value for name, value in self.cleaned_data.items() if name != "DELETE"
        }

    def show(self, fault: Fault) -> None:
        self.add_error(
            fault.field if fault.field in self.fields else None, fault.message
        )


SourceForms = formset_factory(
    SourceForm,
    extra=2,
    can_delete=True,
    max_num=MOST_SOURCES,
    absolute_max=MOST_SOURCES,
)
