"""Shops and the apps they are connected through. Secrets are written, never shown."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminPasswordWidget

from apps.core.admin import ModelAdmin, ago, badge
from apps.platforms.models import ApiApp, Shop
from apps.sync.models import SyncRun
from apps.sync.tasks import pull_orders

STATE_BADGES = {
    Shop.State.CONNECTED: "good",
    Shop.State.RECONNECT_NEEDED: "bad",
    Shop.State.PAUSED: "neutral",
}


@admin.register(Shop)
class ShopAdmin(ModelAdmin):
    """Shops come from a consent (Add shop); names and clocks are ours to mend."""

    list_display = [
        "shop_name",
        "client",
        "state_badge",
        "currency",
        "tokens",
        "last_sync",
        "placed_orders",
    ]
    list_display_links = ["shop_name"]
    list_filter = ["state", "environment", "region"]
    search_fields = ["name", "remote_id", "code"]
    actions = ["sync_now"]
    fields = [
        "name",
        "client",
        "environment",
        "remote_id",
        "code",
        "region",
        "currency",
        "time_zone",
        "state",
        "state_reason",
        "token_facts",
    ]
    readonly_fields = [
        "environment",
        "remote_id",
        "code",
        "region",
        "currency",
        "state",
        "state_reason",
        "token_facts",
    ]
    list_before_template = "platforms/shops.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        shops: QuerySet[Any] = super().get_queryset(request).select_related("client")
        annotated: QuerySet[Any] = shops.annotate(
            access_expires_at=Min("credentials__authorization__access_expires_at"),
            refresh_expires_at=Min("credentials__authorization__refresh_expires_at"),
            last_run_at=Max("sync_runs__started_at"),
        )
        return annotated

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "client":
            kwargs["queryset"] = db_field.related_model.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.action(description="Sync now", permissions=["change"])
    def sync_now(self, request: HttpRequest, shops: QuerySet[Shop]) -> None:
        connected = [s for s in shops if s.state == Shop.State.CONNECTED]
        for shop in connected:
            transaction.on_commit(
                partial(pull_orders.delay, shop.pk, SyncRun.Trigger.USER)
            )
        if connected:
            messages.success(request, f"Sync started for {len(connected)} shops.")
        if left_out := len(shops) - len(connected):
            messages.warning(
                request, f"{left_out} shops are not connected and were left out."
            )

    @admin.display(description="Shop", ordering="name")
    def shop_name(self, shop: Shop) -> SafeString:
        sandbox = shop.environment == Shop.Environment.SANDBOX
        return format_html(
            '{} {}{}<br><span class="soft mono">{}</span>',
            shop.name,
            badge(shop.region, "neutral"),
            badge("Sandbox", "attention") if sandbox else "",
            shop.remote_id,
        )

    @admin.display(description="State", ordering="state")
    def state_badge(self, shop: Shop) -> SafeString:
        return badge(shop.get_state_display(), STATE_BADGES[Shop.State(shop.state)])

    @admin.display(description="Tokens")
    def tokens(self, shop: Any) -> SafeString:
        return format_html(
            'access {}<br><span class="soft">consent ends {}</span>',
            ago(shop.access_expires_at),
            ago(shop.refresh_expires_at),
        )

    @admin.display(description="Tokens")
    def token_facts(self, shop: Any) -> SafeString:
        return self.tokens(shop)

    @admin.display(description="Last sync")
    def last_sync(self, shop: Any) -> SafeString | str:
        return ago(shop.last_run_at)

    @admin.display(description="Orders")
    def placed_orders(self, shop: Any) -> SafeString:
        return format_html(
            '<a href="../../orders/order/?tab=all&amp;shop={}">Show orders</a>', shop.pk
        )


class ApiAppForm(forms.ModelForm):  # type: ignore[type-arg]
    """The secret can be set or replaced, never read back."""

    new_secret = forms.CharField(
        label="App secret",
        required=False,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="Leave empty to keep the secret that is set.",
    )

    class Meta:
        model = ApiApp
        fields = (
            "name",
            "platform",
            "environment",
            "app_key",
            "service_id",
            "scope_category",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.instance.pk and not data.get("new_secret"):
            self.add_error("new_secret", "A new app needs its secret.")
        return data

    def save(self, commit: bool = True) -> ApiApp:  # noqa: FBT001, FBT002 (Django's)
        if secret := self.cleaned_data.get("new_secret"):
            self.instance.app_secret = secret
        saved: ApiApp = super().save(commit)
        return saved


@admin.register(ApiApp)
class ApiAppAdmin(ModelAdmin):
    form = ApiAppForm
    list_display = ["name", "app_key", "scope_category", "environment", "secret"]
    search_fields = ["name", "app_key"]

    @admin.display(description="Secret")
    def secret(self, app: ApiApp) -> str:
        return (
            f"set · ends …{str(app.app_secret)[-4:]}" if app.app_secret else "not set"
        )
