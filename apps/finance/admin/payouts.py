"""Payouts: what the platform still owes, what of it is late, and what was paid."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from apps.core.addresses import address_of
from apps.core.admin import ago, badge
from apps.core.errors import DomainError
from apps.core.filtering import FormList
from apps.finance.admin.base import (
    MoneyFilters,
    MoneyRows,
    money,
    plain,
    told,
    verdict,
)
from apps.finance.models import ExchangeRate, Payment, ShopFinanceSettings, Withdrawal
from apps.finance.services.holding import set_waits
from apps.finance.services.owing import (
    HOLDING,
    PAYOUT,
    Owed,
    Waits,
    late_orders,
    late_statements,
    owed_by_shop,
)
from apps.finance.services.rates import BaseSum, base_sum, rate_table
from apps.platforms.models import Shop
from apps.users.roles import CHANGE_SHOP, VIEW_FINANCE, VIEW_ORDER
from apps.users.services.audit import By
from apps.users.views.pages import user_of

MOST_LATE = 50
STATUS_BADGES = {
    Payment.Status.PAID: "good",
    Payment.Status.PROCESSING: "progress",
    Payment.Status.FAILED: "bad",
    Payment.Status.UNKNOWN: "neutral",
}


class PaymentFilters(MoneyFilters):
    day_column = "remote_created_at"
    tabs = {
        "all": ("All payments", Q()),
        "off": ("Do not add up", Q(is_off=True)),
        "waiting": ("Under way", Q(status=Payment.Status.PROCESSING)),
        "failed": ("Failed", Q(status=Payment.Status.FAILED)),
    }

    base = forms.CharField(label="Sum in", required=False, max_length=3)

    def prepare(self) -> None:
        super().prepare()
        self.fields["base"].widget.attrs |= {"size": "4", "placeholder": "USD"}

    def clean_base(self) -> str:
        code = str(self.cleaned_data["base"]).upper()
        rates = ExchangeRate.objects.filter(currency=code)
        if code not in ("", "EUR") and not rates.exists():
            raise forms.ValidationError("There are no rates of this currency.")
        return code


class PaymentList(FormList):
    form_class = PaymentFilters


class WaitsForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ShopFinanceSettings
        fields = ("holding_days", "payout_days")


class PaymentAdmin(MoneyRows):
    list_display = [
        "made",
        "shop_name",
        "amount_paid",
        "settled",
        "reserve",
        "exchange",
        "state",
        "adds_up",
    ]
    list_display_links = None
    list_class = PaymentList
    list_title = "Payouts"
    list_before_template = "finance/payouts.html"
    ordering = ["-remote_created_at", "-pk"]
    export_name = "payments.csv"
    export_header = (
        "shop",
        "payment_id",
        "status",
        "created_at",
        "paid_at",
        "currency",
        "amount",
        "settlement_currency",
        "settlement",
        "reserve",
        "before_exchange",
        "exchange_rate",
        "bank_account_ends",
        "difference",
        "statements_difference",
    )

    def own_urls(self, view: Callable[..., Any]) -> list[URLPattern]:
        return [
            path(
                "waits/",
                view(require_POST(self.waits_view)),
                name="finance_payment_waits",
            )
        ]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        now = timezone.now()
        chosen = cl.filters.value("shop")
        seen = Shop.objects.visible_to(request.user, VIEW_FINANCE)
        if chosen is not None:
            seen = seen.filter(pk=chosen.pk)
        shops = list(seen.select_related("client").order_by("name", "pk"))
        rows = owed_by_shop(shops, now)
        may_change = chosen is not None and request.user.has_perm(CHANGE_SHOP, chosen)
        return super().list_context(request, cl) | {
            "owed": [_owed(row) for row in rows],
            "base": _in_base(rows, cl.filters.value("base"), now),
            "late_orders": _late_orders(request, shops, now),
            "late_statements": _late_statements(shops, now),
            "withdrawals": _withdrawals(shops) if chosen is not None else [],
            "chosen_shop": chosen,
            "waits": WaitsForm(instance=_waits(chosen)) if may_change else None,
        }

    def waits_view(self, request: HttpRequest) -> HttpResponse:
        """From when on money counts as late at a shop."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = request.POST.get("shop", "")
        shops = Shop.objects.visible_to(request.user, CHANGE_SHOP)
        shop = get_object_or_404(shops, pk=chosen if chosen.isdecimal() else 0)
        form = WaitsForm(request.POST, instance=ShopFinanceSettings(shop=shop))
        if not form.is_valid():
            messages.error(request, "Give both as whole days, from 1 to 120.")
        else:
            _set_waits(request, shop, form.cleaned_data)
        address = reverse("admin:finance_payment_changelist")
        return redirect(f"{address}?shop={shop.pk}")

    def cells(self, row: Payment) -> tuple[object, ...]:
        paid = f"{row.paid_at:%Y-%m-%dT%H:%M:%SZ}" if row.paid_at else ""
        return (
            str(row.shop),
            row.remote_id,
            row.get_status_display(),
            f"{row.remote_created_at:%Y-%m-%dT%H:%M:%SZ}",
            paid,
            row.currency,
            plain(row.amount),
            row.settlement_currency,
            plain(row.settlement_amount),
            plain(row.reserve_amount),
            plain(row.before_exchange_amount),
            plain(row.exchange_rate),
            row.bank_account_ends,
            plain(row.difference_amount),
            plain(row.statements_difference_amount),
        )

    @admin.display(description="Made (UTC)", ordering="remote_created_at")
    def made(self, row: Payment) -> str:
        return f"{row.remote_created_at:%d %b %Y}"

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, row: Payment) -> str:
        return str(row.shop)

    @admin.display(description="Paid")
    def amount_paid(self, row: Payment) -> SafeString | str:
        return money(row.amount, row.currency)

    @admin.display(description="Settled")
    def settled(self, row: Payment) -> SafeString | str:
        return money(row.settlement_amount, row.settlement_currency)

    @admin.display(description="Reserve")
    def reserve(self, row: Payment) -> SafeString | str:
        return money(row.reserve_amount, row.settlement_currency)

    @admin.display(description="Exchange")
    def exchange(self, row: Payment) -> str:
        rate = row.exchange_rate
        if rate is None or rate == 1:
            return "—"
        return f"{row.settlement_currency} 1 = {row.currency} {rate.normalize():f}"

    @admin.display(description="State")
    def state(self, row: Payment) -> SafeString:
        status = Payment.Status(row.status)
        return badge(str(status.label), STATUS_BADGES[status])

    @admin.display(description="Adds up")
    def adds_up(self, row: Payment) -> SafeString:
        currency = row.settlement_currency or row.currency
        return verdict(
            row.difference_amount, row.statements_difference_amount, currency=currency
        )


