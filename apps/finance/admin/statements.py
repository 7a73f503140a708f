"""Settlements: a list of statements, and a page for each."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import READS, ago, badge, of_row
from apps.core.filtering import FormList
from apps.finance.admin.base import (
    MoneyFilters,
    MoneyRows,
    money,
    plain,
    told,
    verdict,
)
from apps.finance.admin.chart import bars_of
from apps.finance.admin.words import type_of
from apps.finance.models import SettlementTransaction, SettlementType, Source, Statement
from apps.finance.services.breakdown import breakdown_of
from apps.finance.services.owing import late_statements
from apps.users.roles import START_SYNC, VIEW_ORDER

LINES_ON_A_PAGE = 100
Status = Statement.PaymentStatus
STATUS_BADGES = {
    Status.PAID: "good",
    Status.PROCESSING: "progress",
    Status.SETTLED: "attention",
    Status.FAILED: "bad",
    Status.UNKNOWN: "neutral",
}


class StatementFilters(MoneyFilters):
    day_column = "statement_at"
    tabs = {
        "all": ("All", Q()),
        "off": ("Do not add up", Q(is_off=True)),
        "unpaid": (
            "Not paid yet",
            ~Q(payment_status__in=[Status.PAID, Status.UNKNOWN]),
        ),
        "unread": ("Being read", Q(transactions_read_at=None, source=Source.API)),
    }

    status = forms.ChoiceField(
        required=False, choices=[("", "Any payment"), *Status.choices]
    )

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filtered(rows)
        status = self.value("status")
        return rows.filter(payment_status=status) if status else rows


class StatementList(FormList):
    form_class = StatementFilters


class StatementAdmin(MoneyRows):
    list_display = [
        "day",
        "shop_name",
        "settlement",
        "revenue",
        "costs",
        "payable",
        "payment",
        "adds_up",
    ]
    list_display_links = ["day"]
    list_class = StatementList
    list_title = "Settlements"
    list_before_template = "finance/statements.html"
    ordering = ["-statement_at", "-pk"]
    export_name = "statements.csv"
    export_header = (
        "shop",
        "statement_id",
        "statement_at",
        "currency",
        "settlement",
        "revenue",
        "shipping",
        "fees_and_taxes",
        "adjustment",
        "reserve",
        "payable",
        "payment_status",
        "payment_id",
        "paid_at",
        "difference",
        "lines_difference",
    )

    def own_urls(self, view: Callable[..., Any]) -> list[URLPattern]:
        return [
            path(
                "<path:object_id>/change/",
                view(self.change_view),
                name="finance_statement_change",
            )
        ]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        late = late_statements(timezone.now()).filter(
            pk__in=[row.pk for row in cl.result_list]
        )
        keys = set(late.values_list("pk", flat=True))
        cl.result_list = list(cl.result_list)
        for row in cl.result_list:
            row.is_late = row.pk in keys
        lines = SettlementTransaction.objects.visible_to(request.user)
        return super().list_context(request, cl) | {
            "lines_off": lines.off().count(),
            "may_sync": request.user.has_perm(START_SYNC),
        }

    @of_row(*READS)
    def change_view(self, request: HttpRequest, statement: Statement) -> HttpResponse:
        context = _page(request, statement)
        return self.own_page(request, "finance/statement.html", context)

    def cells(self, row: Statement) -> tuple[object, ...]:
        return (
            str(row.shop),
            row.remote_id,
            f"{row.statement_at:%Y-%m-%dT%H:%M:%SZ}",
            row.currency,
            plain(row.settlement_amount),
            plain(row.revenue_amount),
            plain(row.shipping_amount),
            plain(row.fee_tax_amount),
            plain(row.adjustment_amount),
            plain(row.reserve_amount),
            plain(row.payable_amount),
            row.get_payment_status_display(),
            row.payment_remote_id,
            f"{row.paid_at:%Y-%m-%dT%H:%M:%SZ}" if row.paid_at else "",
            plain(row.difference_amount),
            plain(row.rows_difference_amount),
        )

    @admin.display(description="Day (UTC)", ordering="statement_at")
    def day(self, row: Statement) -> str:
        return f"{row.statement_at:%d %b %Y}"

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, row: Statement) -> str:
        return str(row.shop)

    @admin.display(description="Settled")
    def settlement(self, row: Statement) -> SafeString | str:
        return money(row.settlement_amount, row.currency)

    @admin.display(description="Revenue")
    def revenue(self, row: Statement) -> SafeString | str:
        return money(row.revenue_amount, row.currency)

    @admin.display(description="Fees and shipping")
    def costs(self, row: Statement) -> SafeString | str:
        parts = [row.fee_tax_amount, row.shipping_amount]
        known = [part for part in parts if part is not None]
        return money(sum(known) if known else None, row.currency)

    @admin.display(description="To be paid")
    def payable(self, row: Statement) -> SafeString | str:
        return money(row.payable_amount, row.currency)

    @admin.display(description="Payment")
    def payment(self, row: Any) -> SafeString:
        shown = payment_badge(row)
        if not getattr(row, "is_late", False):
            return shown
        return format_html("{} {}", shown, badge("Late", "bad"))

    @admin.display(description="Adds up")
    def adds_up(self, row: Statement) -> SafeString:
        return statement_verdict(row)


def payment_badge(row: Statement) -> SafeString:
    status = Status(row.payment_status)
    return badge(str(status.label), STATUS_BADGES[status])


def statement_verdict(row: Statement) -> SafeString:
    if row.source == Source.API and row.transactions_read_at is None:
        return badge("Being read", "progress")
    return verdict(
        row.difference_amount, row.rows_difference_amount, currency=row.currency
    )


def _page(request: HttpRequest, statement: Statement) -> dict[str, Any]:
    rows = statement.transactions.select_related("order").order_by("-is_off", "pk")
    pages = Paginator(rows, LINES_ON_A_PAGE)
    lines = pages.get_page(request.GET.get("p"))
    sees_orders = request.user.has_perm(VIEW_ORDER, statement)
    parts = breakdown_of(statement.transactions.exclude(type=SettlementType.RESERVE))
    payment = statement.payment
    return {
        "title": f"Settlement of {statement.statement_at:%d %b %Y}",
        "statement": statement,
        "shop": statement.shop,
        "payment_badge": payment_badge(statement),
        "verdict": statement_verdict(statement),
        "sums": _sums(statement),
        "bars": bars_of(parts, statement.currency),
        "lines": [_line(row, sees_orders=sees_orders) for row in lines],
        "page": lines,
        "payment": payment,
        "payment_amount": told(payment.amount, payment.currency) if payment else "",
        "paid_at": ago(statement.paid_at or (payment.paid_at if payment else None)),
        "read_at": ago(statement.transactions_read_at),
        "is_of_file": statement.source == Source.FILE,
    }


def _sums(row: Statement) -> list[dict[str, Any]]:
    """What it is made of; the sums of the parts stand where they are not the same."""
    named = (
        ("Revenue", row.revenue_amount),
        ("Shipping", row.shipping_amount),
        ("Fees and taxes", row.fee_tax_amount),
        ("Adjustments", row.adjustment_amount),
    )
    sums: list[dict[str, Any]] = [
        {"name": name, "amount": told(amount, row.currency), "is_sum": False}
        for name, amount in named
        if amount is not None
    ]

    def total(name: str, amount: Any, difference: Any = None) -> None:
        off = verdict(difference, currency=row.currency) if difference else ""
        sums.append(
            {
                "name": name,
                "amount": told(amount, row.currency),
                "is_sum": True,
                "off": off,
            }
        )

    total("Settled", row.settlement_amount, row.difference_amount)
    if row.rows_difference_amount is not None and row.settlement_amount is not None:
        of_lines = row.settlement_amount + row.rows_difference_amount
        total("Its lines come to", of_lines, row.rows_difference_amount)
    if row.reserve_amount:
        total("Held back or given back", row.reserve_amount)
    if row.payable_amount is not None:
        total("To be paid", row.payable_amount)
    return sums


def _line(row: SettlementTransaction, *, sees_orders: bool) -> dict[str, Any]:
    address = ""
    if sees_orders and row.order_id:
        address = reverse("admin:orders_order_change", args=[row.order_id])
    return {
        "row": row,
        "type": type_of(row.type_text) or row.get_type_display(),
        "address": address,
        "settlement": told(row.settlement_amount, row.currency),
        "revenue": told(row.revenue_amount, row.currency),
        "shipping": told(row.shipping_amount, row.currency),
        "fees": told(row.fee_tax_amount, row.currency),
        "other": told(_other(row), row.currency),
        "verdict": line_verdict(row),
    }


def _other(row: SettlementTransaction) -> Any:
    return row.adjustment_amount if row.reserve_amount is None else row.reserve_amount


def line_verdict(row: SettlementTransaction) -> SafeString:
    """What does not agree, in words."""
    if not row.is_off:
        return verdict(row.difference_amount, currency=row.currency)
    if row.difference_amount:
        return verdict(row.difference_amount, currency=row.currency)
    if row.skus_difference_amount:
        return format_html(
            "{} SKUs", verdict(row.skus_difference_amount, currency=row.currency)
        )
    if row.file_amount is not None:
        return badge(f"A file says {told(row.file_amount, row.currency)}", "bad")
    return format_html("{} fees", verdict(row.unnamed_amount, currency=row.currency))
