"""How long each kind of data is kept: one page, for superusers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.backoffice.errors import RetentionRefused
from apps.backoffice.retention import KINDS
from apps.backoffice.services.retention import (
    LONGEST_DAYS,
    Rule,
    in_words,
    note_asked,
    rule_of,
    rules,
    set_days,
)
from apps.backoffice.tasks import apply_retention_of
from apps.core.addresses import address_of
from apps.core.admin import ReadOnlyAdmin, ago
from apps.core.queueing import after_commit
from apps.users.views.pages import user_of

_PAGE = "admin:backoffice_retentionrule_changelist"


class DaysForm(forms.Form):
    """Days to keep one kind; empty for good. What is too short, the service says."""

    days = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_DAYS)


class RetentionAdmin(ReadOnlyAdmin):
    """The rows are written through the forms of the page, one a kind."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "<slug:name>/days/",
                wrap(require_POST(self.days_view)),
                name="backoffice_retention_days",
            ),
            path(
                "<slug:name>/apply/",
                wrap(self.apply_view),
                name="backoffice_retention_apply",
            ),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._check(request)
        return self._list(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A kind has no page of its own."""
        self._check(request)
        return redirect(_PAGE)

    def days_view(self, request: HttpRequest, name: str) -> HttpResponse:
        self._check(request)
        rule = _found(name)
        form = DaysForm(request.POST)
        if "default" in request.POST:
            days = rule.kind.days
        elif form.is_valid():
            days = form.cleaned_data["days"]
        else:
            return self._list(request, name, "Write a whole number of days.")
        try:
            changed = set_days(
                name, days, actor=user_of(request), address=address_of(request)
            )
        except RetentionRefused as error:
            return self._list(request, name, str(error))
        if changed:
            text = f"{rule.kind.label}: kept {in_words(days)} from now on."
            messages.success(request, text)
        return redirect(_PAGE)

    def apply_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Names what would go; once confirmed, a worker lets it go."""
        self._check(request)
        rule = _found(name)
        count = rule.due(timezone.now())
        if request.method == "POST":
            if count:
                user = user_of(request)
                with transaction.atomic():
                    note_asked(rule, count, actor=user, address=address_of(request))
                    after_commit(apply_retention_of.delay, name, user.pk)
                text = f"{rule.kind.label}: {count:,} are going, in the background."
                messages.success(request, text)
            else:
                messages.info(request, f"{rule.kind.label}: nothing is that old.")
            return redirect(_PAGE)
        context = self.admin_site.each_context(request) | {
            "title": "Apply now",
            "opts": self.opts,
            "rule": rule,
            "count": count,
        }
        return TemplateResponse(request, "backoffice/retention_apply.html", context)

    def _list(
        self, request: HttpRequest, wrong: str = "", problem: str = ""
    ) -> HttpResponse:
        now = timezone.now()
        context = self.admin_site.each_context(request) | {
            "title": "Data retention",
            "opts": self.opts,
            "rows": [
                {
                    "rule": rule,
                    "due": rule.due(now),
                    "last_run": ago(rule.last_run_at),
                    "problem": problem if rule.kind.name == wrong else "",
                    "days": (
                        request.POST.get("days", "")
                        if rule.kind.name == wrong
                        else rule.days
                    ),
                }
                for rule in rules()
            ],
        }
        return TemplateResponse(
            request,
            "backoffice/retention.html",
            context,
            status=422 if problem else 200,
        )

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _found(name: str) -> Rule:
    if name not in KINDS:
        raise Http404
    return rule_of(name)