def _owed(row: Owed) -> dict[str, Any]:
    return {
        "row": row,
        "settled": told(row.settled, row.currency),
        "expected": told(row.expected, row.currency),
        "total": told(row.total, row.currency),
        "late": told(row.late, row.currency),
        "oldest": ago(row.oldest_at) if row.oldest_at else "—",
    }


def _in_base(
    rows: Sequence[Owed], base: str | None, now: datetime
) -> dict[str, Any] | None:
    """All of it in one currency, with the rates that made it; what has none is left
    out and said to be."""
    if not base or not rows:
        return None
    today = now.date()
    amounts = [(row.total, row.currency, today) for row in rows]
    currencies = {base, *(row.currency for row in rows)}
    table = rate_table(today, today, currencies)
    total: BaseSum = base_sum(table, base, amounts)
    return {
        "sum": told(total.amount.quantize(Decimal("0.01")), base),
        "rates": [
            f"{currency} of {used.rate_date:%d %b %Y}"
            for (currency, _), used in sorted(total.rates.items())
        ],
        "left_out": [
            told(amount, currency)
            for (currency, _), amount in sorted(total.left_out.items())
        ],
    }


def _late_orders(
    request: HttpRequest, shops: Sequence[Shop], now: datetime
) -> dict[str, Any]:
    """The first of them, those held longest first."""
    seen = Shop.objects.visible_to(request.user, VIEW_ORDER)
    rows: QuerySet[Any] = late_orders(now).filter(shop__in=shops)
    found = list(
        rows.filter(shop__in=seen)
        .select_related("shop")
        .order_by("delivered_at", "pk")[: MOST_LATE + 1]
    )
    waits = Waits.known()
    return {
        "rows": [
            {
                "order": order,
                "total": told(order.total_amount, order.currency),
                "delivered": ago(order.delivered_at),
                "due": ago(
                    order.delivered_at + waits.days(order.shop_id, HOLDING), past="late"
                ),
            }
            for order in found[:MOST_LATE]
        ],
        "has_more": len(found) > MOST_LATE,
    }


def _late_statements(shops: Sequence[Shop], now: datetime) -> list[dict[str, Any]]:
    rows = late_statements(now).filter(shop__in=shops).select_related("shop")
    waits = Waits.known()
    return [
        {
            "row": row,
            "amount": told(
                row.settlement_amount
                if row.payable_amount is None
                else row.payable_amount,
                row.currency,
            ),
            "due": ago(row.statement_at + waits.days(row.shop_id, PAYOUT), past="late"),
        }
        for row in rows.order_by("statement_at", "pk")[:MOST_LATE]
    ]


def _withdrawals(shops: Sequence[Shop]) -> list[dict[str, Any]]:
    rows = Withdrawal.objects.filter(shop__in=shops)[:20]
    return [{"row": row, "amount": told(row.amount, row.currency)} for row in rows]


def _waits(shop: Shop) -> ShopFinanceSettings:
    row = ShopFinanceSettings.objects.filter(shop=shop).first()
    return row or ShopFinanceSettings(shop=shop)


def _set_waits(request: HttpRequest, shop: Shop, asked: dict[str, int]) -> None:
    by = By(user_of(request), address_of(request))
    try:
        changed = set_waits(shop, **asked, by=by)
    except DomainError as error:
        messages.error(request, str(error))
        return
    if changed:
        messages.success(request, f"Saved for {shop}.")
    else:
        messages.info(request, "That is how it was.")
