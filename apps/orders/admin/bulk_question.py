"""The page that asks once before a deed is done to many orders, and the answer to it.

What is agreed to are the very orders on the page: which match the filters by then is
another matter. What no longer fits is left out, and told.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.orders.admin.bulk_form import BulkForm
from apps.orders.admin.selection import Selection, chosen, list_address
from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.products.admin.base import key_of
from apps.users.models import AnyUser
from apps.users.roles import PROCESS_ORDERS

MOST_ORDERS = 5_000
ROWS_SHOWN = 100
LEFT_OUT_SHOWN = 20

Refusals = Callable[[Sequence[Order]], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Question:
    """`effect` is what comes of it, `refusals` {key of order: why it is left out} of
    those whose shop is there and lets the user, `do` does it to the rest. A form that
    does not hold asks again.
    """

    title: str
    button: str
    effect: str
    refusals: Refusals
    do: Callable[[HttpRequest, Sequence[Order], Any, str], HttpResponse]
    form: type[BulkForm] = BulkForm
    is_dangerous: bool = False
    needs_platform: bool = True


def ask_first(admin: Any, request: HttpRequest, question: Question) -> HttpResponse:
    """GET asks about those the address names; POST does it to those on the page."""
    is_answer = request.method == "POST"
    found = _on_page(request) if is_answer else chosen(request)
    if not is_answer and found.count() > MOST_ORDERS:
        messages.error(
            request,
            f"At most {MOST_ORDERS:,} orders at once. Narrow the list by its filters.",
        )
        return redirect(list_address(request))
    orders = found.select_related("shop__client").order_by("shop", "-placed_at", "pk")
    selection = _sorted_out(request.user, orders, question)
    form = question.form(request.POST if is_answer else None, selection.fit)
    token = request.POST.get("token", "")[:64] if is_answer else uuid.uuid4().hex
    if is_answer and selection.fit and not form.problems and form.is_valid():
        _tell_left_out(request, selection)
        return question.do(request, selection.fit, form, token)
    return _page(admin, request, question, selection, form, token)


def _on_page(request: HttpRequest) -> QuerySet[Order]:
    """Those the page named, of all the user sees."""
    told = request.POST.get("keys", "").split(",")[:MOST_ORDERS]
    keys = [key for key in map(key_of, told) if key]
    return Order.objects.visible_to(request.user).filter(pk__in=keys)


def _sorted_out(
    user: AnyUser, orders: QuerySet[Order], question: Question
) -> Selection:
    selection = Selection()
    possible = []
    at_shop: dict[int, str] = {}
    for order in orders:
        if order.shop_id not in at_shop:
            at_shop[order.shop_id] = _refusal_at(order.shop, user, question)
        if reason := at_shop[order.shop_id]:
            selection.left_out.append((order, reason))
        else:
            possible.append(order)
    refusals = question.refusals(possible)
    for order in possible:
        if reason := refusals.get(order.pk, ""):
            selection.left_out.append((order, reason))
        else:
            selection.fit.append(order)
    return selection


def _refusal_at(shop: Shop, user: AnyUser, question: Question) -> str:
    if not user.has_perm(PROCESS_ORDERS, shop):
        return "Your role only looks at this shop's orders."
    if question.needs_platform and shop.state != Shop.State.CONNECTED:
        return f"The shop is {shop.get_state_display().lower()}."
    return ""


def _tell_left_out(request: HttpRequest, selection: Selection) -> None:
    """Those that fitted when the page was shown, and do not any more."""
    if count := len(selection.left_out):
        reasons = "; ".join(dict.fromkeys(why for _, why in selection.left_out[:3]))
        messages.warning(request, f"{count:,} left out: {reasons}")


def _page(
    admin: Any,
    request: HttpRequest,
    question: Question,
    selection: Selection,
    form: BulkForm,
    token: str,
) -> HttpResponse:
    page: HttpResponse = admin.own_page(
        request,
        "orders/bulk.html",
        {
            "title": question.title,
            "question": question,
            "selection": selection,
            "form": form,
            "keys": ",".join(str(order.pk) for order in selection.fit),
            "token": token,
            "rows": selection.fit[:ROWS_SHOWN],
            "rows_more": max(0, selection.count - ROWS_SHOWN),
            "left_out": selection.left_out[:LEFT_OUT_SHOWN],
            "left_out_more": max(0, len(selection.left_out) - LEFT_OUT_SHOWN),
            "here": request.get_full_path(),
            "back": list_address(request),
        },
    )
    return page
