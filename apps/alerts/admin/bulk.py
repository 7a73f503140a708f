"""The same done to several alerts at once: those ticked in the inbox."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.alerts.admin.words import by_whom
from apps.alerts.models import Alert
from apps.alerts.services import deeds
from apps.core.errors import DomainError
from apps.users.roles import CHANGE_ALERT
from apps.users.services.audit import By

LIST = "admin:alerts_alert_changelist"
# A page of the list has fewer.
MOST_TICKED = 200
NOT_YOURS = "You may only look at alerts of its shop."
SO_ALREADY = "It was so already."


@dataclass(frozen=True, slots=True)
class BulkDeed:
    """`do` tells whether it changed anything; `done` ends the sentence that says so,
    `tabs` are those of the list that offer it."""

    title: str
    do: Callable[[Alert, By], bool]
    done: str
    tabs: tuple[str, ...]


def _snooze(how: str) -> BulkDeed:
    words = deeds.SNOOZES[how][0]
    words = f"{words[0].lower()}{words[1:]}"
    return BulkDeed(
        f"Snooze {words}",
        lambda alert, by: deeds.snooze(alert, how, by),
        f"snoozed {words}: nobody is told of it meanwhile",
        ("open", "mine"),
    )


DEEDS = {
    "take": BulkDeed("Take", deeds.take, "yours to see to", ("open", "snoozed")),
    "let-go": BulkDeed("Let go", deeds.let_go, "nobody's now", ("mine",)),
    **{f"snooze-{how}": _snooze(how) for how in deeds.SNOOZES},
    "wake": BulkDeed("Wake", deeds.wake, "no longer snoozed", ("snoozed",)),
    "resolve": BulkDeed(
        "Resolve",
        deeds.resolve,
        "resolved: what is still wrong comes back with the next check",
        ("open", "mine", "snoozed"),
    ),
}


def offered(tab: str) -> list[tuple[str, str]]:
    """(address, title) of what can be done to those ticked on a tab."""
    return [
        (reverse("admin:alerts_alert_bulk", args=[name]), deed.title)
        for name, deed in DEEDS.items()
        if tab in deed.tabs
    ]


def tick(row: Any) -> SafeString:
    """A box of the form above the list: no script needed."""
    if not row.may_act:
        return SafeString("")
    return format_html(
        '<input type="checkbox" class="tick" name="pk" value="{}" form="deeds" '
        'aria-label="Select {}">',
        row.pk,
        row.title,
    )


def act(admin: Any, request: HttpRequest, deed: str) -> HttpResponse:
    """Do it to each of those ticked that one may act on, and say what is left out."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    told = request.POST.getlist("pk")[:MOST_TICKED]
    keys = [key for key in told if key.isdecimal() and len(key) < 19]
    rows = list(admin.get_queryset(request).filter(pk__in=keys).order_by("pk"))
    if rows:
        _tell(request, DEEDS[deed], _do(request, DEEDS[deed], rows))
    else:
        messages.error(request, "Tick the alerts it is about first.")
    kept = request.GET.get("_changelist_filters", "")
    return redirect(f"{reverse(LIST)}?{kept}" if kept else reverse(LIST))


def _do(request: HttpRequest, deed: BulkDeed, rows: Iterable[Alert]) -> Counter[str]:
    """{why it is left out, empty where it was done: how many}."""
    by = by_whom(request)
    came: Counter[str] = Counter()
    for alert in rows:
        if not request.user.has_perm(CHANGE_ALERT, alert):
            came[NOT_YOURS] += 1
            continue
        try:
            came["" if deed.do(alert, by) else SO_ALREADY] += 1
        except DomainError as error:
            came[str(error)] += 1
    return came


def _tell(request: HttpRequest, deed: BulkDeed, came: Counter[str]) -> None:
    if done := came.pop("", 0):
        are = "alert is" if done == 1 else "alerts are"
        messages.success(request, f"{done} {are} {deed.done}.")
    for why, count in came.items():
        messages.warning(request, f"{count} left out: {why}")
