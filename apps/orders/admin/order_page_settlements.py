"""What was settled of an order: by name, and beside what was expected."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.finance.admin.base import told
from apps.finance.admin.statements import line_verdict
from apps.finance.admin.words import name_of, type_of
from apps.finance.models import SettlementComponent, SettlementTransaction
from apps.finance.services.breakdown import parts_of
from apps.finance.services.order_money import OrderMoney, order_money
from apps.orders.models import Order, OrderLine, Return
from apps.users.models import User
from apps.users.roles import VIEW_FINANCE

_INFORMATION = SettlementComponent.Group.SUPPLEMENTARY


def settlements_context(
    order: Order, lines: list[OrderLine], returns: list[Return], user: User
) -> dict[str, Any]:
    """For templates/orders/order_settlements.html; nothing for who sees no figures."""
    if not user.has_perm(VIEW_FINANCE, order):
        return {"sees_settlements": False}
    found = order_money(order, lines, returns, timezone.now())
    return {
        "sees_settlements": True,
        "settlements": [_shown(row) for row in (*found.settlements, *found.others)],
        "settlement_sums": _sums(order, found),
        "settlement_late": found.is_late,
        "to_settle": _to_settle(found),
    }


def _shown(row: SettlementTransaction) -> dict[str, Any]:
    parts = parts_of(row.components.all())
    address = ""
    if row.statement_id is not None:
        address = reverse("admin:finance_statement_change", args=[row.statement_id])
    return {
        "title": type_of(row.type_text) or row.get_type_display(),
        "day": row.settled_at,
        "address": address,
        "amount": told(
            row.reserve_amount
            if row.reserve_amount is not None
            else row.settlement_amount,
            row.currency,
        ),
        "verdict": line_verdict(row) if row.is_off else "",
        "parts": [
            (name_of(part.name), told(part.amount, row.currency))
            for part in parts
            if part.group != _INFORMATION
        ],
        "information": [
            (name_of(part.name), told(part.amount, row.currency))
            for part in parts
            if part.group == _INFORMATION
        ],
    }


def _sums(order: Order, found: OrderMoney) -> list[tuple[str, str, SafeString | str]]:
    """(what, how much, a badge where it is not what was expected)."""
    judged = found.judgement
    if judged is None:
        return []
    about = "" if judged.expected.is_exact else "about "
    rows: list[tuple[str, str, SafeString | str]] = [
        (
            "Revenue expected",
            f"{about}{told(judged.expected.revenue, order.currency)}",
            "",
        )
    ]
    if judged.revenue is not None:
        rows.append(
            (
                "Revenue settled",
                told(judged.revenue, order.currency),
                _gap(judged.revenue_gap, order, is_exact=judged.expected.is_exact),
            )
        )
    if judged.estimate is not None:
        rows.append(("TikTok's estimate", told(judged.estimate, order.currency), ""))
    if judged.settled is not None:
        rows.append(
            (
                "Settled, net",
                told(judged.settled, order.currency),
                _gap(judged.estimate_gap, order, is_exact=False),
            )
        )
    return rows


def _gap(gap: Decimal | None, order: Order, *, is_exact: bool) -> SafeString | str:
    if not gap:
        return ""
    beyond = "more" if gap > 0 else "less"
    kind = "bad" if is_exact and gap < 0 else "attention"
    return badge(f"{told(abs(gap), order.currency)} {beyond}", kind)


def _to_settle(found: OrderMoney) -> dict[str, Any] | None:
    row = found.unsettled
    if row is None:
        return None
    return {
        "amount": told(row.settlement_amount, row.currency),
        "when": ago(row.expected_at) if row.expected_at else row.expected_text,
        "why": row.reason,
    }
