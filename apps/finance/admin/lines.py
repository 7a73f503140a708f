"""Lines of all statements: what was settled of an order, adjusted, or held back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.filtering import FormList
from apps.finance.admin.base import MoneyFilters, MoneyRows, money, plain
from apps.finance.admin.statements import line_verdict
from apps.finance.admin.words import type_of
from apps.finance.models import SettlementTransaction, SettlementType

MOST_IDS = 100


class LineFilters(MoneyFilters):
    day_column = "settled_at"
    tabs = {
        "all": ("All", Q()),
        "off": ("Do not add up", Q(is_off=True)),
        "orders": ("Orders", Q(type=SettlementType.ORDER)),
        "adjustments": ("Adjustments", Q(type=SettlementType.ADJUSTMENT)),
        "reserves": ("Held back", Q(type=SettlementType.RESERVE)),
        "unknown": ("Of unknown orders", Q(order=None) & ~Q(remote_order_id="")),
    }

    q = forms.CharField(
        label="Order or adjustment IDs",
        required=False,
        max_length=4000,
        widget=forms.TextInput({"type": "search"}),
    )

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filtered(rows)
        ids = (self.value("q") or "").replace(",", " ").split()[:MOST_IDS]
        if not ids:
            return rows
        return rows.filter(Q(subject_id__in=ids) | Q(remote_order_id__in=ids))


class LineList(FormList):
    form_class = LineFilters


class LineAdmin(MoneyRows):
    list_display = [
        "about",
        "shop_name",
        "settled_on",
        "settlement",
        "revenue",
        "fees",
        "adjustment",
        "adds_up",
    ]
    list_display_links = None
    list_class = LineList
    list_title = "Settlement lines"
    list_before_template = "finance/lines.html"
    ordering = ["-settled_at", "-pk"]
    export_name = "settlement-lines.csv"
    export_header = (
        "shop",
        "statement_id",
        "type",
        "platform_type",
        "id",
        "order_id",
        "settled_at",
        "currency",
        "settlement",
        "revenue",
        "shipping",
        "fees_and_taxes",
        "adjustment",
        "reserve",
        "difference",
        "skus_difference",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("statement")

    def cells(self, row: SettlementTransaction) -> tuple[object, ...]:
        return (
            str(row.shop),
            row.statement.remote_id if row.statement else "",
            row.get_type_display(),
            row.type_text,
            row.subject_id,
            row.remote_order_id,
            f"{row.settled_at:%Y-%m-%dT%H:%M:%SZ}",
            row.currency,
            plain(row.settlement_amount),
            plain(row.revenue_amount),
            plain(row.shipping_amount),
            plain(row.fee_tax_amount),
            plain(row.adjustment_amount),
            plain(row.reserve_amount),
            plain(row.difference_amount),
            plain(row.skus_difference_amount),
        )

    @admin.display(description="What")
    def about(self, row: SettlementTransaction) -> SafeString:
        kind = type_of(row.type_text) or row.get_type_display()
        order = row.remote_order_id if row.remote_order_id != row.subject_id else ""
        return format_html(
            '<div>{}<br><span class="mono">{}</span>{}</div>',
            kind,
            row.subject_id,
            format_html('<br><span class="soft">of order {}</span>', order)
            if order
            else "",
        )

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, row: SettlementTransaction) -> str:
        return str(row.shop)

    @admin.display(description="Settled on (UTC)", ordering="settled_at")
    def settled_on(self, row: SettlementTransaction) -> SafeString | str:
        day = f"{row.settled_at:%d %b %Y}"
        if row.statement_id is None:
            return day
        address = reverse("admin:finance_statement_change", args=[row.statement_id])
        return format_html('<a href="{}">{}</a>', address, day)

    @admin.display(description="Settled")
    def settlement(self, row: SettlementTransaction) -> SafeString | str:
        return money(row.settlement_amount, row.currency)

    @admin.display(description="Revenue")
    def revenue(self, row: SettlementTransaction) -> SafeString | str:
        return money(row.revenue_amount, row.currency)

    @admin.display(description="Fees and shipping")
    def fees(self, row: SettlementTransaction) -> SafeString | str:
        parts = [row.fee_tax_amount, row.shipping_amount]
        known = [part for part in parts if part is not None]
        return money(sum(known) if known else None, row.currency)

    @admin.display(description="Adjusted or held back")
    def adjustment(self, row: SettlementTransaction) -> SafeString | str:
        is_kept = row.type == SettlementType.RESERVE
        return money(
            row.reserve_amount if is_kept else row.adjustment_amount, row.currency
        )

    @admin.display(description="Adds up")
    def adds_up(self, row: SettlementTransaction) -> SafeString:
        return line_verdict(row)
