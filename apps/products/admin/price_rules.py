"""Price rules: what they make of a price is tried out before they hold."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.core.filtering import FilteredList, FilterForm
from apps.core.money import Money
from apps.platforms.models import Shop
from apps.products.admin.rows import SimpleRows
from apps.products.errors import ProductRefused
from apps.products.models import PriceRule, VariantPrice
from apps.products.services.price_rules import delete_rule, save_rule, unsaved_rule
from apps.products.services.prices import in_words, is_old, price_for
from apps.users.models import Client
from apps.users.roles import VIEW_LISTING, VIEW_PRODUCT

MOST_TRIED = 5


class RuleFilters(FilterForm):
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_PRODUCT))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        client = self.value("client")
        return rows.filter(client=client) if client else rows


class RuleList(FilteredList):
    form_class = RuleFilters


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """The currency is not asked for: it is the region's, or the shop's."""

    base_currency = forms.CharField(
        max_length=3, help_text="Of the price it starts from, as USD."
    )

    class Meta:
        model = PriceRule
        fields = (
            "region",
            "only_shop",
            "base_currency",
            "rate",
            "rate_on",
            "factor",
            "round_to",
            "ending",
            "is_active",
        )
        labels = {"only_shop": "Only for the shop", "round_to": "Up to a multiple of"}
        help_texts = {"only_shop": "Leave empty for all the client's shops there."}
        widgets = {"rate_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, client: Client, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shop = self.fields["only_shop"]
        assert isinstance(shop, forms.ModelChoiceField)
        shop.queryset = Shop.objects.visible_to(user, VIEW_LISTING).filter(
            client=client
        )
        shop.empty_label = "All shops of the region"

    def clean_base_currency(self) -> str:
        return str(self.cleaned_data["base_currency"]).upper()

    def clean_rate(self) -> Any:
        return more_than_nothing(self.cleaned_data["rate"])

    def clean_factor(self) -> Any:
        return more_than_nothing(self.cleaned_data["factor"])


class PriceRuleAdmin(SimpleRows):
    list_display = ["place", "client", "currencies", "rate_text", "rounding", "state"]
    list_display_links = ["place"]
    ordering = ["client__name", "region", "only_shop__name", "pk"]
    list_before_template = "products/rows.html"
    list_class = RuleList
    list_title = "Price rules"
    noun = "price rule"
    lead = (
        "How prices are made where none was typed: base price times rate times factor, "
        "rounded. A shop's rule goes before its region's."
    )
    row_template = "products/price_rule.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("only_shop")

    def form_for(
        self, request: HttpRequest, client: Client, row: Any, data: Any
    ) -> Any:
        copy = PriceRule.objects.get(pk=row.pk) if row else PriceRule(client=client)
        if row is None:
            copy.rate_on = timezone.localdate()
        numbers = ("rate", "factor", "round_to", "ending")
        return RuleForm(
            data,
            instance=copy,
            initial={name: bare(getattr(copy, name)) for name in numbers},
            client=client,
            user=request.user,
        )

    def save_row(
        self, client: Client, row: Any, form: forms.Form, by: dict[str, Any]
    ) -> Any:
        stored = PriceRule.objects.get(pk=row.pk) if row else None
        return save_rule(client, form.cleaned_data, rule=stored, **by)[0]

    def delete_row(self, row: Any, by: dict[str, Any]) -> None:
        delete_rule(row, **by)

    def row_context(
        self, request: HttpRequest, client: Client, row: Any, form: forms.Form
    ) -> dict[str, Any]:
        rule = row
        if form.is_bound:
            rule = _tried(client, form)
        return {
            "preview": preview_of(client, rule) if rule else None,
            "rule": rule,
            "is_old": bool(rule) and is_old(rule),
        }

    @admin.display(description="For", ordering="region")
    def place(self, rule: PriceRule) -> str:
        where = rule.get_region_display()
        return f"{rule.only_shop} only" if rule.only_shop else f"All shops in {where}"

    @admin.display(description="From → to")
    def currencies(self, rule: PriceRule) -> str:
        return f"{rule.base_currency} → {rule.currency}"

    @admin.display(description="Rate and factor")
    def rate_text(self, rule: PriceRule) -> SafeString:
        return format_html(
            '<div><span class="money-left">{} × {}</span><br>'  # noqa: RUF001
            '<span class="soft">rate of {}</span> {}</div>',
            plain(rule.rate),
            plain(rule.factor),
            f"{rule.rate_on:%d %b %Y}",
            badge("Old rate", "attention") if is_old(rule) else "",
        )

    @admin.display(description="Rounding")
    def rounding(self, rule: PriceRule) -> str:
        if not rule.round_to:
            return "to the currency's decimals"
        less = f" less {plain(rule.ending)}" if rule.ending else ""
        return f"up to {plain(rule.round_to)}{less}"

    @admin.display(description="State", ordering="is_active")
    def state(self, rule: PriceRule) -> SafeString:
        return badge("Active", "good") if rule.is_active else badge("Off", "neutral")


def more_than_nothing(number: Any) -> Any:
    """Said here in our words, before the table says it in its own."""
    if number is not None and number <= 0:
        raise forms.ValidationError("It is more than 0.")
    return number


def bare(number: Any) -> Any:
    """Without the zeros that the table adds, as a field shows it."""
    return f"{number.normalize():f}" if isinstance(number, Decimal) else number


def plain(number: Any) -> str:
    return f"{number.normalize():,f}"


def preview_of(client: Client, rule: PriceRule) -> list[dict[str, Any]]:
    """What the rule makes of some of the client's own prices."""
    prices = VariantPrice.objects.filter(
        variant__client=client,
        variant__is_active=True,
        variant__product__is_active=True,
        currency=rule.base_currency,
    ).select_related("variant__product")
    found = []
    for each in prices.order_by("variant__product__name", "variant__pk")[:MOST_TRIED]:
        base = Money(each.amount, each.currency)
        found.append(
            {
                "variant": each.variant,
                "price": price_for(base, rule),
                "words": in_words(base, rule),
            }
        )
    return found


def _tried(client: Client, form: forms.Form) -> PriceRule | None:
    """The rule as the form has it, if it holds so far."""
    if form.errors:
        return None
    try:
        return unsaved_rule(client, form.cleaned_data)
    except ProductRefused:
        return None
