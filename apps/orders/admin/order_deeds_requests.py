"""What a seller asks for by themselves, by form: to cancel, to pay back."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from apps.core.money import Money, decimals
from apps.integrations.contracts import ReturnKind
from apps.orders.admin.order_deed_forms import (
    GONE,
    ReasonedForm,
    Units,
    amounts_told,
    reason_field,
    unit_choices,
)
from apps.orders.models import OrderAction
from apps.orders.services.actions import (
    Wish,
    objection,
    reasons_for_cancel,
    reasons_for_return,
    refund_preview,
)

Kind = OrderAction.Kind


class CancelForm(ReasonedForm):
    effect = (
        "TikTok cancels it at once and pays the buyer back what they paid. It cannot "
        "be undone. “Out of stock” counts against the shop."
    )
    look_words = "Show what goes back"
    units = Units(required=False)
    reason = reason_field()

    def prepare(self) -> None:
        order = self.about.order
        self.amounts: list[tuple[str, str]] = []
        self.take_reasons(reasons_for_cancel(order))
        units = unit_choices(order.lines.all(), but=GONE)
        in_parts = len(units) > 1 and self._goes_in_parts(units[0][0])
        self.offer_units(units if in_parts else [], least=2)

    def _goes_in_parts(self, unit_id: str) -> bool:
        some = {"reason": "?", "unit_ids": [unit_id]}
        return not objection(Wish(self.about.order, Kind.CANCEL, some))

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if "units" in self.fields and not chosen.get("units"):
            self.add_error("units", "Tick what is to be cancelled.")
        return chosen

    def look(self) -> bool:
        units, reason = self.chosen_units(), self.cleaned_data["reason"]
        told = refund_preview(self.about.order, "CANCEL", reason, units)
        self.need(told.problem, stops=False)
        self.amounts = amounts_told(told.value)
        return True  # an unpaid order has no amounts to tell

    @property
    def preview(self) -> list[tuple[str, str]]:
        return self.amounts

    def wish(self) -> Wish:
        told = {"reason": self.cleaned_data["reason"], "unit_ids": self.chosen_units()}
        return Wish(self.about.order, Kind.CANCEL, told)


class RefundForm(ReasonedForm):
    """Started by the seller; the kind stands in the address, as reasons hang on it."""

    look_words = "Show what goes back"
    KINDS: ClassVar[dict[str, str]] = {
        ReturnKind.REFUND.value: "Refund, the buyer keeps the goods",
        ReturnKind.RETURN_AND_REFUND.value: "Return and refund",
    }
    units = Units()
    reason = reason_field()
    amount = forms.DecimalField(
        label="Only a part, in all",
        required=False,
        min_value=Decimal("0.01"),
        max_digits=19,
        decimal_places=4,
        help_text="Empty: what TikTok works out.",
    )

    def prepare(self) -> None:
        order = self.about.order
        asked = self.query.get("kind", "")
        self.kind = asked if asked in self.KINDS else next(iter(self.KINDS))
        self.amounts: list[tuple[str, str]] = []
        self.take_reasons(reasons_for_return(order, self.kind))
        units = unit_choices(order.lines.all(), but=GONE)
        self.offer_units(units, least=0)
        if not units:
            self.need("TikTok's API has not told the items of this order yet.")
        if self.kind != ReturnKind.REFUND.value:
            del self.fields["amount"]

    @property
    def words(self) -> str:
        if self.kind == ReturnKind.REFUND.value:
            return "TikTok pays the buyer back; no goods are expected."
        return (
            "TikTok asks the buyer to send the goods back, and pays back once they "
            "have come."
        )

    @property
    def kinds(self) -> list[tuple[str, str, bool]]:
        """(title, name, whether it is this one), to choose from above the form."""
        return [(title, name, name == self.kind) for name, title in self.KINDS.items()]

    def clean_amount(self) -> Decimal | None:
        amount: Decimal | None = self.cleaned_data["amount"]
        currency = self.about.order.currency
        if amount is not None and Money(amount, currency).rounded().amount != amount:
            places = decimals(currency)
            raise forms.ValidationError(f"{currency} has {places} decimals.")
        return amount

    def look(self) -> bool:
        told = refund_preview(
            self.about.order,
            self.kind.upper(),
            self.cleaned_data["reason"],
            self.chosen_units(),
        )
        self.need(told.problem, stops=False)
        self.amounts = amounts_told(told.value)
        if amount := self.cleaned_data.get("amount"):
            part = str(Money(amount, self.about.order.currency))
            self.amounts.append(("Of that, back to the buyer", part))
        return bool(self.amounts)

    @property
    def preview(self) -> list[tuple[str, str]]:
        return self.amounts

    def wish(self) -> Wish:
        amount = self.cleaned_data.get("amount")
        told = {
            "reason": self.cleaned_data["reason"],
            "kind": self.kind,
            "unit_ids": self.chosen_units(),
            "amount": "" if amount is None else f"{amount:f}",
        }
        return Wish(self.about.order, Kind.CREATE_RETURN, told)
