"""What a seller answers to a buyer's request, by form: yes or no, and why."""

from decimal import Decimal
from typing import Any

from django import forms

from apps.core.money import Money, decimals
from apps.integrations.contracts import Decision
from apps.orders.admin.order_decisions import DECISIONS
from apps.orders.admin.order_deed_forms import DeedForm, ReasonedForm, reason_field
from apps.orders.models import OrderAction, Return
from apps.orders.services.actions import Wish, reject_reasons

Kind = OrderAction.Kind
_OFFERS = (
    Decision.OFFER_PARTIAL_REFUND,
    Decision.OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG,
)


def _comment() -> forms.CharField:
    return forms.CharField(
        label="Comment for the buyer and TikTok",
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
    )


class AgreeToCancelForm(DeedForm):
    effect = (
        "TikTok cancels what the buyer asked for and pays them back. What it held in "
        "stock is free again."
    )

    def wish(self) -> Wish:
        about = self.about
        return Wish(
            about.order, Kind.APPROVE_CANCELLATION, cancellation=about.cancellation
        )


class RefuseToCancelForm(ReasonedForm):
    effect = (
        "TikTok tells the buyer no, with your reason, and the order goes on: it has to "
        "be shipped in time."
    )
    reason = reason_field()
    comment = _comment()

    def prepare(self) -> None:
        assert self.about.cancellation is not None
        self.take_reasons(reject_reasons(self.about.cancellation))

    def wish(self) -> Wish:
        told = {name: self.cleaned_data[name] for name in ("reason", "comment")}
        return Wish(
            self.about.order,
            Kind.REJECT_CANCELLATION,
            told,
            cancellation=self.about.cancellation,
        )


class AnswerForm(DeedForm):
    """One of the platform's answers to a return; which, `about` says."""

    amount = forms.DecimalField(
        label="What is offered",
        min_value=Decimal("0.01"),
        max_digits=19,
        decimal_places=4,
    )

    def prepare(self) -> None:
        if self.about.answer not in _OFFERS:
            del self.fields["amount"]

    @property
    def words(self) -> str:
        return DECISIONS[self.about.answer].effect

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        asked = self._request.refund_amount
        currency = self.about.order.currency
        if asked is not None and amount >= asked:
            raise forms.ValidationError(
                f"Less than the {Money(asked, currency)} asked for: else agree."
            )
        if Money(amount, currency).rounded().amount != amount:
            raise forms.ValidationError(
                f"{currency} has {decimals(currency)} decimals."
            )
        return amount

    @property
    def _request(self) -> Return:
        assert self.about.order_return is not None
        return self.about.order_return

    def _wish(self, kind: OrderAction.Kind, told: dict[str, Any]) -> Wish:
        amount = self.cleaned_data.get("amount")
        told |= {
            "decision": self.about.answer.value,
            "amount": "" if amount is None else f"{amount:f}",
        }
        return Wish(self.about.order, kind, told, order_return=self._request)


class AgreeForm(AnswerForm):
    keeps_goods = forms.BooleanField(
        label="The buyer keeps the goods: pay back without a return", required=False
    )

    def prepare(self) -> None:
        super().prepare()
        if self.about.answer != Decision.APPROVE_RETURN:
            del self.fields["keeps_goods"]

    def wish(self) -> Wish:
        keeps = bool(self.cleaned_data.get("keeps_goods"))
        return self._wish(Kind.APPROVE_RETURN, {"keeps_goods": keeps})


class RefuseForm(AnswerForm, ReasonedForm):
    reason = reason_field()
    comment = _comment()

    def prepare(self) -> None:
        super().prepare()
        self.take_reasons(reject_reasons(self._request))

    def wish(self) -> Wish:
        told = {name: self.cleaned_data[name] for name in ("reason", "comment")}
        return self._wish(Kind.REJECT_RETURN, told)
