"""Buying a label where the platform sells them: measures, then offers, then one."""

from decimal import Decimal
from typing import Any

from django import forms

from apps.core.money import Money
from apps.integrations.contracts import Measures, ShippingService
from apps.orders.admin.order_deed_forms import LEFT, DeedForm, Units, unit_choices
from apps.orders.models import OrderAction
from apps.orders.services.actions import Wish, shipping_services

_SIZES = ("length", "width", "height", "weight")


def _size(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal("0.01"), max_digits=9, decimal_places=2
    )


class BuyLabelForm(DeedForm):
    effect = (
        "TikTok makes a package of the items, sells the label, and takes its price "
        "from the shop's balance. The carrier fetches the package or it is dropped off."
    )
    look_words = "Show the labels on sale"

    units = Units(required=False)
    length = _size("Length")
    width = _size("Width")
    height = _size("Height")
    unit = forms.ChoiceField(choices=[("INCH", "inches"), ("CM", "centimetres")])
    weight = _size("Weight")
    weight_unit = forms.ChoiceField(
        label="Weight in", choices=[("POUND", "pounds"), ("GRAM", "grams")]
    )
    service = forms.ChoiceField(
        label="Shipping service", widget=forms.RadioSelect, required=False
    )

    def prepare(self) -> None:
        units = unit_choices(self.about.order.lines.all(), but=LEFT, loose=True)
        self.offer_units(units, least=0)
        if not units:
            self.need("Everything of this order is in a package already.")
        self.services: dict[str, ShippingService] = {}
        if self.is_bound and self._measures() is not None:
            self._ask()

    def _ask(self) -> None:
        sent: Any = self.data  # of a form that was sent, a QueryDict
        told = shipping_services(
            self.about.order, self._chosen_units(), self._measures()
        )
        self.need(told.problem, stops=False)
        self.services = {row.remote_id: row for row in told.value}
        if not self.services and not told.problem:
            self.problems.append("TikTok sells no label for these measures.")
        self.offer(
            "service", [(key, _words(row)) for key, row in self.services.items()]
        )
        usual = [key for key, row in self.services.items() if row.is_default]
        if usual and "look" in sent and not sent.get("service"):
            chosen = sent.copy()
            chosen["service"] = usual[0]
            self.data = chosen

    def _chosen_units(self) -> list[str]:
        """None: all that are in no package yet."""
        sent: Any = self.data  # of a form that was sent, a QueryDict
        told = sent.getlist("units")
        chosen = [unit for unit in self.unit_ids if unit in told]
        return [] if len(chosen) == len(self.unit_ids) else chosen

    def _measures(self) -> Measures | None:
        """As they were sent; None where one does not hold."""
        try:
            sizes = {
                name: self.fields[name].clean(self.data.get(name))
                for name in (*_SIZES, "unit", "weight_unit")
            }
        except forms.ValidationError:
            return None
        return Measures(**sizes)

    def look(self) -> bool:
        return bool(self.services)

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if "look" not in self.data and self.services and not chosen.get("service"):
            self.add_error("service", "Choose a shipping service.")
        return chosen

    def wish(self) -> Wish:
        chosen = self.cleaned_data
        measures = {name: f"{chosen[name]:f}" for name in _SIZES}
        measures |= {name: chosen[name] for name in ("unit", "weight_unit")}
        told = {
            "unit_ids": self._chosen_units(),
            "service_id": chosen["service"],
            "measures": measures,
        }
        return Wish(self.about.order, OrderAction.Kind.BUY_LABEL, told)


def _words(row: ShippingService) -> str:
    price = f" · {Money(row.price, row.currency)}" if row.price is not None else ""
    days = ""
    if row.earliest_days is not None and row.latest_days is not None:
        days = f" · {row.earliest_days}-{row.latest_days} days"
    carrier = f"{row.carrier} " if row.carrier and row.carrier not in row.name else ""
    return f"{carrier}{row.name}{price}{days}"
