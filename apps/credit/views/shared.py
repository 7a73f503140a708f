"""A report for whoever has its address: no login, and nothing beside the report."""

from functools import wraps
from typing import Protocol

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.core.addresses import address_of
from apps.core.api.limits import Limit, LimitReached, count
from apps.core.errors import DomainError
from apps.credit.models import ReportShare, ReportView
from apps.credit.report_page import context_of, paper_of
from apps.credit.services.reports.disputing import raise_dispute
from apps.credit.services.reports.sharing import opened_by
from apps.credit.services.reports.viewing import log_view
from apps.users.services.audit import By

# So many requests a minute from one address; people read, programs guess.
MOST_A_MINUTE = 30
PROCESS = "shared address"


class SharedView(Protocol):
    def __call__(
        self, request: HttpRequest, share: ReportShare, token: str
    ) -> HttpResponse: ...


class TokenView(Protocol):
    def __call__(self, request: HttpRequest, token: str) -> HttpResponse: ...


def of_share(view: SharedView) -> TokenView:
    """For a view of what an address opens; one that opens nothing is no address."""

    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        if _is_too_often(request):
            return HttpResponse(
                "Too many requests. Wait a minute and try again.",
                status=429,
                content_type="text/plain",
                headers={"Retry-After": "60"},
            )
        share = opened_by(token)
        if share is None:
            raise Http404
        return view(request, share, token)

    return opened


@require_safe
@of_share
def page(request: HttpRequest, share: ReportShare, token: str) -> HttpResponse:
    _log(request, share, ReportView.Way.PAGE)
    return context_of(
        request,
        share.report,
        pdf=reverse("credit:shared_pdf", args=[token]),
        objects_at=reverse("credit:shared_object", args=[token]),
    )


@require_safe
@of_share
def pdf(request: HttpRequest, share: ReportShare, token: str) -> HttpResponse:
    _log(request, share, ReportView.Way.PDF)
    return paper_of(share.report)


@require_POST
@of_share
def object_to(request: HttpRequest, share: ReportShare, token: str) -> HttpResponse:
    by = By(address=address_of(request), process=PROCESS)
    text = request.POST.get("text", "")
    component = request.POST.get("component", "")
    try:
        raise_dispute(share.report, text, by, component=component)
    except DomainError as error:
        return HttpResponse(str(error), status=409, content_type="text/plain")
    return redirect(reverse("credit:shared", args=[token]) + "#dispute")


def _log(request: HttpRequest, share: ReportShare, way: ReportView.Way) -> None:
    log_view(share.report, way, share=share, address=address_of(request))


def _is_too_often(request: HttpRequest) -> bool:
    try:
        count([Limit(f"shared-report:{address_of(request)}", MOST_A_MINUTE)])
    except LimitReached:
        return True
    return False
