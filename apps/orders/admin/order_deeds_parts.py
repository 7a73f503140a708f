"""Packages split, put together, taken apart and delivered, by form."""

from typing import Any

from django import forms

from apps.orders.admin.order_deed_forms import LEFT, DeedForm, unit_choices
from apps.orders.models import OrderAction
from apps.orders.services.actions import DELIVERY_FAILURES, Wish, split_advice
from apps.orders.services.looking_up import combine_offers

Kind = OrderAction.Kind
MOST_GROUPS = 10


class SplitForm(DeedForm):
    """A number for each item: the package it goes into."""

    effect = (
        "TikTok makes a package of each group of items. Each is shipped by itself, and "
        "the buyer gets as many deliveries."
    )

    def prepare(self) -> None:
        order = self.about.order
        told = split_advice(order)
        self.need(told.problem, stops=False)
        self.must = told.value.reasons if told.value and told.value.must_split else ()
        if told.value is not None and not told.value.can_split:
            why = "; ".join(told.value.reasons)
            self.need(f"TikTok does not split this order. {why}".strip())
        self.units = unit_choices(order.lines.all(), but=LEFT)
        count = min(len(self.units), MOST_GROUPS)
        if count < 2:
            self.need("Fewer than two items of it are still here.")
        numbers = [(str(place), f"Package {place}") for place in range(1, count + 1)]
        for place, (unit, words) in enumerate(self.units):
            self.fields[f"unit-{unit}"] = forms.ChoiceField(
                label=words, choices=numbers, initial="1" if place == 0 else "2"
            )

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if not self.errors and len(self.groups) < 2:
            self.add_error(None, "Put the items into two packages at least.")
        return chosen

    @property
    def groups(self) -> list[list[str]]:
        found: dict[str, list[str]] = {}
        for unit, _ in self.units:
            number = self.cleaned_data.get(f"unit-{unit}", "")
            found.setdefault(number, []).append(unit)
        return [found[number] for number in sorted(found, key=int)]

    @property
    def words(self) -> str:
        reasons = f" It must be split: {'; '.join(self.must)}." if self.must else ""
        return f"{self.effect}{reasons}"

    def wish(self) -> Wish:
        return Wish(self.about.order, Kind.SPLIT, {"groups": self.groups})


class CombineForm(DeedForm):
    effect = (
        "TikTok puts the orders into one package, which is shipped once. It can be "
        "taken apart again until it is shipped."
    )
    offer_id = forms.ChoiceField(label="Send together", widget=forms.RadioSelect)

    def prepare(self) -> None:
        told = combine_offers(self.about.order)
        self.offers = {offer.remote_id: offer for offer in told.value}
        self.need(told.problem, stops=False)
        if not self.offers:
            self.need("TikTok has no other order that could travel with this one.")
        self.offer("offer_id", [(key, self._others(key)) for key in self.offers])
        if len(self.offers) == 1:
            self.fields["offer_id"].initial = next(iter(self.offers))

    def _others(self, key: str) -> str:
        own = self.about.order.remote_id
        return "With order " + ", ".join(
            number for number in self.offers[key].order_ids if number != own
        )

    def wish(self) -> Wish:
        offer = self.offers[self.cleaned_data["offer_id"]]
        told = {"offer_id": offer.remote_id, "order_ids": list(offer.order_ids)}
        return Wish(self.about.order, Kind.COMBINE, told)


class UncombineForm(DeedForm):
    effect = "TikTok takes the orders out of the package; each is shipped by itself."
    orders = forms.MultipleChoiceField(
        label="Take out", widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        assert self.about.package is not None
        numbers = self.about.package.orders.order_by("pk")
        self.numbers = list(numbers.values_list("remote_id", flat=True))
        if len(self.numbers) < 2:
            self.need("Only one order is in this package.")
        self.offer("orders", [(number, number) for number in self.numbers])
        self.fields["orders"].initial = self.numbers

    def wish(self) -> Wish:
        chosen = self.cleaned_data["orders"]
        told = {"order_ids": [] if len(chosen) == len(self.numbers) else chosen}
        return Wish(self.about.order, Kind.UNCOMBINE, told, package=self.about.package)


class DeliverForm(DeedForm):
    effect = (
        "TikTok is told what became of a package that our own fleet brings. Delivered, "
        "the time in which the buyer may return it begins."
    )
    failed_because = forms.ChoiceField(
        label="What became of it",
        required=False,
        choices=[("", "It was delivered"), *DELIVERY_FAILURES.items()],
    )

    def wish(self) -> Wish:
        told = {"failed_because": self.cleaned_data["failed_because"]}
        return Wish(self.about.order, Kind.DELIVER, told, package=self.about.package)
