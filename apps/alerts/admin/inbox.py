"""The inbox: what is wrong, who has it. One row a problem, and a page for each."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Count, IntegerField, Model, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.alerts.admin import bulk, reading, words
from apps.alerts.admin.fixes import fix_of
from apps.alerts.admin.words import by_whom
from apps.alerts.models import Alert, AlertEvent, Code, Severity
from apps.alerts.services import deeds
from apps.alerts.services.kinds import KINDS
from apps.alerts.services.standing import last_check, silence
from apps.core.admin import READS, OwnList, ago, of_row
from apps.core.filtering import FilterForm, FormList
from apps.platforms.models import Shop
from apps.users.roles import CHANGE_ALERT, VIEW_ALERT

MOST_EVENTS = 200
LIST = "admin:alerts_alert_changelist"
TABS = {
    "open": "Open",
    "mine": "Mine",
    "snoozed": "Snoozed",
    "resolved": "Resolved",
}
WORST_FIRST = Case(
    When(severity=Severity.CRITICAL, then=Value(0)),
    When(severity=Severity.WARNING, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


class AlertFilters(FilterForm):
    tab = forms.ChoiceField(
        choices=list(TABS.items()), required=False, widget=forms.HiddenInput
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    severity = forms.ChoiceField(
        required=False, choices=[("", "Any severity"), *Severity.choices]
    )
    kind = forms.ChoiceField(required=False, choices=[("", "Any kind"), *Code.choices])

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_ALERT))

    @property
    def current(self) -> str:
        return self.value("tab") or "open"

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All filters but the tab."""
        for name, column in (("shop", "shop"), ("severity", "severity")):
            if value := self.value(name):
                rows = rows.filter(**{column: value})
        if kind := self.value("kind"):
            rows = rows.filter(code=kind)
        return rows

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.narrow(rows).filter(tabs(self.user)[self.current])


def tabs(user: Any) -> dict[str, Q]:
    """{tab: its question}."""
    now = timezone.now()
    is_open = Q(state=Alert.State.OPEN)
    is_snoozed = Q(snoozed_until__gt=now) | Q(is_snoozed_until_worse=True)
    is_awake = Q(is_snoozed_until_worse=False) & (
        Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
    )
    return {
        "open": is_open & is_awake,
        "mine": is_open & Q(taken_by=user),
        "snoozed": is_open & is_snoozed,
        "resolved": Q(state=Alert.State.RESOLVED),
    }


