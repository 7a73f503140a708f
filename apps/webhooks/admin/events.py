"""The log of what platforms told us: did they, and did we act?"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, ReadOnlyAdmin, ago
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.models import Shop
from apps.products.admin.listing_words import shop_words
from apps.sync.admin.stock_base import kept_of, tabs_of
from apps.users.roles import REPLAY_WEBHOOK, VIEW_WEBHOOK
from apps.webhooks.admin import bulk, event_page, words
from apps.webhooks.admin.figures import figures_of
from apps.webhooks.admin.filters import EventFilters, EventList
from apps.webhooks.admin.objects import addresses_of
from apps.webhooks.models import WebhookDay, WebhookEvent
from apps.webhooks.services.days import rows_of
from apps.webhooks.services.public_address import webhook_address


class EventAdmin(OwnList, ReadOnlyAdmin):
    list_display = [
        "tick",
        "received",
        "event",
        "shop_name",
        "about",
        "state_text",
        "took",
        "what_came",
    ]
    list_display_links = ["received"]
    list_class = EventList
    list_title = "Webhook log"
    list_before_template = "webhooks/list.html"
    ordering = ["-received_at", "-pk"]

    class Media:
        css = {"all": ["shopdesk/webhooks.css"]}

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("bulk/", self._view(bulk.bulk), name="webhooks_webhookevent_bulk"),
            path(
                "<path:object_id>/change/",
                self._view(event_page.page),
                name="webhooks_webhookevent_change",
            ),
        ]
        kept = [
            url
            for url in super().get_urls()
            if url.name == "webhooks_webhookevent_changelist"
        ]
        return [*kept, *own]

    def _view(self, view: Callable[..., HttpResponseBase]) -> Any:
        return self.admin_site.admin_view(partial(view, self))

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        permission = VIEW_WEBHOOK if deed == "view" else REPLAY_WEBHOOK
        return bool(request.user.has_perm(permission, obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("shop").defer("body", "headers")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Nobody ticks what they cannot do anything with."""
        may_act = request.user.has_perm(REPLAY_WEBHOOK)
        return [name for name in self.list_display if name != "tick" or may_act]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters, user = cl.filters, request.user
        assert isinstance(filters, EventFilters)
        cl.result_list = list(cl.result_list)
        addresses = addresses_of(user, cl.result_list)
        for event in cl.result_list:
            event.object_address = addresses.get(event.pk, "")
        visible = WebhookEvent.objects.visible_to(user)
        days, now = WebhookDay.objects.visible_to(user), timezone.now()
        counts = filters.counts(visible)
        tabs = tabs_of(cl, counts | {"all": 0})
        tabs[0]["count"] = None  # the list counts itself
        first = Shop.objects.visible_to(user, VIEW_WEBHOOK).first()
        return {
            "filters": filters,
            "tabs": tabs,
            "has_rows": bool(cl.result_count) or any(counts.values()),
            "reset_query": f"?tab={filters.current_tab}",
            "figures": figures_of(
                rows_of(filters.at_shop(days), filters.at_shop(visible), now), now
            ),
            "webhook_address": webhook_address(),
            "first_shop": first,
            "deeds": bulk.DEEDS.values() if user.has_perm(REPLAY_WEBHOOK) else [],
            "kept": kept_of(request, filters),
        } | switcher_for(user, cl, filters.value("shop"), VIEW_WEBHOOK)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return event_page.page(self, request, object_id)

    @admin.display(description="")
    def tick(self, event: WebhookEvent) -> SafeString:
        return format_html(
            '<input type="checkbox" class="tick" name="pk" value="{}" form="bulk" '
            'aria-label="Select {}">',
            event.pk,
            event,
        )

    @admin.display(description="Received", ordering="received_at")
    def received(self, event: WebhookEvent) -> SafeString | str:
        return ago(event.received_at)

    @admin.display(description="Event", ordering="topic")
    def event(self, event: WebhookEvent) -> SafeString:
        return format_html(
            '<div class="event-name">{}<br><span class="soft">type {}</span></div>',
            words.breakable(event),
            event.type_number,
        )

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, event: WebhookEvent) -> SafeString | str:
        if event.shop is not None:
            return shop_words(event.shop)
        return format_html('<span class="soft">{}</span>', event.owner_id or "—")

    @admin.display(description="Object", ordering="object_id")
    def about(self, event: Any) -> SafeString | str:
        if not event.object_id:
            return "—"
        if not event.object_address:
            return format_html('<span class="mono">{}</span>', event.object_id)
        return format_html(
            '<a class="mono" href="{}">{}</a>', event.object_address, event.object_id
        )

    @admin.display(description="State", ordering="state")
    def state_text(self, event: WebhookEvent) -> SafeString:
        return words.state_words(event)

    @admin.display(description="Tries, took", ordering="milliseconds")
    def took(self, event: WebhookEvent) -> SafeString:
        took = "" if event.milliseconds is None else f"{event.milliseconds:,} ms"
        return format_html(
            '<span class="money">{}<br><span class="soft">{}</span></span>',
            event.attempts,
            took,
        )

    @admin.display(description="What came of it")
    def what_came(self, event: WebhookEvent) -> SafeString:
        text = event.error or event.outcome or "—"
        short = text if len(text) <= 120 else f"{text[:119]}…"
        return format_html('<div class="titled">{}</div>', short)
