"""What the platform is asked to do with many orders: a run a shop, in the background.

A single order is done while the person waits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.orders.admin.base import by_whom
from apps.orders.admin.bulk_form import CancelForm, PaperForm, ShipForm
from apps.orders.admin.bulk_question import Question
from apps.orders.admin.selection import list_address
from apps.orders.models import ActionRun, Order, OrderAction, ShopOrderSettings
from apps.orders.services import papers
from apps.orders.services.actions import Facts, Wish, ask, facts_of, objection
from apps.orders.services.order_settings import settings_of_shops
from apps.platforms.models import Shop
from apps.sync import tasks
from apps.sync.services.actions import work_action

Kind = OrderAction.Kind
# An order's wishes, from what is known of it and what the form says.
Wishing = Callable[[Order, Facts, Any, ShopOrderSettings], list[Wish]]


def _pull(
    order: Order, facts: Facts, form: Any, settings: ShopOrderSettings
) -> list[Wish]:
    return [Wish(order, Kind.PULL)]


def _ship(
    order: Order, facts: Facts, form: Any, settings: ShopOrderSettings
) -> list[Wish]:
    """One a package that waits; an order without is asked for as a whole, which says
    why not."""
    told = form.cleaned_data["handover"] if form else ""
    details = {"handover_method": told or settings.handover_method}
    waiting = facts.shippable
    return [Wish(order, Kind.SHIP, details, each) for each in waiting] or [
        Wish(order, Kind.SHIP, details)
    ]


def _label(
    order: Order, facts: Facts, form: Any, settings: ShopOrderSettings
) -> list[Wish]:
    paper = papers.Paper(
        (form.cleaned_data["paper"] if form else "") or settings.document_kind,
        settings.document_size,
        settings.document_format,
    )
    known = [each for each in facts.packages if each.remote_id]
    return [Wish(order, Kind.LABEL, paper.details, each) for each in known] or [
        Wish(order, Kind.LABEL, paper.details)
    ]


def _cancel(
    order: Order, facts: Facts, form: Any, settings: ShopOrderSettings
) -> list[Wish]:
    reason = form.reason_at(order.shop) if form else _SOME_REASON
    return [Wish(order, Kind.CANCEL, {"reason": reason, "unit_ids": []})]


# Before a reason is chosen, what stands against cancelling is asked with any.
_SOME_REASON = "seller_cancel_reason_out_of_stock"


def _refusals(wishing: Wishing) -> Callable[[Sequence[Order]], Mapping[int, str]]:
    """An order is left out if nothing of it can be done."""

    def refusals(orders: Sequence[Order]) -> Mapping[int, str]:
        facts = facts_of(orders)
        settings = settings_of_shops(sorted({order.shop_id for order in orders}))
        found = {}
        for order in orders:
            known = facts[order.pk]
            wishes = wishing(order, known, None, settings[order.shop_id])
            reasons = [objection(wish, known) for wish in wishes]
            if all(reasons):
                found[order.pk] = reasons[0]
        return found

    return refusals


def _asking(title: str, wishing: Wishing) -> Callable[..., HttpResponse]:
    def do(
        request: HttpRequest, orders: Sequence[Order], form: Any, token: str
    ) -> HttpResponse:
        facts = facts_of(orders)
        settings = settings_of_shops(sorted({order.shop_id for order in orders}))
        runs: list[ActionRun] = []
        single: list[OrderAction] = []
        for shop, some in groupby(orders, key=lambda order: order.shop):
            # A package that several orders share is asked for once.
            wishes = {
                (wish.package.pk if wish.package else f"order {order.pk}"): wish
                for order in some
                for wish in wishing(order, facts[order.pk], form, settings[shop.pk])
                if not objection(wish, facts[order.pk])
            }
            rows = [replace(w, row=n) for n, w in enumerate(wishes.values(), start=1)]
            run, actions = _ask(request, shop, rows, title, token)
            runs += [run] if run else []
            single += actions
        return _answer(request, title, runs, single)

    return do


def _ask(
    request: HttpRequest, shop: Shop, wishes: Sequence[Wish], title: str, token: str
) -> tuple[ActionRun | None, list[OrderAction]]:
    """The run, or the one action there is."""
    try:
        asked = ask(
            shop, wishes, by_whom(request), title=title, key=token, group=token[:36]
        )
    except DomainError as error:
        messages.error(request, f"{shop}: {error}")
        return None, []
    for _, why in asked.refused[:3] if asked.run is None else ():
        messages.error(request, f"{shop}: {why}")
    after_commit(tasks.work_order_actions.delay, shop.pk)
    return asked.run, [] if asked.run else asked.actions


def _answer(
    request: HttpRequest,
    title: str,
    runs: Sequence[ActionRun],
    single: Sequence[OrderAction],
) -> HttpResponse:
    for action in single:
        worked = work_action(action)
        if worked.kind == Kind.LABEL and worked.state == OrderAction.State.DONE:
            messages.success(request, "It is fetched: print it here.")
            page = reverse("admin:orders_order_change", args=[worked.order_id])
            return redirect(f"{page}#package-{worked.package_id}")
        tell_outcome(request, worked)
    if len(runs) == 1 and not single:
        return redirect("admin:orders_actionrun_change", runs[0].pk)
    if runs:
        count = len(runs)
        messages.success(request, f"{title}: {count} run{'s' * (count > 1)} begun.")
        address = reverse("admin:orders_actionrun_changelist")
        return redirect(f"{address}?group={runs[0].group}")
    return redirect(list_address(request))


def tell_outcome(request: HttpRequest, action: OrderAction) -> None:
    """What became of one action that was worked on just now."""
    words = f"{action.get_kind_display()}, order {action.order.remote_id}"
    if action.state == OrderAction.State.DONE:
        messages.success(request, f"{words}: done.")
    elif action.state == OrderAction.State.REFUSED:
        messages.error(request, f"{words}: {action.message}")
    else:
        later = action.message or "It is on its way."
        messages.info(request, f"{words}: {later}")


PULL = Question(
    title="Pull again",
    button="Pull again",
    effect="TikTok is asked how each order stands, with its packages, cancellations "
    "and returns. Nothing changes on TikTok.",
    refusals=lambda orders: {},
    do=_asking("Pull again", _pull),
)
SHIP = Question(
    title="Arrange shipping",
    button="Arrange shipping",
    effect="TikTok arranges shipping of every package that waits and tells the "
    "carrier; the buyers see that their orders are on their way. That cannot be taken "
    "back.",
    refusals=_refusals(_ship),
    do=_asking("Arrange shipping", _ship),
    form=ShipForm,
)
LABELS = Question(
    title="Print labels",
    button="Fetch labels",
    effect="The papers of all packages are fetched from TikTok and put together in one "
    "file for the printer. They show who bought: that you took them is noted.",
    refusals=_refusals(_label),
    do=_asking("Print labels", _label),
    form=PaperForm,
)
CANCEL = Question(
    title="Cancel",
    button="Cancel these orders",
    effect="TikTok cancels these orders as a whole, pays the buyers back and tells "
    "them. Too many cancellations lower the shop's standing. That cannot be taken "
    "back.",
    refusals=_refusals(_cancel),
    do=_asking("Cancel", _cancel),
    form=CancelForm,
    is_dangerous=True,
)
