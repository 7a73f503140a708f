"""Applicants: a list, and a page for each with its scores."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import (
    Count,
    F,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from apps.core.addresses import address_of
from apps.core.admin import READS, OwnList, of_row
from apps.core.errors import DomainError
from apps.core.exports import csv_response
from apps.core.filtering import FilterForm, FormList
from apps.credit.admin.applicant_data import DataViews
from apps.credit.admin.applicant_forms import ApplicantForm, StandingForm
from apps.credit.admin.applicant_page import page_of
from apps.credit.admin.score_pages import rows_page, what_if_page
from apps.credit.admin.words import confidence_badge, report_badge
from apps.credit.models import (
    Applicant,
    ApplicantShop,
    Score,
    ShopStanding,
)
from apps.credit.services.applicants import (
    add_applicant,
    change_applicant,
    note_standing,
)
from apps.credit.services.reports.issuing import issue
from apps.credit.services.scoring import score_applicant
from apps.credit.services.unread import unread
from apps.users.models import Client
from apps.users.roles import SCORE_APPLICANT, VIEW_CREDIT
from apps.users.services.audit import By
from apps.users.views.pages import user_of

PAGE = "admin:credit_applicant_change"
Level = Score.Confidence


class ApplicantFilters(FilterForm):
    q = forms.CharField(
        label="Search",
        required=False,
        max_length=120,
        widget=forms.TextInput({"placeholder": "Reference, wallet or shop"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    confidence = forms.ChoiceField(
        required=False, choices=[("", "Any confidence"), *Level.choices]
    )
    state = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any state"),
            ("none", "Not scored"),
            ("scored", "Scored, no report"),
            ("issued", "Report issued"),
            ("review", "To be reviewed"),
        ],
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_CREDIT))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if text := self.value("q"):
            shown = ApplicantShop.objects.filter(
                Q(shop__name__icontains=text) | Q(shop__remote_id=text), ended_at=None
            )
            rows = rows.filter(
                Q(reference__icontains=text)
                | Q(wallet_key__icontains=text)
                | Q(wallet_address__icontains=text)
                | Q(pk__in=shown.order_by().values("applicant"))
            )
        if client := self.value("client"):
            rows = rows.filter(client=client)
        if level := self.value("confidence"):
            rows = rows.filter(last_confidence=level)
        questions = {
            "none": Q(last_pk=None),
            "scored": Q(last_report=None) & ~Q(last_pk=None),
            "issued": Q(last_report__isnull=False),
            "review": Q(last_review=True),
        }
        state = self.value("state")
        return rows.filter(questions[state]) if state else rows


class ApplicantList(FormList):
    form_class = ApplicantFilters


def with_last(rows: QuerySet[Applicant]) -> QuerySet[Any]:
    """Annotate what lists say of the newest score."""
    last = Score.objects.filter(applicant=OuterRef("pk")).order_by("-number")

    def of(name: str) -> Subquery:
        return Subquery(last.values(name)[:1])

    return rows.annotate(
        last_pk=of("pk"),
        last_score=of("score"),
        last_on=of("as_of"),
        last_confidence=of("confidence_level"),
        last_monthly=of("monthly_usd"),
        last_review=of("needs_review"),
        last_report=of("report__number"),
        last_withdrawn=of("report__withdrawn_at"),
    )


class ApplicantAdmin(DataViews, OwnList):
    """Seen by whoever may see credit at the whole of the client that asks."""

    list_display = [
        "name",
        "client_name",
        "accounts",
        "score",
        "monthly",
        "confidence",
        "report",
        "made",
    ]
    list_display_links = ["name"]
    list_class = ApplicantList
    list_title = "Applicants"
    list_before_template = "credit/applicants.html"
    ordering = ["-created_at", "-pk"]

    class Media:
        css = {"all": ["shopdesk/credit.css"]}

    def get_urls(self) -> list[URLPattern]:
        name = "credit_applicant"
        kept = [url for url in super().get_urls() if url.name == f"{name}_changelist"]
        view = self.admin_site.admin_view
        own = (
            ("export/", self.export_view, "export"),
            ("add/", self.add_view, "add"),
            ("<path:object_id>/change/", self.change_view, "change"),
            ("<path:object_id>/edit/", self.edit_view, "edit"),
            ("<path:object_id>/score/", self.score_view, "score"),
            ("<path:object_id>/part/", self.part_view, "part"),
            ("<path:object_id>/data/", self.data_view, "data"),
            ("<path:object_id>/erase/", self.erase_view, "erase"),
            ("<path:object_id>/shops/<int:shop_id>/", self.standing_view, "standing"),
            ("<path:object_id>/scores/<int:number>/issue/", self.issue_view, "issue"),
            (
                "<path:object_id>/scores/<int:number>/what-if/",
                self.what_if_view,
                "what_if",
            ),
            (
                "<path:object_id>/scores/<int:number>/rows/<slug:figure>/",
                self.rows_view,
                "rows",
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
        permission = VIEW_CREDIT if deed == "view" else SCORE_APPLICANT
        return bool(request.user.has_perm(permission, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # not the theme's button: the list has its own, with words

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        shown = ApplicantShop.objects.filter(ended_at=None).select_related("shop")
        rows = super().get_queryset(request).select_related("client")
        open_shops = Prefetch("shown", shown.order_by("pk"), to_attr="open_shops")
        creators = Count(
            "shown_accounts", filter=Q(shown_accounts__ended_at=None), distinct=True
        )
        return with_last(rows.prefetch_related(open_shops).annotate(creators=creators))

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        export = reverse("admin:credit_applicant_export")
        return super().list_context(request, cl) | {
            "may_add": clients_to_score(request).exists(),
            "has_rows": Applicant.objects.visible_to(request.user).exists(),
            "export": f"{export}?{request.GET.urlencode()}",
        }

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = ApplicantFilters(request.GET, request.user).apply(
            self.get_queryset(request)
        )
        header = (
            "reference",
            "wallet",
            "client",
            "shops",
            "creators",
            "score",
            "monthly_usd",
            "confidence",
            "as_of",
            "report",
        )
        return csv_response("applicants.csv", header, self._cells(rows))

    def _cells(self, rows: QuerySet[Any]) -> Iterable[tuple[object, ...]]:
        for row in rows.order_by("-pk").iterator(chunk_size=500):
            yield (
                row.reference,
                row.wallet_address,
                str(row.client),
                "; ".join(str(each.shop) for each in row.open_shops),
                row.creators,
                row.last_score,
                row.last_monthly,
                row.last_confidence,
                row.last_on,
                row.last_report,
            )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        clients = clients_to_score(request)
        form = ApplicantForm(request.POST or None, clients=clients, user=request.user)
        if request.method == "POST" and form.is_valid():
            try:
                made = add_applicant(by=by_of(request), **form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"{made} is added. Make a score now.")
                return redirect(PAGE, made.pk)
        context = {
            "title": "Add an applicant",
            "form": form,
            "back": "admin:credit_applicant_changelist",
        }
        return self.own_page(request, "credit/applicant_form.html", context)

    @of_row(*READS)
    def change_view(self, request: HttpRequest, applicant: Applicant) -> HttpResponse:
        may = self.has_change_permission(request, applicant)
        context = page_of(applicant, user_of(request)) | {"may_change": may}
        return self.own_page(request, "credit/applicant.html", context)

    @of_row(*READS, "POST")
    def edit_view(self, request: HttpRequest, applicant: Applicant) -> HttpResponse:
        self._check_may_change(request, applicant)
        form = ApplicantForm(
            request.POST or None, applicant=applicant, user=request.user
        )
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            try:
                change_applicant(
                    applicant,
                    values["shops"],
                    by_of(request),
                    buyer_ids=values["buyer_ids"],
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, "Saved. Scores made from now on count it.")
                return redirect(PAGE, applicant.pk)
        context = {
            "title": f"Accounts of {applicant}",
            "form": form,
            "applicant": applicant,
        }
        return self.own_page(request, "credit/applicant_form.html", context)

    @of_row("POST")
    def score_view(self, request: HttpRequest, applicant: Applicant) -> HttpResponse:
        self._check_may_change(request, applicant)
        today = timezone.now().date()
        try:
            made = score_applicant(applicant, as_of=today, by=by_of(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            words = f"score {made.score}" if made.score else "too little data"
            messages.success(request, f"Number {made.number} is made: {words}.")
            if never := unread(made.facts):
                messages.warning(
                    request,
                    f"Never read: {'; '.join(never)}. Pull that first (below), then "
                    "make a new score.",
                )
        return redirect(PAGE, applicant.pk)

    @of_row(*READS, "POST")
    def standing_view(
        self, request: HttpRequest, applicant: Applicant, shop_id: int
    ) -> HttpResponse:
        self._check_may_change(request, applicant)
        rows = applicant.shown.filter(ended_at=None, shop__client=applicant.client_id)
        shown = rows.select_related("shop").filter(shop=shop_id).first()
        if shown is None:
            return self.missing(request, str(shop_id), ApplicantShop._meta)
        known = ShopStanding.objects.filter(shop=shown.shop).first()
        form = StandingForm(
            request.POST or None, instance=known or ShopStanding(shop=shown.shop)
        )
        if request.method == "POST" and form.is_valid():
            note_standing(applicant, form.save(commit=False), by_of(request))
            messages.success(request, "Noted. Scores made from now on count it.")
            return redirect(PAGE, applicant.pk)
        context = {
            "title": f"Standing of {shown.shop}",
            "form": form,
            "applicant": applicant,
            "lead": "As Seller Center shows it. What is empty is not known, and counts "
            "for less than what is usual.",
        }
        return self.own_page(request, "credit/applicant_form.html", context)

    @of_row("POST")
    def issue_view(
        self, request: HttpRequest, applicant: Applicant, number: int
    ) -> HttpResponse:
        self._check_may_change(request, applicant)
        try:
            report = issue(_score(applicant, number), by_of(request))
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(PAGE, applicant.pk)
        messages.success(request, f"{report} is issued. It stays as it is.")
        return redirect("admin:credit_creditreport_change", report.pk)

    @of_row(*READS)
    def what_if_view(
        self, request: HttpRequest, applicant: Applicant, number: int
    ) -> HttpResponse:
        context = what_if_page(_score(applicant, number), request.GET)
        return self.own_page(request, "credit/what_if.html", context)

    @of_row(*READS)
    def rows_view(
        self, request: HttpRequest, applicant: Applicant, number: int, figure: str
    ) -> HttpResponse:
        context = rows_page(
            _score(applicant, number), figure, user_of(request), request.GET.get("p")
        )
        return self.own_page(request, "credit/rows.html", context)

    def _check_may_change(self, request: HttpRequest, applicant: Applicant) -> None:
        if not self.has_change_permission(request, applicant):
            raise PermissionDenied

    @admin.display(description="Applicant", ordering="reference")
    def name(self, row: Applicant) -> str:
        return str(row)

    @admin.display(description="Client", ordering="client__name")
    def client_name(self, row: Applicant) -> str:
        return str(row.client)

    @admin.display(description="Accounts")
    def accounts(self, row: Any) -> str:
        names = [str(each.shop) for each in row.open_shops]
        if row.creators:
            names.append(f"{row.creators} creator{'s' if row.creators > 1 else ''}")
        shown = ", ".join(names[:2])
        more = f" and {len(names) - 2} more" if len(names) > 2 else ""
        return f"{shown}{more}" or "—"

    @admin.display(description="Score", ordering=F("last_score").desc(nulls_last=True))
    def score(self, row: Any) -> str:
        return str(row.last_score or "—")

    @admin.display(description="A month", ordering="last_monthly")
    def monthly(self, row: Any) -> str:
        return "—" if row.last_monthly is None else f"${row.last_monthly:,.0f}"

    @admin.display(description="Confidence", ordering="last_confidence")
    def confidence(self, row: Any) -> SafeString | str:
        return confidence_badge(row.last_confidence, needs_review=row.last_review)

    @admin.display(description="Report")
    def report(self, row: Any) -> SafeString | str:
        if row.last_report is None:
            return "—"
        return report_badge(is_withdrawn=row.last_withdrawn is not None)

    @admin.display(description="Scored", ordering="last_on")
    def made(self, row: Any) -> str:
        return f"{row.last_on:%d %b %Y}" if row.last_on else "Never"


def by_of(request: HttpRequest) -> By:
    return By(user_of(request), address_of(request))


def clients_to_score(request: HttpRequest) -> QuerySet[Client]:
    """Those whose applicants one may score."""
    rows = Client.objects.permitting(user_of(request), SCORE_APPLICANT)
    return rows.filter(is_active=True)


def _score(applicant: Applicant, number: int) -> Score:
    rows = applicant.scores.select_related("input", "applicant__client")
    score: Score | None = rows.filter(number=number).first()
    if score is None:
        raise Http404
    return score
