"""The deeds there are, by what they are done to and by name in the address."""

from dataclasses import dataclass

from apps.integrations.contracts import Decision
from apps.orders.admin import order_deeds_answers as answers
from apps.orders.admin import order_deeds_parts as parts
from apps.orders.admin import order_deeds_requests as requests
from apps.orders.admin import order_deeds_shipping as shipping
from apps.orders.admin.order_decisions import DECISIONS, slug_of
from apps.orders.admin.order_deed_forms import DeedForm
from apps.orders.admin.order_deeds_label import BuyLabelForm


@dataclass(frozen=True, slots=True)
class OrderDeed:
    """`button` says it in the imperative, `is_danger` that it cannot be undone."""

    title: str
    button: str
    form: type[DeedForm]
    is_danger: bool = False
    decision: Decision | None = None


ORDER: dict[str, OrderDeed] = {
    "pull": OrderDeed("Pull again", "Pull", shipping.PullForm),
    "tracking": OrderDeed("Upload tracking", "Upload", shipping.TrackingForm),
    "buy-label": OrderDeed("Buy a label", "Buy", BuyLabelForm),
    "split": OrderDeed("Split", "Split", parts.SplitForm),
    "combine": OrderDeed("Combine", "Combine", parts.CombineForm),
    "cancel": OrderDeed("Cancel", "Cancel it", requests.CancelForm, is_danger=True),
    "refund": OrderDeed("Refund", "Refund", requests.RefundForm, is_danger=True),
}
PACKAGE: dict[str, OrderDeed] = {
    "ship": OrderDeed("Ship", "Ship", shipping.ShipForm),
    "tracking": OrderDeed("Upload tracking", "Upload", shipping.TrackingForm),
    "label": OrderDeed("Fetch a label", "Fetch", shipping.LabelForm),
    "uncombine": OrderDeed("Take apart", "Take apart", parts.UncombineForm),
    "deliver": OrderDeed("Report delivery", "Report", parts.DeliverForm),
}
CANCELLATION: dict[str, OrderDeed] = {
    "agree": OrderDeed(
        "Agree to cancel", "Agree", answers.AgreeToCancelForm, is_danger=True
    ),
    "refuse": OrderDeed("Refuse to cancel", "Refuse", answers.RefuseToCancelForm),
}
RETURN: dict[str, OrderDeed] = {
    slug_of(decision): OrderDeed(
        answer.title,
        answer.title,
        answers.AgreeForm if answer.agrees else answers.RefuseForm,
        decision=decision,
    )
    for decision, answer in DECISIONS.items()
}
