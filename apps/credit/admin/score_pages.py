"""What would lift a score, and the rows behind its figures."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse

from apps.credit.models import Score
from apps.credit.rules import Features, lifts, what_if
from apps.credit.rules import score as score_of
from apps.credit.rules.table import MONTH_DAYS
from apps.credit.services.reports.content import COMPONENT_NAMES
from apps.credit.services.reports.rows import (
    FIGURES,
    commissions_behind,
    orders_behind,
)
from apps.orders.models import Order
from apps.platforms.models import CreatorAccount, Shop
from apps.users.models import User
from apps.users.roles import VIEW_CREDIT, VIEW_ORDER

ON_A_PAGE = 100
COMMISSIONS = "commissions"
FIGURE_NAMES = {
    "sales": "Sales",
    "refunds": "Sales with a refund",
    "not-counted": "Orders that are no sale",
    "fx-missing": "Sales without an exchange rate",
    COMMISSIONS: "Commissions",
}


class WhatIfForm(forms.Form):
    """Empty fields stay as they are."""

    monthly = forms.FloatField(
        label="Income a month, $", required=False, min_value=0, max_value=1e9
    )
    returned = forms.FloatField(
        label="Orders returned, %", required=False, min_value=0, max_value=100
    )
    late = forms.FloatField(
        label="Shipped late, %", required=False, min_value=0, max_value=100
    )
    cancelled = forms.FloatField(
        label="Cancelled by the seller, %", required=False, min_value=0, max_value=100
    )
    rating = forms.FloatField(required=False, min_value=1, max_value=5)
    sps = forms.FloatField(
        label="Shop performance score", required=False, min_value=0, max_value=5
    )
    new_products_sold = forms.IntegerField(
        label="New products sold", required=False, min_value=0, max_value=10_000
    )
    regions_active = forms.IntegerField(
        label="Active markets", required=False, min_value=0, max_value=50
    )
    partners_m3 = forms.IntegerField(
        label="Partners in the newest month", required=False, min_value=0
    )


def what_if_page(score: Score, asked: Mapping[str, Any]) -> dict[str, Any]:
    features = Features.from_dict(score.features)
    form = WhatIfForm(asked or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    after = None
    now = score_of(features)
    # Where too little was read, other figures do not make it more.
    if now.score is not None and any(value is not None for value in wanted.values()):
        after = what_if(features, changes_of(features, wanted))
    return {
        "title": f"What would lift score {score.number}",
        "score": score,
        "form": form,
        "now": now,
        "after": after,
        "change": (
            after.score_100 - now.score_100
            if after and after.score_100 is not None and now.score_100 is not None
            else None
        ),
        "components": [
            {
                "name": COMPONENT_NAMES[code],
                "now": now.components[code],
                "after": after.components.get(code) if after else None,
            }
            for code in now.components
        ],
        "lifts": [
            {"name": COMPONENT_NAMES[lift.code], "row": lift}
            for lift in lifts(features)
        ],
    }


def changes_of(features: Features, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """From what the form asks to figures of a score. Shares become numbers of all
    accounts together, which is what a change for everybody comes to."""
    changes: dict[str, Any] = {
        name: float(wanted[name])
        for name in (
            "rating",
            "sps",
            "new_products_sold",
            "regions_active",
            "partners_m3",
        )
        if wanted.get(name) is not None
    }
    if (monthly := wanted.get("monthly")) is not None:
        changes |= _income(features, monthly)
    for name, part, whole in (
        ("returned", "returned_orders", "orders"),
        ("late", "late_shipped", "shipped"),
        ("cancelled", "seller_cancels", "placed_orders"),
    ):
        if wanted.get(name) is not None:
            total = sum(getattr(one, whole) or 0.0 for one in features.entities)
            accounts = len(features.entities) or 1
            changes[whole] = total / accounts
            changes[part] = total / accounts * wanted[name] / 100
    return changes


def _income(features: Features, monthly: float) -> dict[str, Any]:
    """All of it as many times as high; where there was none, the same each day."""
    now = (features.total_usd or 0.0) * MONTH_DAYS / features.covered_days
    if now > 0:
        return {"income_factor": monthly / now}
    total = monthly * features.covered_days / MONTH_DAYS
    return {
        "net_seller_usd": total,
        "months_income": (monthly,) * len(features.months_income),
        "weekly_income": tuple(
            None if week is None else monthly * 7 / MONTH_DAYS
            for week in features.weekly_income
        ),
    }


def rows_page(
    score: Score, figure: str, user: User, number: str | None
) -> dict[str, Any]:
    """Rows of the accounts whose orders one may see; of the others, how many accounts
    they are, and the sums stand in the report. Raises Http404 for no figure."""
    if figure not in FIGURE_NAMES:
        raise Http404
    names, hidden = _accounts(score, user)
    if figure == COMMISSIONS:
        rows = commissions_behind(score, names)
    else:
        assert figure in FIGURES
        rows = orders_behind(score, figure, names)
    page = Paginator(rows, ON_A_PAGE).get_page(number)
    keys = {} if figure == COMMISSIONS else _keys(names, [row.order_id for row in page])
    return {
        "title": f"{FIGURE_NAMES[figure]} behind score {score.number}",
        "score": score,
        "figure": figure,
        "figures": FIGURE_NAMES,
        "hidden": hidden,
        "is_kept": score.input is not None and bool(score.input.body),
        "page": page,
        "rows": [
            {
                "row": row,
                "account": names[row.account],
                "address": _address(keys.get((row.account, row.order_id))),
            }
            for row in page
        ],
    }


def _accounts(score: Score, user: User) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """{key in the rows: name} of accounts whose rows one may see, and what the report
    says of the others."""
    shops = score.facts.get("shops", [])
    creators = score.facts.get("creators", [])
    seen = set(
        Shop.objects.visible_to(user, VIEW_ORDER)
        .filter(pk__in=[one["shop"] for one in shops])
        .values_list("pk", flat=True)
    )
    known = set(
        CreatorAccount.objects.visible_to(user, VIEW_CREDIT)
        .filter(pk__in=[one["account"] for one in creators])
        .values_list("pk", flat=True)
    )
    names = {str(one["shop"]): one["name"] for one in shops if one["shop"] in seen}
    names |= {
        f"creator:{one['account']}": one["name"]
        for one in creators
        if one["account"] in known
    }
    hidden = [one for one in shops if one["shop"] not in seen]
    hidden += [one for one in creators if one["account"] not in known]
    return names, hidden


def _keys(names: Mapping[str, str], orders: list[str]) -> dict[tuple[str, str], int]:
    """{(shop's key, order's ID): our key}, of those that are still here."""
    shops = [int(key) for key in names if key.isdigit()]
    rows = Order.objects.filter(shop__in=shops, remote_id__in=orders).order_by()
    return {
        (str(shop), remote_id): key
        for key, shop, remote_id in rows.values_list("pk", "shop", "remote_id")
    }


def _address(key: int | None) -> str:
    return reverse("admin:orders_order_change", args=[key]) if key else ""
