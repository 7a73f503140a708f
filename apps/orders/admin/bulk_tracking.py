"""Carriers and numbers of many orders: pasted or a file, looked at, sent.

Between looking and sending the rows travel in the page, signed for the person; after
that, so does what became of them: the server has nothing to keep.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from apps.core.errors import DomainError
from apps.core.exports import csv_response
from apps.core.queueing import after_commit
from apps.core.storing import portions
from apps.orders.admin.base import by_whom
from apps.orders.admin.selection import chosen
from apps.orders.models import ActionRun, Order, OrderAction
from apps.orders.services import tracking_upload
from apps.orders.services.tracking_upload import Judged, Result, Row
from apps.sync import tasks
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS

PAGE = "admin:orders_order_tracking"
LARGEST_FILE = 2 * 1024 * 1024
MOST_SHOWN = 500
MOST_PREFILLED = 500
GOOD_FOR_SECONDS = 3_600
RESULT_FOR_SECONDS = 86_400
_BADGES = {
    Result.REFUSED: "bad",
    Result.CORRECTION: "attention",
    Result.NEW: "progress",
    Result.SAME: "neutral",
}
_WORDS = {
    Result.REFUSED: "Refused",
    Result.CORRECTION: "Correction",
    Result.NEW: "New",
    Result.SAME: "Nothing to do",
}


class TrackingForm(forms.Form):
    rows = forms.CharField(
        label="Rows",
        required=False,
        widget=forms.Textarea({"rows": 10, "placeholder": "order, carrier, number"}),
        help_text="Pasted from a spreadsheet or typed: order, carrier, number and, of "
        "orders in several packages, the package ID.",
    )
    file = forms.FileField(label="Or a CSV file", required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 2 MB.")
        return file

    def clean(self) -> dict[str, Any]:
        """With `read`, the rows there are."""
        told = super().clean() or self.cleaned_data
        file, typed = told.get("file"), told.get("rows") or ""
        if self.errors:
            return told
        if bool(file) == bool(typed.strip()):
            raise forms.ValidationError("Paste rows or choose a file: one of the two.")
        try:
            told["read"] = tracking_upload.read_rows(file.read() if file else typed)
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
        return told


def tracking(admin: Any, request: HttpRequest) -> HttpResponse:
    """The form; POST shows what each row would come to."""
    _refuse_strangers(admin, request)
    if request.method != "POST":
        return _form_page(admin, request, TrackingForm(initial=_prefilled(request)))
    form = TrackingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(admin, request, form)
    assert isinstance(request.user, User)
    judged = tracking_upload.preview(request.user, form.cleaned_data["read"])
    counts = Counter(each.result for each in judged)
    rows = sorted(judged, key=lambda each: list(_BADGES).index(each.result))
    page: HttpResponse = admin.own_page(
        request,
        "orders/tracking_check.html",
        {
            "title": "Upload tracking",
            "row_count": len(judged),
            "counts": [(_WORDS[r], _BADGES[r], counts[r]) for r in _BADGES],
            "rows": [_shown(each) for each in rows[:MOST_SHOWN]],
            "rows_more": max(0, len(rows) - MOST_SHOWN),
            "to_send": counts[Result.NEW] + counts[Result.CORRECTION],
            "left": counts[Result.REFUSED],
            "signed": _signed(request, "rows", [_packed(each.row) for each in judged]),
            "key": uuid.uuid4().hex,
        },
    )
    return page


def upload(admin: Any, request: HttpRequest) -> HttpResponse:
    """Ask for what the rows say by now; the answer says what became of them."""
    _refuse_strangers(admin, request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    packed = _carried(request, "rows", GOOD_FOR_SECONDS)
    if packed is None:
        return redirect(PAGE)
    assert isinstance(request.user, User)
    rows = [Row(*each) for each in packed]
    key = request.POST.get("key", "")[:64]
    try:
        done = tracking_upload.upload(request.user, rows, by_whom(request), key=key)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(PAGE)
    if done.runs and not done.actions:
        messages.info(request, "These rows were sent already.")
        return redirect("admin:orders_actionrun_change", done.runs[0].pk)
    for shop_id in sorted({action.shop_id for action in done.actions}):
        after_commit(tasks.work_order_actions.delay, shop_id)
    return _result_page(
        admin,
        request,
        [_outcome(each) for each in done.rows],
        [run.pk for run in done.runs],
    )


def result(admin: Any, request: HttpRequest) -> HttpResponseBase:
    """What became of the rows so far, on a page or as a file."""
    _refuse_strangers(admin, request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    told = _carried(request, "result", RESULT_FOR_SECONDS)
    if told is None:
        return redirect(PAGE)
    outcomes, runs = told
    if "csv" in request.POST:
        name = f"tracking-{timezone.now():%Y%m%d-%H%M}.csv"
        rows = (row[:7] for row in _as_now(request, outcomes))
        return csv_response(name, tracking_upload.RESULT_HEADER, rows)
    return _result_page(admin, request, outcomes, runs)


def _result_page(
    admin: Any, request: HttpRequest, outcomes: Sequence[Any], runs: Sequence[int]
) -> HttpResponse:
    rows = _as_now(request, outcomes)
    counts = Counter(row[5] for row in rows)
    page: HttpResponse = admin.own_page(
        request,
        "orders/tracking_result.html",
        {
            "title": "Tracking uploaded",
            "row_count": len(rows),
            "counts": sorted(counts.items()),
            "rows": rows[:MOST_SHOWN],
            "rows_more": max(0, len(rows) - MOST_SHOWN),
            "runs": ActionRun.objects.visible_to(request.user)
            .filter(pk__in=runs)
            .select_related("shop"),
            "signed": _signed(request, "result", [list(outcomes), list(runs)]),
        },
    )
    return page


def _outcome(each: Judged) -> list[Any]:
    """A row of the result file, and the key of what was asked for it."""
    (cells,) = tracking_upload.result_rows([each])
    return [*cells, each.action.pk if each.action else None]


def _as_now(request: HttpRequest, outcomes: Sequence[Any]) -> list[list[Any]]:
    """With what TikTok has said of each meanwhile."""
    keys = [row[7] for row in outcomes if row[7] is not None]
    known: dict[int, OrderAction] = {}
    for some in portions(keys):
        known |= OrderAction.objects.visible_to(request.user).in_bulk(some)
    found = []
    for row in outcomes:
        action = known.get(row[7])
        now = list(row)
        if action is not None:
            now[5] = action.get_state_display().lower()
            now[6] = action.message or row[6]
        found.append(now)
    return found


def _refuse_strangers(admin: Any, request: HttpRequest) -> None:
    may_look = admin.has_view_permission(request)
    if not (may_look and request.user.has_perm(PROCESS_ORDERS)):
        raise PermissionDenied


def _form_page(admin: Any, request: HttpRequest, form: TrackingForm) -> HttpResponse:
    context = {"title": "Upload tracking", "form": form}
    page: HttpResponse = admin.own_page(request, "orders/tracking.html", context)
    return page


def _prefilled(request: HttpRequest) -> dict[str, str]:
    """The orders one comes from, to write their numbers behind."""
    if not (request.GET.get("all") or request.GET.getlist("pk")):
        return {}
    orders = chosen(request).order_by("shop", "-placed_at", "pk")
    ids = orders.values_list("remote_id", flat=True)[:MOST_PREFILLED]
    return {"rows": "\n".join(["order, carrier, number", *(f"{i}, , " for i in ids)])}


def _shown(each: Judged) -> dict[str, Any]:
    order: Order | None = each.order
    return {
        "row": each.row,
        "order": order,
        "badge": _BADGES[each.result],
        "words": _WORDS[each.result],
        "what": each.wish.kind.label if each.wish else "",
        "carrier": each.wish.details.get("provider", "") if each.wish else "",
        "why": each.why,
    }


def _packed(row: Row) -> list[Any]:
    return [
        row.line,
        row.order_id,
        row.carrier,
        row.number,
        row.package_id,
        row.fault,
    ]


def _signed(request: HttpRequest, what: str, value: Any) -> str:
    return signing.dumps(value, salt=_salt(request, what), compress=True)


def _carried(request: HttpRequest, what: str, seconds: int) -> Any:
    """What the page brought back; None where it holds no more, which is told."""
    try:
        return signing.loads(
            request.POST.get("signed", ""), salt=_salt(request, what), max_age=seconds
        )
    except signing.BadSignature:
        messages.error(request, "This page is over. Give the rows once more.")
        return None


def _salt(request: HttpRequest, what: str) -> str:
    return f"orders.tracking.{what}.{request.user.pk}"


# Route, name, view.
VIEWS = (
    ("tracking/", "orders_order_tracking", tracking),
    ("tracking/upload/", "orders_order_tracking_upload", upload),
    ("tracking/result/", "orders_order_tracking_result", result),
)
