"""What is still to come, as the platform estimates it."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import ago
from apps.core.filtering import FormList
from apps.finance.admin.base import MoneyFilters, MoneyRows, money, plain
from apps.finance.admin.words import type_of
from apps.finance.models import UnsettledTransaction


class UnsettledFilters(MoneyFilters):
    day_column = "order_placed_at"
    tabs = {
        "open": ("To come", Q(closed_at=None)),
        "closed": ("Settled or gone", Q(closed_at__isnull=False)),
        "all": ("All", Q()),
    }


class UnsettledList(FormList):
    form_class = UnsettledFilters


class UnsettledAdmin(MoneyRows):
    list_display = [
        "about",
        "shop_name",
        "estimate",
        "revenue",
        "fees",
        "expected",
        "why",
        "seen",
    ]
    list_display_links = None
    list_class = UnsettledList
    list_title = "To be settled"
    list_before_template = "finance/unsettled.html"
    ordering = ["-order_placed_at", "-pk"]
    export_name = "to-be-settled.csv"
    export_header = (
        "shop",
        "type",
        "id",
        "order_id",
        "currency",
        "estimated_settlement",
        "estimated_revenue",
        "estimated_shipping",
        "estimated_fees_and_taxes",
        "estimated_adjustment",
        "expected",
        "reason",
        "seen_at",
        "closed_at",
    )

    def cells(self, row: UnsettledTransaction) -> tuple[object, ...]:
        return (
            str(row.shop),
            row.get_type_display(),
            row.subject_id,
            row.remote_order_id,
            row.currency,
            plain(row.settlement_amount),
            plain(row.revenue_amount),
            plain(row.shipping_amount),
            plain(row.fee_tax_amount),
            plain(row.adjustment_amount),
            f"{row.expected_at:%Y-%m-%d}" if row.expected_at else row.expected_text,
            row.reason,
            f"{row.seen_at:%Y-%m-%dT%H:%M:%SZ}",
            f"{row.closed_at:%Y-%m-%dT%H:%M:%SZ}" if row.closed_at else "",
        )

    @admin.display(description="What")
    def about(self, row: UnsettledTransaction) -> SafeString:
        kind = type_of(row.type_text) or row.get_type_display()
        return format_html(
            '<div>{}<br><span class="mono">{}</span></div>', kind, row.subject_id
        )

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, row: UnsettledTransaction) -> str:
        return str(row.shop)

    @admin.display(description="Estimate")
    def estimate(self, row: UnsettledTransaction) -> SafeString | str:
        return money(row.settlement_amount, row.currency)

    @admin.display(description="Revenue")
    def revenue(self, row: UnsettledTransaction) -> SafeString | str:
        return money(row.revenue_amount, row.currency)

    @admin.display(description="Fees and shipping")
    def fees(self, row: UnsettledTransaction) -> SafeString | str:
        parts = [row.fee_tax_amount, row.shipping_amount]
        known = [part for part in parts if part is not None]
        return money(sum(known) if known else None, row.currency)

    @admin.display(description="Expected")
    def expected(self, row: UnsettledTransaction) -> SafeString | str:
        if row.expected_at is not None:
            return ago(row.expected_at)
        return row.expected_text or "—"

    @admin.display(description="Why not yet")
    def why(self, row: UnsettledTransaction) -> str:
        return row.reason or "—"

    @admin.display(description="Listed")
    def seen(self, row: Any) -> SafeString | str:
        return ago(row.seen_at)
