"""Where else a client's alerts are told: addresses of other tools."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString

from apps.alerts.admin.words import by_whom
from apps.alerts.models import AlertHook, AlertHookDelivery, Code
from apps.alerts.services import hooks
from apps.core import posting
from apps.core.admin import READS, ModelAdmin, ago, badge, of_row
from apps.core.errors import DomainError
from apps.users.models import Client
from apps.users.roles import CHANGE_SHOP

MOST_DELIVERIES = 50
State = AlertHookDelivery.State
BADGES = {State.DONE: "good", State.WAITING: "progress", State.FAILED: "bad"}
DEEDS = ("try", "renew", "remove")


class HookForm(forms.Form):
    client = forms.ModelChoiceField(Client.objects.none())
    name = forms.CharField(
        max_length=80, help_text="The tool that listens, to know it again."
    )
    address = forms.CharField(
        max_length=500,
        widget=forms.URLInput,
        help_text="Begins with https://, and is reachable from the internet.",
    )
    codes = forms.MultipleChoiceField(
        label="Kinds",
        required=False,
        choices=[each for each in Code.choices if each[0] != Code.CHECKS_STOPPED],
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all of them.",
    )
    is_on = forms.BooleanField(label="On", required=False, initial=True)

    def __init__(self, *args: Any, clients: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if clients is None:
            del self.fields["client"]
        else:
            field = self.fields["client"]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = clients

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        try:
            posting.checked(address)
        except DomainError as error:
            raise ValidationError(str(error)) from None
        return address


class HookAdmin(ModelAdmin):
    list_display = ["name", "client", "place", "kinds", "state", "last"]
    list_display_links = ["name"]
    list_title = "Alert hooks"
    list_before_template = "alerts/hooks.html"
    list_select_related = ["client"]
    search_fields = ()
    actions = None
    ordering = ["client__name", "name", "pk"]

    def get_urls(self) -> list[URLPattern]:
        name = "alerts_alerthook"
        kept = [url for url in super().get_urls() if url.name == f"{name}_changelist"]
        view = self.admin_site.admin_view
        return [
            *kept,
            path("add/", view(self.add_view), name=f"{name}_add"),
            path(
                "<int:object_id>/do/<slug:deed>/",
                view(self.act_view),
                name=f"{name}_act",
            ),
            path(
                "<path:object_id>/change/",
                view(self.change_view),
                name=f"{name}_change",
            ),
        ]

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        """Who changes the settings of all the client's shops."""
        return bool(request.user.has_perm(CHANGE_SHOP, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # not the theme's button: the list has its own, with words

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        done = Q(deliveries__state=State.DONE)
        dated: QuerySet[Any] = rows.annotate(
            last_done=Max("deliveries__made_at", filter=done)
        )
        return dated

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_add = Client.objects.permitting(request.user, CHANGE_SHOP).exists()
        return super().changelist_view(
            request, {"may_add": may_add} | (extra_context or {})
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in (*READS, "POST"):
            return HttpResponseNotAllowed([*READS, "POST"])
        clients = Client.objects.permitting(request.user, CHANGE_SHOP)
        form = HookForm(request.POST or None, clients=clients.filter(is_active=True))
        if request.method == "POST" and form.is_valid():
            hook, secret = hooks.make(by=by_whom(request), **form.cleaned_data)
            return self._told_once(request, hook, secret)
        context = {"title": "Add an alert hook", "form": form, "hook": None}
        return self.own_page(request, "alerts/hook.html", context)

    @of_row(*READS, "POST")
    def change_view(self, request: HttpRequest, hook: AlertHook) -> HttpResponse:
        names = ("name", "address", "codes", "is_on")
        stored = {name: getattr(hook, name) for name in names}
        form = HookForm(request.POST or None, initial=stored)
        if request.method == "POST" and form.is_valid():
            hooks.change(hook, by_whom(request), **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("admin:alerts_alerthook_change", hook.pk)
        log = hook.deliveries.select_related("event__alert__shop").defer("body")
        context = {
            "title": str(hook),
            "form": form,
            "hook": hook,
            "ends_with": hook.secret[-4:],
            "deliveries": [
                (row, ago(row.made_at), _state(row), _next(row))
                for row in log[:MOST_DELIVERIES]
            ],
        }
        return self.own_page(request, "alerts/hook.html", context)

    @of_row("POST")
    def act_view(
        self, request: HttpRequest, hook: AlertHook, deed: str
    ) -> HttpResponse:
        if deed not in DEEDS:
            raise Http404
        by = by_whom(request)
        if deed == "renew":
            return self._told_once(request, hook, hooks.renew_secret(hook, by))
        if deed == "remove":
            hooks.remove(hook, by)
            messages.success(request, f"“{hook.name}” is told of nothing any more.")
            return redirect("admin:alerts_alerthook_changelist")
        delivery = hooks.try_out(hook, by)
        if delivery.state == State.DONE:
            messages.success(request, f"The test arrived. {delivery.message}")
        else:
            messages.error(request, f"The test did not arrive. {delivery.message}")
        return redirect("admin:alerts_alerthook_change", hook.pk)

    def _told_once(
        self, request: HttpRequest, hook: AlertHook, secret: str
    ) -> HttpResponse:
        """The only page that ever shows it."""
        context = {"title": f"The secret of {hook.name}", "hook": hook}
        answer = self.own_page(
            request, "alerts/hook_secret.html", context | {"new_secret": secret}
        )
        add_never_cache_headers(answer)
        return answer

    @admin.display(description="Address")
    def place(self, row: AlertHook) -> str:
        return posting.host_of(row.address)

    @admin.display(description="Kinds")
    def kinds(self, row: AlertHook) -> str:
        return f"{len(row.codes)} of {len(Code) - 1}" if row.codes else "All"

    @admin.display(description="State", ordering="is_on")
    def state(self, row: AlertHook) -> SafeString:
        return badge("On", "good") if row.is_on else badge("Off", "neutral")

    @admin.display(description="Last delivered", ordering="last_done")
    def last(self, row: Any) -> SafeString | str:
        return ago(row.last_done)


def _state(row: AlertHookDelivery) -> SafeString:
    known = State(row.state)
    return badge(str(known.label), BADGES[known])


def _next(row: AlertHookDelivery) -> SafeString | str:
    return ago(row.next_try_at) if row.state == State.WAITING else ""
