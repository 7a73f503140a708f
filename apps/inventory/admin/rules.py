"""Stock rules: what they keep from shops is looked at before they hold."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList
from apps.core.errors import DomainError
from apps.inventory.admin import rules_preview
from apps.inventory.admin.base import StockAdmin, stock_clients
from apps.inventory.admin.rules_filters import RuleList, with_concerned
from apps.inventory.admin.rules_form import RuleForm
from apps.inventory.admin.rules_words import (
    figure_words,
    place_words,
    seen_shops,
    shop_words,
)
from apps.inventory.models import StockRule
from apps.inventory.services.rules import delete_rule, save_rule
from apps.products.admin.rows import by_whom, chosen_client
from apps.users.models import Client
from apps.users.roles import CHANGE_STOCK


class StockRuleAdmin(OwnList, StockAdmin):
    list_display = ["place", "client", "figures", "last", "concerns", "note"]
    list_display_links = ["place"]
    list_class = RuleList
    list_title = "Stock rules"
    list_before_template = "inventory/rules.html"
    ordering = ["client__name", "shop__name", "variant__sku", "pk"]

    def own_urls(self) -> list[URLPattern]:
        return [
            self.page_at("add/", self.add_view, "add"),
            self.page_at("<path:object_id>/change/", self.change_view, "change"),
            self.page_at("<path:object_id>/delete/", self.delete_view, "delete"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return with_concerned(rows, request.user).select_related(
            "client", "shop", "variant__product", "warehouse", "last_pieces_shop"
        )

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        seen = seen_shops(request.user)
        cl.result_list = list(cl.result_list)
        for rule in cl.result_list:
            rule.seen = seen
        return super().list_context(request, cl) | {
            "may_add": stock_clients(request).exists()
        }

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        clients = stock_clients(request)
        if not clients.exists():
            raise PermissionDenied
        client = chosen_client(request, clients)
        if client is None:
            context = {"title": "Add stock rule", "clients": clients}
            return self.own_page(request, "products/for_client.html", context)
        return self._form_page(request, client, None)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        rule = self._seen(request, object_id)
        if rule is None:
            return self.missing(request, object_id)
        if request.method == "POST" and not self._may_change(request, rule):
            raise PermissionDenied
        return self._form_page(request, rule.client, rule)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        rule = self._seen(request, object_id)
        if rule is None:
            return self.missing(request, object_id)
        if not self._may_change(request, rule):
            raise PermissionDenied
        if request.method == "POST":
            delete_rule(rule, **by_whom(request))
            messages.success(request, "The rule is deleted; shops are told anew.")
            return redirect("admin:inventory_stockrule_changelist")
        context = {
            "title": "Delete stock rule",
            "client": rule.client,
            "rule": rule,
            "words": place_words(rule, seen_shops(request.user)),
        }
        context |= rules_preview.context_of(request.user, rule, is_deleted=True)
        return self.own_page(request, "inventory/rule_delete.html", context)

    def _form_page(
        self, request: HttpRequest, client: Client, rule: StockRule | None
    ) -> HttpResponse:
        """Saved is only what was looked at: the button carries the seal of that."""
        is_post = request.method == "POST"
        form = RuleForm(
            request.POST if is_post else None,
            instance=StockRule.objects.get(pk=rule.pk) if rule else None,
            client=client,
            user=request.user,
        )
        looked_at: dict[str, Any] = {}
        if is_post and form.is_valid():
            if request.POST.get("seal") == form.seal:
                try:
                    save_rule(form.rule, **by_whom(request))
                except DomainError as error:
                    form.add_error(None, str(error))
                else:
                    messages.success(
                        request, "The rule holds; shops are told within seconds."
                    )
                    return redirect("admin:inventory_stockrule_changelist")
            else:
                looked_at = rules_preview.context_of(request.user, form.rule)
        context = {
            "title": "Stock rule" if rule else "Add stock rule",
            "client": client,
            "rule": rule,
            "form": form,
            "may_change": rule is None or self._may_change(request, rule),
        }
        return self.own_page(request, "inventory/rule.html", context | looked_at)

    def _may_change(self, request: HttpRequest, rule: StockRule) -> bool:
        """Who changes all the client's stock, also for a rule of one shop."""
        return bool(request.user.has_perm(CHANGE_STOCK, rule.client))

    def _seen(self, request: HttpRequest, object_id: object) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, str(object_id))

    @admin.display(description="For")
    def place(self, rule: Any) -> SafeString:
        return format_html(
            '<span class="titled linked">{}</span>', place_words(rule, rule.seen)
        )

    @admin.display(description="Figures")
    def figures(self, rule: StockRule) -> str:
        return figure_words(rule) or "—"

    @admin.display(description="Last pieces")
    def last(self, rule: Any) -> str:
        if rule.last_pieces is None:
            return "—"
        shop = shop_words(rule.last_pieces_shop, rule.seen)
        return f"Last {rule.last_pieces:,} only in {shop}"

    @admin.display(description="SKUs of shops")
    def concerns(self, rule: Any) -> SafeString:
        return format_html('<span class="money">{}</span>', f"{rule.concerned:,}")
