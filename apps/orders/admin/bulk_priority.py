"""How urgent many orders are: at once, or in the background where they are many."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.orders.admin.base import by_whom
from apps.orders.admin.bulk_form import PriorityForm
from apps.orders.admin.bulk_question import Question
from apps.orders.admin.selection import list_address
from apps.orders.models import Order
from apps.orders.services import priority
from apps.orders.tasks import work_priority_run


def _do(
    request: HttpRequest, orders: Sequence[Order], form: Any, token: str
) -> HttpResponse:
    told = form.cleaned_data["priority"], form.cleaned_data["reason"]
    by = by_whom(request)
    is_large = len(orders) > priority.AT_ONCE
    changed, runs = 0, []
    for shop, some in groupby(orders, key=lambda order: order.shop):
        keys = [order.pk for order in some]
        try:
            if is_large:
                runs.append(priority.start_run(shop, keys, *told, by, token))
            else:
                changed += priority.set_priority(shop, keys, *told, by)
        except DomainError as error:
            messages.error(request, f"{shop}: {error}")
    for run in runs:
        after_commit(work_priority_run.delay, run.pk)
    if len(runs) == 1:
        return redirect("admin:orders_actionrun_change", runs[0].pk)
    if runs:
        address = reverse("admin:orders_actionrun_changelist")
        return redirect(f"{address}?group={runs[0].group}")
    label = Order.Priority(told[0]).label
    messages.success(
        request,
        f"{changed:,} order{'' if changed == 1 else 's'} now {label}."
        if changed
        else "Nothing was changed: they were all like that.",
    )
    return redirect(list_address(request))


PRIORITY = Question(
    title="Set priority",
    button="Set priority",
    effect="The orders are sorted by it within their deadlines. TikTok knows nothing "
    "of it.",
    refusals=lambda orders: {},
    do=_do,
    form=PriorityForm,
    needs_platform=False,
)
