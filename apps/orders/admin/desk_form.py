"""The filters above the order list, as the address has them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from apps.core.filtering import date_input
from apps.orders.admin.sync_questions import SYNC_STATES
from apps.orders.models import Order, OrderQuerySet
from apps.platforms.models import Shop
from apps.platforms.regions import REGIONS
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ORDER

PRESETS = {"today": 1, "7d": 7, "30d": 30, "90d": 90}
# What stands behind "More filters".
MORE = (
    "region",
    "returned",
    "sync",
    "source",
    "carrier",
    "placed_from",
    "placed_to",
    "ship",
    "ship_from",
    "ship_to",
    "amount_min",
    "amount_max",
)


class DeskForm(forms.Form):
    """Fields that do not hold are dropped, with a notice."""

    q = forms.CharField(
        label="Order IDs, tracking numbers, SKUs or package IDs",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 1, "placeholder": "One or up to 100, commas or lines"}
        ),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    priority = forms.ChoiceField(
        required=False, choices=[("", "Any priority"), *Order.Priority.choices]
    )
    status = forms.ChoiceField(
        required=False, choices=[("", "Any status"), *Order.Status.choices]
    )
    placed = forms.ChoiceField(
        label="Placed",
        required=False,
        choices=[
            ("", "Any time"),
            ("today", "Last 24 h"),
            ("7d", "Last 7 days"),
            ("30d", "Last 30 days"),
            ("90d", "Last 90 days"),
        ],
    )
    region = forms.ChoiceField(required=False)
    returned = forms.ChoiceField(
        label="Return",
        required=False,
        choices=[("", "With or without"), *Order.ReturnState.choices],
    )
    sync = forms.ChoiceField(
        label="Sync",
        required=False,
        choices=[
            ("", "Any state"),
            *((name, title) for name, (title, _) in SYNC_STATES.items()),
        ],
    )
    source = forms.ChoiceField(
        required=False, choices=[("", "Any source"), *Order.Source.choices]
    )
    carrier = forms.CharField(required=False, max_length=120)
    placed_from = date_input("Placed from")
    placed_to = date_input("Placed to")
    ship = forms.ChoiceField(
        label="Ship by",
        required=False,
        choices=[
            ("", "Any time"),
            ("today", "Within 24 h"),
            ("7d", "Within 7 days"),
            ("30d", "Within 30 days"),
        ],
    )
    ship_from = date_input("Ship by from")
    ship_to = date_input("Ship by to")
    amount_min = forms.DecimalField(
        label="Total from", required=False, max_digits=19, decimal_places=4
    )
    amount_max = forms.DecimalField(
        label="Total to", required=False, max_digits=19, decimal_places=4
    )

    def __init__(self, data: Mapping[str, Any], user: AnyUser) -> None:
        super().__init__(data)
        shops = Shop.objects.visible_to(user, VIEW_ORDER)
        shop = self.fields["shop"]
        assert isinstance(shop, forms.ModelChoiceField)
        shop.queryset = shops
        region = self.fields["region"]
        assert isinstance(region, forms.ChoiceField)
        region.choices = [
            ("", "All regions"),
            *(
                (code, REGIONS[code].name if code in REGIONS else code)
                for code in sorted(set(shops.values_list("region", flat=True)))
            ),
        ]

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in MORE]

    def apply(self, orders: OrderQuerySet) -> OrderQuerySet:
        """All but the search; days are those of UTC."""
        value = self.cleaned_data
        now = timezone.now()
        conditions = {
            "shop": value.get("shop"),
            "shop__region": value.get("region"),
            "priority": value.get("priority"),
            "status": value.get("status"),
            "return_state": value.get("returned"),
            "total_amount__gte": value.get("amount_min"),
            "total_amount__lte": value.get("amount_max"),
            "carrier__icontains": value.get("carrier"),
            "placed_at__gte": _begin(value.get("placed_from")),
            "placed_at__lt": _end(value.get("placed_to")),
            "ship_by_at__gte": _begin(value.get("ship_from")),
            "ship_by_at__lt": _end(value.get("ship_to")),
        }
        orders = orders.filter(
            **{name: v for name, v in conditions.items() if v not in (None, "")}
        )
        if days := PRESETS.get(value.get("placed") or ""):
            orders = orders.filter(placed_at__gte=now - timedelta(days=days))
        if days := PRESETS.get(value.get("ship") or ""):
            soon = now + timedelta(days=days)
            orders = orders.filter(ship_by_at__gte=now, ship_by_at__lt=soon)
        if source := value.get("source"):
            orders = orders.filter(payloads__source=source)
        if sync := value.get("sync"):
            orders = orders.filter(SYNC_STATES[sync][1](now))
        return orders

    def value_of(self, name: str) -> Any:
        """None where nothing, or nothing usable, was asked."""
        value = self.cleaned_data.get(name)
        return None if value == "" else value


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _end(day: date | None) -> datetime | None:
    """Of the last day there is, none: nothing comes after it."""
    return _begin(day + timedelta(days=1)) if day and day < date.max else None
