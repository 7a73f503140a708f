"""Shipping, by form: tracking numbers, handovers, papers."""

from datetime import datetime
from typing import Any

from django import forms

from apps.integrations.contracts import PickupSlot
from apps.orders.admin.order_deed_forms import (
    LEFT,
    DeedForm,
    Units,
    unit_choices,
)
from apps.orders.models import OrderAction, ShippingDocument, ShippingProvider
from apps.orders.services import papers
from apps.orders.services.actions import (
    Wish,
    handover,
    shippable_packages,
    wish_tracking,
)
from apps.orders.services.logistics import carriers_for
from apps.orders.services.order_settings import settings_of

Kind = OrderAction.Kind


class PullForm(DeedForm):
    effect = "TikTok is asked for the order anew; nothing there changes."
    is_outward = False

    def wish(self) -> Wish:
        return Wish(self.about.order, Kind.PULL)


class TrackingForm(DeedForm):
    """For an order, or one of its packages: shipped with an own carrier, marked as
    shipped, or corrected, whichever fits."""

    effect = (
        "TikTok takes the carrier and the number, tells the buyer that it is on its "
        "way, and counts the order as shipped. A number can be corrected for 72 hours."
    )

    package = forms.ChoiceField(required=False)
    provider = forms.ChoiceField(label="Carrier")
    number = forms.CharField(
        label="Tracking number",
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    units = Units(required=False)

    def prepare(self) -> None:
        order = self.about.order
        told = carriers_for(order)
        self.carriers = {str(row.pk): row for row in told.value}
        self.need(told.problem, stops=False)
        if not self.carriers:
            self.need("TikTok names no carrier that this order may be sent with.")
        self.offer("provider", [("", "Choose…"), *self._carriers()])
        self.packages = {} if self.about.package else self._packages()
        if len(self.packages) > 1:
            names = ((key, str(package)) for key, package in self.packages.items())
            self.fields["package"].required = True
            self.offer("package", [("", "Choose…"), *names])
        else:
            del self.fields["package"]
        units = [] if self.about.package or self.packages else self._units()
        self.offer_units(units, least=2)

    def _carriers(self) -> list[tuple[str, str]]:
        return [(key, row.name) for key, row in self.carriers.items()]

    def _packages(self) -> dict[str, Any]:
        return {str(row.pk): row for row in shippable_packages(self.about.order)}

    def _units(self) -> list[tuple[str, str]]:
        return unit_choices(self.about.order.lines.all(), but=LEFT, loose=True)

    def wish(self) -> Wish:
        chosen = self.cleaned_data
        package = self.about.package or self.packages.get(chosen.get("package", ""))
        if package is None and len(self.packages) == 1:
            (package,) = self.packages.values()
        provider: ShippingProvider = self.carriers[chosen["provider"]]
        return wish_tracking(
            self.about.order,
            chosen["number"].strip(),
            provider,
            package=package,
            unit_ids=self.chosen_units(),
        )


class ShipForm(DeedForm):
    """A package is given to the platform's carrier."""

    effect = (
        "TikTok books its carrier for the package and the order counts as arranged. "
        "The label can be printed after that."
    )
    how = forms.ChoiceField(label="How it is handed over", widget=forms.RadioSelect)

    def prepare(self) -> None:
        assert self.about.package is not None
        order = self.about.order
        told = handover(self.about.package)
        self.need(told.problem, stops=False)
        self.slots: dict[str, PickupSlot] = {}
        choices = [("", "As TikTok thinks best")]
        if told.value is not None:
            if told.value.can_drop_off:
                choices.append(("DROP_OFF", "We drop it off"))
            if told.value.can_pick_up:
                free = [slot for slot in told.value.slots if slot.is_free]
                self.slots = {f"PICKUP {slot.start.isoformat()}": slot for slot in free}
                for key, slot in self.slots.items():
                    start = slot.start.astimezone(order.shop.zone)
                    end = slot.end.astimezone(order.shop.zone)
                    words = (
                        f"Picked up {start:%a %d %b %H:%M}-{end:%H:%M} {start.tzname()}"
                    )
                    choices.append((key, words))
                if not free:
                    choices.append(("PICKUP", "Picked up, when TikTok says"))
        self.fields["how"].required = False
        self.offer("how", choices)
        usual = settings_of(order.shop).handover_method
        fitting = [key for key, _ in choices if usual and key.startswith(usual)]
        self.fields["how"].initial = fitting[0] if fitting else ""

    def wish(self) -> Wish:
        how = self.cleaned_data["how"]
        slot = self.slots.get(how)
        told = {
            "handover_method": how.split()[0] if how else "",
            "slot": [_iso(slot.start), _iso(slot.end)] if slot else None,
        }
        return Wish(self.about.order, Kind.SHIP, told, package=self.about.package)


class LabelForm(DeedForm):
    effect = (
        "TikTok is asked for the paper, which is kept here for some days, to be "
        "printed. It shows the buyer's address."
    )
    is_outward = False
    kind = forms.ChoiceField(label="Paper", choices=ShippingDocument.Kind.choices)
    size = forms.ChoiceField(choices=ShippingDocument.Size.choices)
    format = forms.ChoiceField(choices=ShippingDocument.Format.choices)

    def prepare(self) -> None:
        usual = papers.usual_paper(self.about.order.shop_id)
        for name in ("kind", "size", "format"):
            self.fields[name].initial = getattr(usual, name)

    def wish(self) -> Wish:
        chosen = {name: self.cleaned_data[name] for name in ("kind", "size", "format")}
        return Wish(self.about.order, Kind.LABEL, chosen, package=self.about.package)


def _iso(moment: datetime) -> str:
    return moment.isoformat()
