"""What is asked beside whether, before a deed is done to many orders."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from apps.orders.models import Order, ShippingDocument, ShopOrderSettings
from apps.orders.services.actions import reasons_for_cancel
from apps.orders.services.priority import LONGEST_REASON
from apps.platforms.models import Shop

AS_SETTINGS = ("", "As each shop's settings say")
# Each shop is asked for its own reasons while the page waits.
MOST_SHOPS_TO_CANCEL = 5


class BulkForm(forms.Form):
    """Nothing else is asked. `orders` are those the deed would be done to."""

    def __init__(self, data: Any, orders: Sequence[Order]) -> None:
        super().__init__(data)
        self.orders = orders
        self.prepare()

    def prepare(self) -> None:
        """Ask for what hangs on the orders."""

    @property
    def problems(self) -> list[str]:
        """Why it cannot be done to any of them, whatever is chosen."""
        return []


class PriorityForm(BulkForm):
    priority = forms.ChoiceField(choices=Order.Priority.choices, initial="high")
    reason = forms.CharField(
        max_length=LONGEST_REASON, help_text="The orders' timelines show it."
    )


class ShipForm(BulkForm):
    handover = forms.ChoiceField(
        label="The carrier gets them",
        required=False,
        choices=[AS_SETTINGS, *ShopOrderSettings.Handover.choices],
    )


class PaperForm(BulkForm):
    paper = forms.ChoiceField(
        required=False,
        choices=[
            AS_SETTINGS,
            *(
                (kind.value, kind.label)
                for kind in (
                    ShippingDocument.Kind.LABEL,
                    ShippingDocument.Kind.SLIP,
                    ShippingDocument.Kind.LABEL_AND_SLIP,
                )
            ),
        ],
    )


class CancelForm(BulkForm):
    """A reason for each shop, of those TikTok takes there now."""

    def prepare(self) -> None:
        self._problems: list[str] = []
        shops = {order.shop_id: order for order in reversed(self.orders)}
        if len(shops) > MOST_SHOPS_TO_CANCEL:
            self._problems.append(
                f"Reasons differ from shop to shop: choose orders of at most "
                f"{MOST_SHOPS_TO_CANCEL} shops."
            )
            return
        for order in sorted(shops.values(), key=lambda order: order.shop.name):
            self._ask_for(order)

    @property
    def problems(self) -> list[str]:
        return self._problems

    def reason_at(self, shop: Shop) -> str:
        return str(self.cleaned_data[_reason_name(shop.pk)])

    def _ask_for(self, order: Order) -> None:
        """By one order of the shop; what does not fit another, TikTok refuses."""
        told = reasons_for_cancel(order)
        if told.problem or not told.value:
            why = told.problem or "TikTok takes no reason to cancel such orders."
            self._problems.append(f"{order.shop}: {why}")
            return
        self.fields[_reason_name(order.shop_id)] = forms.ChoiceField(
            label=f"Reason, {order.shop}",
            choices=_with_none((each.name, each.text) for each in told.value),
        )


def _reason_name(shop_id: int) -> str:
    return f"reason-{shop_id}"


def _with_none(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Nobody cancels for the reason that happens to stand first."""
    return [("", "Choose a reason"), *choices]
