"""Where money went, as bars: server-made SVG, which needs no script and no style."""

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.finance.admin.base import told
from apps.finance.admin.words import name_of
from apps.finance.models import SettlementComponent
from apps.finance.services.breakdown import Part

Group = SettlementComponent.Group


def bars_of(parts: Sequence[Part], currency: str) -> list[dict[str, Any]]:
    """[{group, rows: [{name, amount, bar}]}]; all bars are on the scale of the
    largest part."""
    widest = max((abs(part.amount) for part in parts), default=None)
    groups: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        share = float(abs(part.amount) / widest) if widest else 0.0
        groups.setdefault(part.group, []).append(
            {
                "name": name_of(part.name),
                "amount": told(part.amount, currency),
                "bar": _bar(share, is_cost=part.amount < 0),
            }
        )
    return [
        {
            "title": str(Group(group).label),
            "is_information": group == Group.SUPPLEMENTARY,
            "rows": rows,
        }
        for group, rows in groups.items()
    ]


def _bar(share: float, *, is_cost: bool) -> SafeString:
    """`share` is 0 to 1."""
    return format_html(
        '<svg class="part-bar{}" viewBox="0 0 100 8" preserveAspectRatio="none" '
        'aria-hidden="true"><rect width="{}" height="8"></rect></svg>',
        " cost" if is_cost else "",
        f"{max(0.5, 100 * share):.1f}",
    )
