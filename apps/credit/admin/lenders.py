"""Clients that lend: where their applicants begin and come back to."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST

from apps.core import posting
from apps.core.addresses import address_of
from apps.core.admin import ModelAdmin, badge
from apps.core.errors import DomainError
from apps.credit.models import Lender
from apps.credit.services import lenders
from apps.platforms.models import ApiApp
from apps.users.models import Client
from apps.users.roles import SCORE_APPLICANT
from apps.users.services.audit import By
from apps.users.views.pages import user_of

_LIST = "admin:credit_lender_changelist"
_PAGE = "admin:credit_lender_change"


class LenderForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Lender
        fields = (
            "slug",
            "is_open",
            "return_url",
            "api_app",
            "hook_address",
            "keep_days",
        )
        labels = {"slug": "Short name", "api_app": "API app"}
        help_texts = {"slug": "Names the lender in the address applicants begin at."}

    client = forms.ModelChoiceField(Client.objects.none())
    return_url = forms.URLField(
        label="Page of the lender",
        assume_scheme="https",
        max_length=200,
        help_text="Applicants come back to it, with ?tiktokshop_connected=true.",
    )
    hook_address = forms.URLField(
        label="Webhook address",
        assume_scheme="https",
        max_length=200,
        required=False,
        help_text="Is told of each score and each issued report. Empty: nobody is.",
    )
    field_order = ("client",)

    def __init__(self, *args: Any, clients: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if clients is None:
            del self.fields["client"]
            of_clients = ApiApp.objects.serving(self.instance.client)
        else:
            self._choices("client", clients)
            of_clients = ApiApp.objects.filter(client=None)
        self._choices("api_app", of_clients)

    def _choices(self, name: str, rows: QuerySet[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    def clean_hook_address(self) -> str:
        address = str(self.cleaned_data["hook_address"]).strip()
        try:
            if address:
                posting.checked(address)
        except DomainError as error:
            raise ValidationError(str(error)) from None
        return address


class LenderAdmin(ModelAdmin):
    """For those who score a client's applicants."""

    list_display = ["name", "slug", "state", "return_url", "keep"]
    list_display_links = ["name"]
    list_title = "Lenders"
    list_before_template = "credit/lenders.html"
    list_select_related = ["client"]
    search_fields = ()
    actions = None
    ordering = ["client__name", "pk"]

    def get_urls(self) -> list[URLPattern]:
        name = "credit_lender"
        kept = [url for url in super().get_urls() if url.name == f"{name}_changelist"]
        view = self.admin_site.admin_view
        page = require_http_methods(["GET", "HEAD", "POST"])
        return [
            *kept,
            path("add/", view(page(self.add_view)), name=f"{name}_add"),
            path(
                "<int:object_id>/secret/",
                view(require_POST(self.secret_view)),
                name=f"{name}_secret",
            ),
            path(
                "<path:object_id>/change/",
                view(page(self.change_view)),
                name=f"{name}_change",
            ),
        ]

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        return bool(request.user.has_perm(SCORE_APPLICANT, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # not the theme's button: the list has its own, with words

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_add": self._clients(request).exists()}
        return super().changelist_view(request, context | (extra_context or {}))

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = LenderForm(request.POST or None, clients=self._clients(request))
        if request.method == "POST" and form.is_valid():
            lender, secret = lenders.make(by=_by(request), **form.cleaned_data)
            return self._told_once(request, lender, secret)
        context = {"title": "Set up a lender", "form": form, "lender": None}
        return self.own_page(request, "credit/lender.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        lender = self._found(request, object_id)
        if lender is None:
            return self.missing(request, object_id)
        form = LenderForm(request.POST or None, instance=lender)
        if request.method == "POST" and form.is_valid():
            stored = Lender.objects.get(pk=lender.pk)
            lenders.change(stored, _by(request), **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect(_PAGE, lender.pk)
        context = {
            "title": str(lender),
            "form": form,
            "lender": lender,
            "ends_with": lender.hook_secret[-4:],
            "begin_address": _begin_address(lender),
        }
        return self.own_page(request, "credit/lender.html", context)

    def secret_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        lender = self._found(request, str(object_id))
        if lender is None:
            return self.missing(request, str(object_id))
        return self._told_once(
            request, lender, lenders.renew_secret(lender, _by(request))
        )

    def _clients(self, request: HttpRequest) -> QuerySet[Client]:
        """Those that could become lenders."""
        rows = Client.objects.permitting(request.user, SCORE_APPLICANT)
        return rows.filter(is_active=True, lender__isnull=True)

    def _found(self, request: HttpRequest, object_id: str) -> Lender | None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found: Lender | None = self.get_object(request, object_id)
        if found is not None and not self._allows(request, "change", found):
            return None
        return found

    def _told_once(
        self, request: HttpRequest, lender: Lender, secret: str
    ) -> HttpResponse:
        context = {
            "title": f"The secret of {lender}",
            "lender": lender,
            "new_secret": secret,
        }
        answer = self.own_page(request, "credit/lender_secret.html", context)
        add_never_cache_headers(answer)
        return answer

    @admin.display(description="Lender", ordering="client__name")
    def name(self, row: Lender) -> str:
        return str(row)

    @admin.display(description="Applicants", ordering="is_open")
    def state(self, row: Lender) -> SafeString:
        return badge("Taken", "good") if row.is_open else badge("Closed", "neutral")

    @admin.display(description="Kept for", ordering="keep_days")
    def keep(self, row: Lender) -> str:
        return f"{row.keep_days} days"


def _by(request: HttpRequest) -> By:
    return By(user_of(request), address_of(request))


def _begin_address(lender: Lender) -> str:
    base = str(settings.PUBLIC_URL or "").rstrip("/") + reverse("api:credit_connect")
    return f"{base}?{urlencode({'lender': lender.slug})}&wallet=…"
