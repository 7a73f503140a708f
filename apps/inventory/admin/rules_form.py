"""What a stock rule is about, and what it says."""

import hashlib
from typing import Any

from django import forms
from django.db.models import QuerySet

from apps.inventory.models import StockRule, Warehouse
from apps.inventory.services.rules import TWICE
from apps.platforms.models import Shop
from apps.products.models import Variant
from apps.users.models import Client
from apps.users.roles import VIEW_STOCK


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """The SKU is typed: a client has thousands."""

    sku = forms.CharField(
        label="Only for the SKU",
        required=False,
        max_length=50,
        help_text="Ours, as in the catalogue. Leave empty for all.",
    )

    class Meta:
        model = StockRule
        fields = (
            "sku",
            "shop",
            "warehouse",
            "buffer",
            "share_percent",
            "cap",
            "last_pieces",
            "last_pieces_shop",
            "note",
        )
        labels = {
            "shop": "Only for the shop",
            "warehouse": "Only for the warehouse",
            "buffer": "Keep back",
            "share_percent": "Share in percent",
            "last_pieces_shop": "The shop of the last pieces",
        }

    def __init__(self, *args: Any, client: Client, user: Any, **kwargs: Any) -> None:
        rule = kwargs.get("instance") or StockRule(client=client)
        kwargs["instance"] = rule
        kwargs["initial"] = {"sku": rule.variant.sku if rule.variant else ""}
        super().__init__(*args, **kwargs)
        self.client = client
        shops = Shop.objects.visible_to(user, VIEW_STOCK).filter(client=client)
        self._offer("shop", shops, "All shops")
        self._offer("last_pieces_shop", shops, "—")
        places = Warehouse.objects.filter(client=client, is_active=True)
        self._offer("warehouse", places, "All warehouses")

    def _offer(self, name: str, rows: QuerySet[Any], empty: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset, field.empty_label = rows, empty

    def clean_sku(self) -> Variant | None:
        text = str(self.cleaned_data["sku"]).strip()
        if not text:
            return None
        own: QuerySet[Variant] = Variant.objects.filter(client=self.client)
        variant = own.filter(sku__iexact=text).first()
        if variant is None:
            raise forms.ValidationError(f"{self.client} has no SKU “{text}”.")
        return variant

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self.instance.variant = values.get("sku")
        figures = ("buffer", "share_percent", "cap", "last_pieces")
        if not self.errors and all(values.get(name) is None for name in figures):
            raise forms.ValidationError("Say at least one figure.")
        if (values.get("last_pieces") is None) != (not values.get("last_pieces_shop")):
            raise forms.ValidationError(
                "Say both how many last pieces, and which shop they are for."
            )
        if not self.errors and self._is_there(values):
            raise forms.ValidationError(TWICE)
        return values

    def _is_there(self, values: dict[str, Any]) -> bool:
        """Whether another rule is about exactly that."""
        rows = StockRule.objects.filter(
            client=self.client,
            shop=values.get("shop"),
            variant=values.get("sku"),
            warehouse=values.get("warehouse"),
        )
        return rows.exclude(pk=self.instance.pk).exists()

    @property
    def rule(self) -> StockRule:
        """As the form has it, in memory."""
        rule: StockRule = self.instance
        return rule

    @property
    def seal(self) -> str:
        """Of the values: what was looked at is what is saved."""
        values = {
            name: getattr(value, "pk", value)
            for name, value in sorted(self.cleaned_data.items())
        }
        said = f"{self.client.pk} {self.instance.pk} {values}"
        return hashlib.sha256(said.encode()).hexdigest()[:24]