class AlertList(FormList):
    form_class = AlertFilters

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Of what is over, the latest first."""
        assert isinstance(self.filters, AlertFilters)
        if self.filters.current == "resolved" and ORDER_VAR not in request.GET:
            return ["-resolved_at", "-pk"]
        return list(super().get_ordering(request, queryset))


class AlertAdmin(OwnList):
    list_display = [
        "tick",
        "severity_shown",
        "problem",
        "shop_shown",
        "first_seen",
        "last_seen",
        "times",
        "who",
        "what_to_do",
    ]
    list_display_links = ["problem"]
    list_class = AlertList
    list_title = "Alerts"
    list_before_template = "alerts/inbox.html"
    ordering = [WORST_FIRST, "-last_seen_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        """The list, and pages of ours; nothing of the theme's beside it."""
        kept = [
            url for url in super().get_urls() if url.name == "alerts_alert_changelist"
        ]
        view = self.admin_site.admin_view
        return [
            *kept,
            path("reading/", view(self.reading_view), name="alerts_alert_reading"),
            path("bulk/<slug:deed>/", view(self.bulk_view), name="alerts_alert_bulk"),
            path(
                "<int:object_id>/do/<slug:deed>/",
                view(self.act_view),
                name="alerts_alert_act",
            ),
            path(
                "<path:object_id>/change/",
                view(self.change_view),
                name="alerts_alert_change",
            ),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        asked = VIEW_ALERT if deed == "view" else CHANGE_ALERT
        return bool(request.user.has_perm(asked, obj))

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Nobody ticks what they cannot do anything with."""
        may_act = request.user.has_perm(CHANGE_ALERT)
        return [name for name in self.list_display if name != "tick" or may_act]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("shop__client", "taken_by", "resolved_by")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters = cl.filters
        assert isinstance(filters, AlertFilters)
        kept = urlencode({"_changelist_filters": request.GET.urlencode()})
        rows = list(cl.result_list)
        for row in rows:
            row.fix = fix_of(row, request.user)
            row.may_act = row.is_open and request.user.has_perm(CHANGE_ALERT, row)
            row.may_take = row.may_act and row.taken_by_id != request.user.pk
            row.kept = kept
        cl.result_list = rows
        return super().list_context(request, cl) | {
            "tabs": self._tabs(request, filters, cl),
            "tab": filters.current,
            "deeds": bulk.offered(filters.current)
            if any(row.may_act for row in rows)
            else [],
            "kept": kept,
            **_checked(),
        }

    def _tabs(
        self, request: HttpRequest, filters: AlertFilters, cl: Any
    ) -> list[dict[str, Any]]:
        """Each with how many it has: one query."""
        rows = filters.narrow(Alert.objects.visible_to(request.user)).order_by()
        questions = tabs(request.user)
        counts = rows.aggregate(
            **{name: Count("pk", filter=asked) for name, asked in questions.items()}
        )
        return [
            {
                "title": title,
                "count": counts[name],
                "query": cl.get_query_string({"tab": name}, ["p"]),
                "is_current": name == filters.current,
            }
            for name, title in TABS.items()
        ]

    @of_row(*READS)
    def change_view(self, request: HttpRequest, alert: Alert) -> HttpResponse:
        return self.own_page(request, "alerts/alert.html", _page(request, alert))

    def reading_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return reading.view(self, request)

    @of_row("POST")
    def act_view(self, request: HttpRequest, alert: Alert, deed: str) -> HttpResponse:
        self.act_on(request, alert, deed, DEEDS, CHANGE_ALERT)
        kept = request.GET.get("_changelist_filters")
        if kept is not None:
            return redirect(f"{reverse(LIST)}?{kept}")
        return redirect("admin:alerts_alert_change", alert.pk)

    def bulk_view(self, request: HttpRequest, deed: str) -> HttpResponse:
        if deed not in bulk.DEEDS:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not request.user.has_perm(CHANGE_ALERT):
            raise PermissionDenied
        return bulk.act(self, request, deed)

    @admin.display(description="")
    def tick(self, row: Alert) -> SafeString:
        return bulk.tick(row)

    @admin.display(description="Severity", ordering=WORST_FIRST)
    def severity_shown(self, row: Alert) -> SafeString:
        return words.severity_badge(row.severity)

    @admin.display(description="Problem", ordering="code")
    def problem(self, row: Alert) -> SafeString:
        return format_html(
            '<span class="titled">{} {}<br><span class="soft">{}</span></span>',
            row.title,
            words.state_badge(row, timezone.now()) if row.is_open else "",
            row.get_code_display(),
        )

    @admin.display(description="Shop", ordering="shop__name")
    def shop_shown(self, row: Alert) -> SafeString | str:
        if row.shop is None:
            return "This server"
        return format_html(
            '<div>{}<br><span class="soft">{}</span></div>', row.shop, row.shop.client
        )

    @admin.display(description="First seen", ordering="opened_at")
    def first_seen(self, row: Alert) -> SafeString | str:
        return ago(row.opened_at)

    @admin.display(description="Last seen", ordering="last_seen_at")
    def last_seen(self, row: Alert) -> SafeString | str:
        return ago(row.last_seen_at)

    @admin.display(description="Who has it", ordering="taken_by__username")
    def who(self, row: Alert) -> str:
        return str(row.taken_by or "—")

    @admin.display(description="What to do")
    def what_to_do(self, row: Any) -> SafeString | str:
        if not (row.may_take or row.fix):
            return "—"
        take = fix = SafeString("")
        if row.may_take:
            address = reverse("admin:alerts_alert_act", args=[row.pk, "take"])
            # Its form stands above the list: the theme's own encloses all rows.
            take = format_html(
                '<button class="as-link" form="deeds" formaction="{}?{}">Take'
                '<span class="unseen"> {}</span></button>',
                address,
                row.kept,
                row.title,
            )
        if row.fix:
            fix = format_html(
                '<a class="linked" href="{}">{}</a>', row.fix.address, row.fix.words
            )
        return format_html('<span class="deeds-row">{}{}</span>', take, fix)


def _checked() -> dict[str, Any]:
    """When everything was last looked at, and whether that is too long ago."""
    row = last_check()
    pause = silence(row, timezone.now())
    return {
        "checked_at": row.at if row else None,
        "checked": ago(row.at if row else None),
        "has_stopped": pause is not None,
    }


def _page(request: HttpRequest, alert: Alert) -> dict[str, Any]:
    now = timezone.now()
    events = alert.events.exclude(name=AlertEvent.Name.NOTIFY).select_related("user")
    told = alert.events.filter(name=AlertEvent.Name.NOTIFY)
    shown = list(events.order_by("-at", "-pk")[:MOST_EVENTS])
    earlier = Alert.objects.visible_to(request.user).filter(
        shop=alert.shop, code=alert.code, subject=alert.subject
    )
    return {
        "title": alert.title,
        "alert": alert,
        "about": KINDS[alert.code].about,
        "severity": words.severity_badge(alert.severity),
        "state": words.state_badge(alert, now),
        "snoozed": words.snoozed_words(alert, now),
        "is_snoozed": alert.is_snoozed(now),
        "value": words.measured(alert, alert.value),
        "threshold": words.measured(alert, alert.threshold),
        "opened": ago(alert.opened_at),
        "last_seen": ago(alert.last_seen_at),
        "taken": ago(alert.taken_at),
        "resolved": ago(alert.resolved_at),
        "told_count": told.count(),
        "fix": fix_of(alert, request.user),
        "may_act": request.user.has_perm(CHANGE_ALERT, alert),
        "is_mine": alert.taken_by_id == request.user.pk,
        "snoozes": [(name, label) for name, (label, _) in deeds.SNOOZES.items()],
        "events": [
            (event, ago(event.at), words.severity_badge(event.severity))
            for event in shown
            if event.severity
        ],
        "earlier": [
            (row, ago(row.opened_at))
            for row in earlier.exclude(pk=alert.pk).order_by("-opened_at")[:10]
        ],
    }


def _take(request: HttpRequest, alert: Alert) -> str:
    is_new = deeds.take(alert, by_whom(request))
    return "It is yours to see to." if is_new else "It is yours already."


def _let_go(request: HttpRequest, alert: Alert) -> str:
    deeds.let_go(alert, by_whom(request))
    return "It is nobody's now."


def _snooze(request: HttpRequest, alert: Alert) -> str:
    how = request.POST.get("how", "")
    deeds.snooze(alert, how, by_whom(request))
    label = deeds.SNOOZES[how][0]
    return f"Snoozed {label[0].lower()}{label[1:]}. Nobody is told of it meanwhile."


def _wake(request: HttpRequest, alert: Alert) -> str:
    deeds.wake(alert, by_whom(request))
    return "It is no longer snoozed."


def _resolve(request: HttpRequest, alert: Alert) -> str:
    is_new = deeds.resolve(alert, by_whom(request))
    if not is_new:
        return "It is over already."
    return "Resolved. If its cause is still there, the next check brings it back."


DEEDS: dict[str, Callable[[HttpRequest, Alert], str]] = {
    "take": _take,
    "let-go": _let_go,
    "snooze": _snooze,
    "wake": _wake,
    "resolve": _resolve,
}
