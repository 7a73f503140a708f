"""What currencies were worth: a list, what is missing, and ways to add to it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from apps.core.addresses import address_of
from apps.core.admin import OwnList, ReadOnlyAdmin, badge
from apps.core.errors import DomainError
from apps.core.filtering import FilterForm, FormList, date_input
from apps.core.queueing import after_commit
from apps.credit.models import CreditReport
from apps.finance.models import ExchangeRate
from apps.finance.services import rate_loading
from apps.finance.services.rate_loading import Loaded
from apps.finance.services.rate_state import LOOK_BACK_DAYS, currency_states
from apps.finance.tasks import load_exchange_rates
from apps.integrations.rates import ecb
from apps.integrations.rates.quotes import UnreadableRates
from apps.users.services.audit import By
from apps.users.views.pages import user_of

Source = ExchangeRate.Source
_PAGE = "admin:finance_exchangerate_changelist"
_KINDS = {
    Source.ECB: "good",
    Source.OTHER: "neutral",
    Source.FILE: "neutral",
    Source.TYPED: "attention",
}
# More are not looked through for a page of rates.
_MOST_REPORTS = 2_000
_MOST_TYPED = 20


class RateFilters(FilterForm):
    currency = forms.CharField(required=False, max_length=3)
    source = forms.ChoiceField(
        required=False, choices=[("", "All sources"), *Source.choices]
    )
    since = date_input("From")
    until = date_input("To")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = {
            "currency": self.value("currency"),
            "source": self.value("source"),
            "on__gte": self.value("since"),
            "on__lte": self.value("until"),
        }
        return rows.filter(**{name: value for name, value in asked.items() if value})


class RateList(FormList):
    form_class = RateFilters


class TypeForm(forms.Form):
    """A rate by hand."""

    on = forms.DateField(label="Date", widget=forms.DateInput({"type": "date"}))
    currency = forms.CharField(max_length=3, min_length=3)
    per_euro = forms.DecimalField(
        label="Per 1 EUR",
        max_digits=24,
        decimal_places=10,
        help_text="Units of the currency that one euro buys.",
    )
    reason = forms.CharField(max_length=300)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class FileForm(forms.Form):
    """A file as the ECB publishes it."""

    file = forms.FileField(label="CSV, XML or ZIP as the ECB publishes it")
    is_dry_run = forms.BooleanField(
        label="Only compare, write nothing", required=False, initial=True
    )


class RateAdmin(OwnList, ReadOnlyAdmin):
    """Seen by whoever sees figures; what all clients' sums hang on is changed by
    superusers alone."""

    list_display = ["on", "rate", "origin", "who", "reports"]
    list_display_links = None
    list_class = RateList
    list_title = "Exchange rates"
    list_before_template = "finance/rates.html"
    list_select_related = ["typed_by"]
    ordering = ["-on", "currency"]

    def get_urls(self) -> list[URLPattern]:
        name = "finance_exchangerate"
        kept = [url for url in super().get_urls() if url.name == f"{name}_changelist"]
        own = (
            ("type/", self.type_view, "type"),
            ("file/", self.file_view, "file"),
            ("load/", self.load_view, "load"),
            ("<int:pk>/let-go/", self.let_go_view, "let_go"),
        )
        view = self.admin_site.admin_view
        return [
            *kept,
            *(
                path(route, view(require_POST(deed)), name=f"{name}_{short}")
                for route, deed, short in own
            ),
        ]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        cl.result_list = list(cl.result_list)
        used = _uses(row.on for row in cl.result_list)
        for row in cl.result_list:
            row.used = used[row.on.isoformat(), row.currency]
        return super().list_context(request, cl) | {
            "states": currency_states(timezone.now().date()),
            "look_back_days": LOOK_BACK_DAYS,
            "may_change": user_of(request).is_superuser,
            "type_form": TypeForm(initial={"on": timezone.now().date()}),
            "file_form": FileForm(),
            "typed": ExchangeRate.objects.filter(source=Source.TYPED).select_related(
                "typed_by"
            )[:_MOST_TYPED],
        }

    def type_view(self, request: HttpRequest) -> HttpResponse:
        by = self._by(request)
        form = TypeForm(request.POST)
        if not form.is_valid():
            return self._refused(request, form)
        try:
            rate = rate_loading.type_in(by=by, **form.cleaned_data)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{rate}: noted.")
        return redirect(_PAGE)

    def file_view(self, request: HttpRequest) -> HttpResponse:
        by = self._by(request)
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._refused(request, form)
        upload, is_dry_run = form.cleaned_data["file"], form.cleaned_data["is_dry_run"]
        try:
            if upload.size > ecb.MOST_BYTES:
                raise UnreadableRates("The file is larger than any file of rates.")
            loaded = rate_loading.load(
                ecb.parse(upload.read()),
                Source.FILE,
                by=by,
                source_text=upload.name,
                dry_run=is_dry_run,
            )
        except (UnreadableRates, DomainError) as error:
            messages.error(request, f"Nothing was read. {error}")
        else:
            messages.success(request, _in_words(loaded, is_dry_run=is_dry_run))
        return redirect(_PAGE)

    def load_view(self, request: HttpRequest) -> HttpResponse:
        self._by(request)
        after_commit(load_exchange_rates.delay)
        messages.info(request, "The publishers are asked now. Reload in a moment.")
        return redirect(_PAGE)

    def let_go_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        by = self._by(request)
        rate = get_object_or_404(ExchangeRate, pk=pk)
        try:
            rate_loading.let_go(rate, by)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, f"{rate}: let go. The next publication fills the day again."
            )
        return redirect(_PAGE)

    def _by(self, request: HttpRequest) -> By:
        user = user_of(request)
        if not user.is_superuser:
            raise PermissionDenied
        return By(user, address_of(request))

    def _refused(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        for name, errors in form.errors.items():
            label = form.fields[name].label or name.capitalize()
            messages.error(request, f"{label}: {' '.join(map(str, errors))}")
        return redirect(_PAGE)

    @admin.display(description="One euro buys", ordering="currency")
    def rate(self, row: ExchangeRate) -> SafeString:
        return format_html(
            '<span class="amount">{} {}</span>', row.currency, _plain(row.per_euro)
        )

    @admin.display(description="Source", ordering="source")
    def origin(self, row: ExchangeRate) -> SafeString:
        shown = badge(row.get_source_display(), _KINDS[Source(row.source)])
        return format_html("{} {}", shown, row.source_text)

    @admin.display(description="By whom, and why")
    def who(self, row: ExchangeRate) -> str:
        if row.source != Source.TYPED:
            return "—"
        return f"{row.typed_by or 'Somebody'}: {row.reason}"

    @admin.display(description="Issued reports that use it")
    def reports(self, row: Any) -> str:
        return f"{row.used:,}" if row.used else "—"


def _uses(days: Iterable[date]) -> Counter[tuple[str, str]]:
    """{(day, currency): how many issued credit reports were reckoned with it}."""
    shown = {day.isoformat() for day in days}
    uses: Counter[tuple[str, str]] = Counter()
    reports = CreditReport.objects.order_by("-issued_at")
    used = reports.values_list("score__rates_used", flat=True)[:_MOST_REPORTS]
    for rates in used if shown else ():
        for day in shown & rates.keys():
            uses.update((day, currency) for currency in rates[day])
    return uses


def _in_words(loaded: Loaded, *, is_dry_run: bool) -> str:
    what = (
        f"{loaded.rates:,} rates from {loaded.since} to {loaded.until}: "
        f"{loaded.new:,} new, {loaded.changed:,} changed, {loaded.same:,} as they were"
    )
    if loaded.kept:
        what += f", {loaded.kept:,} kept as typed"
    examples = "".join(
        f" {currency} on {on}: {_plain(before)} → {_plain(after)}."
        for on, currency, before, after in loaded.examples or ()
    )
    if is_dry_run:
        return f"{what}. Nothing was written.{examples}"
    return f"{what}.{examples}"


def _plain(rate: Decimal) -> str:
    return f"{rate.normalize():,f}"
