"""What every form of a deed has: what it is about, its effect, the wish it makes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from apps.core.money import Money
from apps.integrations.contracts import (
    Decision,
    OrderStatus,
    RefundAmounts,
    RequestReason,
)
from apps.orders.models import Cancellation, Order, OrderLine, Package, Return
from apps.orders.services.actions import Told, Wish


@dataclass(frozen=True, slots=True)
class About:
    """One order, and what of it the deed is done to."""

    order: Order
    package: Package | None = None
    cancellation: Cancellation | None = None
    order_return: Return | None = None
    decision: Decision | None = None

    @property
    def answer(self) -> Decision:
        """Of a deed that answers a return."""
        assert self.decision is not None
        return self.decision

    @property
    def request(self) -> Cancellation | Return | None:
        return self.cancellation or self.order_return

    @property
    def anchor(self) -> str:
        """Where on the order's page it stands."""
        if self.package is not None:
            return f"#package-{self.package.pk}"
        if self.cancellation is not None:
            return f"#cancellation-{self.cancellation.pk}"
        if self.order_return is not None:
            return f"#return-{self.order_return.pk}"
        return ""


class DeedForm(forms.Form):
    """`effect` is what TikTok will do; `problems` is what it did not tell us, which may
    leave nothing to choose: then the form is not offered (`is_offered`).

    Where `look_words` are given, amounts or offers are shown before it can be sent.
    One that is not `outward` changes nothing on the platform.
    """

    effect: ClassVar[str] = ""
    look_words: ClassVar[str] = ""
    is_outward: ClassVar[bool] = True

    def __init__(self, data: Any, about: About, query: Any) -> None:
        super().__init__(data)
        self.about = about
        self.query = query
        self.problems: list[str] = []
        self.is_offered = True
        self.unit_ids: list[str] = []
        self.prepare()

    def prepare(self) -> None:
        """Fill in the choices there are."""

    def wish(self) -> Wish:
        """Of a form that holds. Raises ActionRefused."""
        raise NotImplementedError

    def look(self) -> bool:
        """Show what would come of it; False where that is not known, or not chosen."""
        return True

    @property
    def words(self) -> str:
        return self.effect

    @property
    def preview(self) -> list[tuple[str, str]]:
        """(name, amount) of what was looked at."""
        return []

    def offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def offer_units(self, choices: list[tuple[str, str]], *, least: int = 1) -> None:
        """Let items be ticked, all to begin with; of fewer than `least` there is
        nothing to choose."""
        if len(choices) < least:
            del self.fields["units"]
            return
        self.unit_ids = [unit for unit, _ in choices]
        self.offer("units", choices)
        self.fields["units"].initial = self.unit_ids

    def chosen_units(self) -> list[str]:
        """The items ticked; none named means all there are."""
        chosen = self.cleaned_data.get("units") or []
        return [] if len(chosen) == len(self.unit_ids) else list(chosen)

    def need(self, problem: str, *, stops: bool = True) -> None:
        """Tell what is missing; without it the deed cannot be offered if it `stops`."""
        if problem:
            self.problems.append(problem)
        self.is_offered = self.is_offered and not stops


class Units(forms.MultipleChoiceField):
    """Single items of the order, ticked. All of them means the whole order."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(label="Items", **options)


def unit_choices(
    lines: Iterable[OrderLine], *, but: Iterable[str] = (), loose: bool = False
) -> list[tuple[str, str]]:
    """(unit's ID, words) of all items that are not in one of the statuses `but`;
    `loose`: only those in no package yet."""
    found = []
    for line in lines:
        name = line.product_name or line.seller_sku or line.remote_sku_id
        words = " · ".join(
            part for part in (name, line.variation, line.seller_sku) if part
        )
        for place, (unit, status, package) in enumerate(line.units, 1):
            if status in but or (loose and package):
                continue
            many = f" ({place} of {len(line.units)})" if len(line.units) > 1 else ""
            found.append((unit, f"{words}{many}"))
    return found


GONE = (OrderStatus.CANCELLED.value,)
LEFT = (
    OrderStatus.CANCELLED.value,
    OrderStatus.AWAITING_COLLECTION.value,
    OrderStatus.IN_TRANSIT.value,
    OrderStatus.DELIVERED.value,
    OrderStatus.COMPLETED.value,
)


def amounts_told(amounts: RefundAmounts | None) -> list[tuple[str, str]]:
    """For a preview: (name, amount); what the platform did not say is left out."""
    if amounts is None:
        return []
    rows = (
        ("Goods", amounts.subtotal),
        ("Shipping", amounts.shipping),
        ("Tax", amounts.tax),
        ("Fees", amounts.fees),
        ("Back to the buyer in all", amounts.total),
    )
    return [
        (name, str(Money(amount, amounts.currency)))
        for name, amount in rows
        if amount is not None
    ]


def reason_field() -> forms.ChoiceField:
    return forms.ChoiceField(label="Reason")


class ReasonedForm(DeedForm):
    """Asks for one of the reasons the platform takes."""

    def take_reasons(self, told: Told[list[RequestReason]]) -> None:
        if not told.value:
            self.need(told.problem or "TikTok takes no reason for this now.")
        elif told.problem:
            self.need(told.problem, stops=False)
        rows = [(row.name, row.text or row.name) for row in told.value]
        self.offer("reason", [("", "Choose…"), *rows])
