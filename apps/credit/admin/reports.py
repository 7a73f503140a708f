"""Credit reports: the list, what staff do with one, and the report itself."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString

from apps.core.addresses import address_of
from apps.core.admin import READS, OwnList, ReadOnlyAdmin, badge, of_row
from apps.core.errors import DomainError
from apps.core.filtering import FilterForm, FormList
from apps.credit.admin.applicants import by_of
from apps.credit.admin.words import confidence_badge, dispute_badge, report_badge
from apps.credit.models import CreditReport, Dispute, ReportView
from apps.credit.report_page import context_of, paper_of
from apps.credit.services.reports.content import COMPONENT_NAMES
from apps.credit.services.reports.disputing import answer, raise_dispute
from apps.credit.services.reports.issuing import withdraw
from apps.credit.services.reports.sharing import (
    DAYS,
    revoke,
    share_by_address,
    share_with,
)
from apps.credit.services.reports.viewing import log_view
from apps.users.models import Client, User
from apps.users.roles import SCORE_APPLICANT, VIEW_CREDIT, VIEW_REPORT
from apps.users.views.pages import user_of

PAGE = "admin:credit_creditreport_change"
View = Callable[..., HttpResponse]
VIEWS_SHOWN = 50


class ReportFilters(FilterForm):
    q = forms.CharField(
        label="Search",
        required=False,
        max_length=120,
        widget=forms.TextInput({"placeholder": "Number, reference or wallet"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    state = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any state"),
            ("issued", "Issued"),
            ("withdrawn", "Withdrawn"),
            ("disputed", "Objection open"),
        ],
    )

    def prepare(self) -> None:
        """Whoever sees shared reports alone learns of no client by the choices."""
        clients = Client.objects.permitting(self.user, VIEW_CREDIT)
        self.choose("client", clients)
        if not clients.exists():
            del self.fields["client"]

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if text := self.value("q"):
            rows = rows.filter(
                Q(number__icontains=text)
                | Q(score__applicant__reference__icontains=text)
                | Q(score__applicant__wallet_address__icontains=text)
            )
        if client := self.value("client"):
            rows = rows.filter(score__applicant__client=client)
        questions = {
            "issued": Q(withdrawn_at=None),
            "withdrawn": Q(withdrawn_at__isnull=False),
            "disputed": Q(open_disputes__gt=0),
        }
        state = self.value("state")
        return rows.filter(questions[state]) if state else rows


class ReportList(FormList):
    form_class = ReportFilters


class ShareForm(forms.Form):
    """With a person by their name here or their e-mail, or by an address for days."""

    person = forms.CharField(
        label="Share with", max_length=254, help_text="User name or e-mail address."
    )


class AddressForm(forms.Form):
    days = forms.TypedChoiceField(
        label="An address for",
        coerce=int,
        choices=[(days, f"{days} day{'s' if days > 1 else ''}") for days in DAYS],
        initial=7,
    )


class AnswerForm(forms.Form):
    state = forms.ChoiceField(
        choices=[
            (state.value, state.label)
            for state in (Dispute.State.UPHELD, Dispute.State.DISMISSED)
        ]
    )
    answer = forms.CharField(max_length=2000, widget=forms.Textarea({"rows": 3}))


def of_reader(*methods: str) -> Callable[[View], View]:
    """As of_row, for a page of the report alone: whoever it was shared with reads it,
    whatever else they may do."""

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(
            self: "CreditReportAdmin", request: HttpRequest, object_id: str
        ) -> HttpResponse:
            report = self.get_object(request, object_id)
            if report is None:
                return self.missing(request, object_id)
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(self, request, report)

        return opened

    return decorate


class CreditReportAdmin(OwnList, ReadOnlyAdmin):
    """Staff see their clients' reports and what became of them; whoever one was shared
    with sees that report, and nothing beside it."""

    list_display = [
        "number",
        "subject",
        "asked_by",
        "score_now",
        "monthly",
        "confidence",
        "issued",
        "state",
    ]
    list_display_links = ["number"]
    list_class = ReportList
    list_title = "Credit reports"
    list_before_template = "credit/reports.html"
    ordering = ["-issued_at", "-pk"]

    class Media:
        css = {"all": ["shopdesk/credit.css"]}

    def get_urls(self) -> list[URLPattern]:
        name = "credit_creditreport"
        kept = [url for url in super().get_urls() if url.name == f"{name}_changelist"]
        view = self.admin_site.admin_view
        own = (
            ("<path:object_id>/change/", self.change_view, "change"),
            ("<path:object_id>/page/", self.page_view, "page"),
            ("<path:object_id>/pdf/", self.pdf_view, "pdf"),
            ("<path:object_id>/object/", self.object_view, "object"),
            ("<path:object_id>/share/", self.share_view, "share"),
            ("<path:object_id>/address/", self.address_view, "address"),
            ("<path:object_id>/withdraw/", self.withdraw_view, "withdraw"),
            ("<path:object_id>/shares/<int:share_id>/end/", self.revoke_view, "revoke"),
            (
                "<path:object_id>/disputes/<int:dispute_id>/answer/",
                self.answer_view,
                "answer",
            ),
        )
        return [
            *kept,
            *(
                path(route, view(page), name=f"{name}_{short}")
                for route, page, short in own
            ),
        ]

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        """Which reports one sees, the queryset says."""
        return deed == "view" and bool(request.user.has_perm(VIEW_REPORT))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("score__applicant__client")
        disputes = Count(
            "disputes", filter=Q(disputes__state=Dispute.State.OPEN), distinct=True
        )
        annotated: QuerySet[Any] = rows.annotate(open_disputes=disputes)
        return annotated

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        return super().list_context(request, cl) | {
            "has_rows": CreditReport.objects.visible_to(request.user).exists(),
            "sees_applicants": request.user.has_perm(VIEW_CREDIT),
        }

    @of_row(*READS)
    def change_view(self, request: HttpRequest, report: CreditReport) -> HttpResponse:
        """For whoever may see the applicant; for the others, the report itself."""
        applicant = report.score.applicant
        if not request.user.has_perm(VIEW_CREDIT, applicant):
            return redirect("admin:credit_creditreport_page", report.pk)
        context = {
            "title": report.number,
            "report": report,
            "badge": report_badge(is_withdrawn=report.withdrawn_at is not None),
            "content": report.content,
            "applicant": applicant,
            "shares": report.shares.select_related("user", "created_by"),
            "views": report.views.select_related("user", "share")[:VIEWS_SHOWN],
            "disputes": _disputes(report),
            "share_form": ShareForm(),
            "address_form": AddressForm(),
            "answer_form": AnswerForm(),
            "may_change": _may_change(request, report),
        }
        return self.own_page(request, "credit/report_desk.html", context)

    @of_reader(*READS)
    def page_view(self, request: HttpRequest, report: CreditReport) -> HttpResponse:
        user = user_of(request)
        log_view(report, ReportView.Way.PAGE, user=user, address=address_of(request))
        return context_of(
            request,
            report,
            back=reverse("admin:credit_creditreport_changelist"),
            pdf=reverse("admin:credit_creditreport_pdf", args=[report.pk]),
            objects_at=reverse("admin:credit_creditreport_object", args=[report.pk]),
            rows_of=_rows_of(request, report),
        )

    @of_reader(*READS)
    def pdf_view(self, request: HttpRequest, report: CreditReport) -> HttpResponse:
        log_view(
            report,
            ReportView.Way.PDF,
            user=user_of(request),
            address=address_of(request),
        )
        return paper_of(report)

    @of_reader("POST")
    def object_view(self, request: HttpRequest, report: CreditReport) -> HttpResponse:
        try:
            raise_dispute(
                report,
                request.POST.get("text", ""),
                by_of(request),
                component=request.POST.get("component", ""),
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Your objection is listed with the report.")
        return redirect("admin:credit_creditreport_page", report.pk)

    @of_row("POST")
    def share_view(self, request: HttpRequest, report: CreditReport) -> HttpResponse:
        _check_may_change(request, report)
        form = ShareForm(request.POST)
        name = form.cleaned_data["person"].strip() if form.is_valid() else ""
        person = User.objects.filter(
            Q(username__iexact=name) | Q(email__iexact=name) & ~Q(email=""),
            is_active=True,
        ).first()
        if person is None:
            messages.error(
                request,
                "Nobody signs in here by that name. Invite them as an underwriter "
                "first, or make an address.",
            )
            return redirect(PAGE, report.pk)
        return self._done(
            request,
            report,
            lambda: share_with(report, person, by_of(request)),
            f"{person} can read it now.",
        )

    @of_row("POST")
    def address_view(self, request: HttpRequest, report: CreditReport) -> HttpResponse:
        _check_may_change(request, report)
        form = AddressForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Choose for how many days the address lasts.")
            return redirect(PAGE, report.pk)
        try:
            share, token = share_by_address(
                report, form.cleaned_data["days"], by_of(request)
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(PAGE, report.pk)
        base = str(settings.PUBLIC_URL or "").rstrip("/")
        page = self.own_page(
            request,
            "credit/report_address.html",
            {
                "title": f"An address of {report}",
                "report": report,
                "share": share,
                "address": base + reverse("credit:shared", args=[token]),
            },
        )
        add_never_cache_headers(page)
        return page

    @of_row("POST")
    def withdraw_view(self, request: HttpRequest, report: CreditReport) -> HttpResponse:
        _check_may_change(request, report)
        return self._done(
            request,
            report,
            lambda: withdraw(report, by_of(request)),
            "Withdrawn: nobody it was shared with reads it any more.",
        )

    @of_row("POST")
    def revoke_view(
        self, request: HttpRequest, report: CreditReport, share_id: int
    ) -> HttpResponse:
        _check_may_change(request, report)
        share = report.shares.filter(pk=share_id).first()
        if share is None:
            return self.missing(request, str(share_id))
        return self._done(
            request, report, lambda: revoke(share, by_of(request)), "Taken back."
        )

    @of_row("POST")
    def answer_view(
        self, request: HttpRequest, report: CreditReport, dispute_id: int
    ) -> HttpResponse:
        _check_may_change(request, report)
        dispute = report.disputes.filter(pk=dispute_id).first()
        if dispute is None:
            return self.missing(request, str(dispute_id))
        form = AnswerForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Say what came of it, and why.")
            return redirect(PAGE, report.pk)
        state = Dispute.State(form.cleaned_data["state"])
        return self._done(
            request,
            report,
            lambda: answer(dispute, state, form.cleaned_data["answer"], by_of(request)),
            "Answered. Whoever reads the report sees it.",
        )

    def _done(
        self, request: HttpRequest, report: CreditReport, deed: Any, words: str
    ) -> HttpResponse:
        try:
            deed()
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, words)
        return redirect(PAGE, report.pk)

    @admin.display(description="Subject")
    def subject(self, row: CreditReport) -> str:
        return str(row.content["subject"])

    @admin.display(description="Asked for by")
    def asked_by(self, row: CreditReport) -> str:
        return str(row.content["asked_by"])

    @admin.display(description="Score", ordering="score__score")
    def score_now(self, row: CreditReport) -> str:
        return str(row.content["score"] or "—")

    @admin.display(description="A month", ordering="score__monthly_usd")
    def monthly(self, row: CreditReport) -> str:
        amount = row.score.monthly_usd
        return "—" if amount is None else f"${amount:,.0f}"

    @admin.display(description="Confidence", ordering="score__confidence_level")
    def confidence(self, row: CreditReport) -> SafeString | str:
        return confidence_badge(
            row.score.confidence_level, needs_review=row.score.needs_review
        )

    @admin.display(description="Issued", ordering="issued_at")
    def issued(self, row: CreditReport) -> str:
        return f"{row.issued_at:%d %b %Y}"

    @admin.display(description="State")
    def state(self, row: Any) -> SafeString:
        if row.open_disputes:
            return badge("Objection open", "attention")
        return report_badge(is_withdrawn=row.withdrawn_at is not None)


def _may_change(request: HttpRequest, report: CreditReport) -> bool:
    return bool(request.user.has_perm(SCORE_APPLICANT, report.score.applicant))


def _check_may_change(request: HttpRequest, report: CreditReport) -> None:
    if not _may_change(request, report):
        raise PermissionDenied


def _rows_of(request: HttpRequest, report: CreditReport) -> Any:
    """{figure: address of its rows}, for whoever may see the applicant."""
    applicant, score = report.score.applicant, report.score
    if not request.user.has_perm(VIEW_CREDIT, applicant):
        return {}
    figures = {
        "gmv": "sales",
        "orders": "sales",
        "returned": "refunds",
        "refunds": "refunds",
        "commission": "commissions",
        "fx_missing": "fx-missing",
    }
    return {
        code: reverse(
            "admin:credit_applicant_rows", args=[applicant.pk, score.number, figure]
        )
        for code, figure in figures.items()
    }


def _disputes(report: CreditReport) -> list[dict[str, Any]]:
    return [
        {
            "row": one,
            "badge": dispute_badge(one),
            "about": COMPONENT_NAMES.get(one.component, ""),
        }
        for one in report.disputes.select_related("raised_by", "answered_by")
    ]
