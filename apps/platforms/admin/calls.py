"""The API log: what we asked the platforms, and what they said. Masked, read-only."""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, ReadOnlyAdmin, ago, badge
from apps.core.filtering import FilteredList, FilterForm, date_input
from apps.platforms.admin.words import environment_badge, instant
from apps.platforms.models import ApiCall, Shop
from apps.platforms.services.call_log import calls_like, error_groups
from apps.users.roles import VIEW_CALL

MOST_GROUPS = 5


class CallFilters(FilterForm):
    status = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any status"),
            ("error", "Errors"),
            ("2", "2xx"),
            ("3", "3xx"),
            ("4", "4xx"),
            ("5", "5xx"),
            ("0", "No answer"),
        ],
    )
    code = forms.IntegerField(label="TikTok code", required=False)
    path = forms.CharField(
        label="Path contains",
        required=False,
        max_length=160,
        widget=forms.TextInput({"type": "search"}),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    since = date_input("From")
    until = date_input("To")

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_CALL))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        status = self.value("status")
        if status == "error":
            rows = rows.errors()  # type: ignore[attr-defined]
        elif status == "0":
            rows = rows.filter(http_status=0)
        elif status:
            first = int(status) * 100
            rows = rows.filter(http_status__gte=first, http_status__lt=first + 100)
        conditions = {
            "code": self.value("code"),
            "path__icontains": self.value("path"),
            "shop": self.value("shop"),
            "at__date__gte": self.value("since"),
            "at__date__lte": self.value("until"),
        }
        return rows.filter(
            **{name: value for name, value in conditions.items() if value is not None}
        )


class CallList(FilteredList):
    form_class = CallFilters


class ApiCallAdmin(OwnList, ReadOnlyAdmin):
    list_display = [
        "at_text",
        "shop_name",
        "method",
        "path_text",
        "status",
        "code_text",
        "took",
        "request_text",
    ]
    list_display_links = ["at_text"]
    list_before_template = "platforms/shop_calls.html"
    list_class = CallList
    list_title = "API log"
    ordering = ["-at", "-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        calls = super().get_queryset(request).select_related("shop")
        return calls.defer("request", "response")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        groups = error_groups(cl.queryset, limit=MOST_GROUPS)
        return super().list_context(request, cl) | {
            "groups": [
                {
                    "group": group,
                    "last": ago(group.last_at),
                    "query": cl.get_query_string(
                        {"code": group.code, "path": group.path}, ["p"]
                    ),
                }
                for group in groups
            ],
        }

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        call = self.get_object(request, object_id)
        if call is None:
            return self.missing(request, object_id)
        midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        today = ApiCall.objects.visible_to(request.user).filter(
            at__gte=midnight, at__lt=midnight + timedelta(days=1)
        )
        return self.own_page(
            request,
            "platforms/shop_call.html",
            {
                "title": "API call",
                "call": call,
                "at": instant(call.at),
                "badge": _status_badge(call),
                "is_error": _is_error(call),
                "alike": calls_like(call, today).count() if _is_error(call) else 0,
                "sent": _pretty(call.request),
                "received": _pretty(call.response),
            },
        )

    @admin.display(description="Time", ordering="at")
    def at_text(self, call: ApiCall) -> SafeString | str:
        return ago(call.at)

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, call: ApiCall) -> SafeString | str:
        if call.shop is None:
            return "—"
        return format_html("{} {}", call.shop, environment_badge(call.shop))

    @admin.display(description="Path", ordering="path")
    def path_text(self, call: ApiCall) -> SafeString:
        return format_html('<span class="path">{}</span>', call.path)

    @admin.display(description="Status", ordering="http_status")
    def status(self, call: ApiCall) -> SafeString:
        return _status_badge(call)

    @admin.display(description="TikTok code", ordering="code")
    def code_text(self, call: ApiCall) -> SafeString:
        return format_html(
            '<span class="mono">{}</span><br><span class="soft">{}</span>',
            call.code,
            call.message[:60],
        )

    @admin.display(description="ms", ordering="milliseconds")
    def took(self, call: ApiCall) -> SafeString:
        return format_html('<span class="money">{}</span>', f"{call.milliseconds:,}")

    @admin.display(description="Request ID", ordering="request_id")
    def request_text(self, call: ApiCall) -> SafeString:
        return format_html('<span class="mono request">{}</span>', call.request_id)


def _is_error(call: ApiCall) -> bool:
    """As ApiCallQuerySet.errors() has it."""
    return not (call.code == 0 and call.http_status == 200)


def _status_badge(call: ApiCall) -> SafeString:
    text = str(call.http_status) if call.http_status else "No answer"
    return badge(text, "bad" if _is_error(call) else "good")


def _pretty(text: str) -> str:
    """Indented where it is whole JSON; as it was kept where it was cut."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
