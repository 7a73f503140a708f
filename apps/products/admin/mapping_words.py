"""What is told of decisions, on pages and in messages."""

from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.orders.services.mapping import Outcome
from apps.products.services.mapping import Left
from apps.users.roles import VIEW_ORDER

MOST_NAMED = 5


def counted(count: int, one: str, several: str = "") -> str:
    """“1 SKU”, “2 SKUs”."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def tell(
    request: HttpRequest, verb: str, outcomes: Iterable[Outcome], *, gives: bool = True
) -> None:
    """What happened, with the way back, and what was left as it is and why; `gives`
    where the SKUs have a variant now."""
    outcomes = list(outcomes)
    changed = sum(len(outcome.changed) for outcome in outcomes)
    if changed:
        said = (
            f"{verb} {counted(changed, 'SKU')}.{_lines(request, outcomes, gives=gives)}"
        )
        messages.success(request, format_html("{} {}", said, _way_back(outcomes)))
    same = sum(len(outcome.same) for outcome in outcomes)
    if same:
        messages.info(request, f"{counted(same, 'SKU')} had it already.")
    tell_left(request, [left for outcome in outcomes for left in outcome.left])


def tell_left(request: HttpRequest, left: Sequence[Left]) -> None:
    if not left:
        return
    named = "; ".join(str(each).rstrip(".") for each in left[:MOST_NAMED])
    more = f"; and {len(left) - MOST_NAMED:,} more" if len(left) > MOST_NAMED else ""
    messages.warning(
        request, f"{counted(len(left), 'SKU')} left as before: {named}{more}."
    )


def _lines(request: HttpRequest, outcomes: Sequence[Outcome], *, gives: bool) -> str:
    """To whoever may see the orders: how many lines follow, and how many wait."""
    seen = [
        outcome
        for outcome in outcomes
        if outcome.batch and request.user.has_perm(VIEW_ORDER, outcome.batch.shop)
    ]
    lines = sum(outcome.lines for outcome in seen)
    if not lines:
        return ""
    if not gives:
        return f" {counted(lines, 'order line')} without a variant again."
    waiting = sum(outcome.waiting for outcome in seen)
    told = f" {counted(waiting, 'waiting order item')} matched," if waiting else ""
    return f"{told} {counted(lines, 'order line')} linked."


def _way_back(outcomes: Sequence[Outcome]) -> SafeString:
    batches = [outcome.batch for outcome in outcomes if outcome.batch is not None]
    if len(batches) == 1:
        page = reverse("admin:products_mappingbatch_change", args=[batches[0].pk])
    else:
        page = reverse("admin:products_mappingbatch_changelist")
    return format_html('<a class="linked" href="{}">Undo…</a>', page)
