"""How two sides that should agree are put, the same in the list and on a day's page."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.core.money import Money
from apps.sync.models import SyncGap

_BADGES = {
    SyncGap.State.OPEN: "bad",
    SyncGap.State.CLOSED: "good",
    SyncGap.State.LEFT: "neutral",
}


class Sum(NamedTuple):
    """A line of the comparison; `difference` is ours less theirs, "" if none."""

    name: str
    theirs: str
    ours: str
    difference: str


def state_badge(gap: SyncGap) -> SafeString:
    return badge(gap.get_state_display(), _BADGES[SyncGap.State(gap.state)])


def sides(theirs: int, ours: int) -> SafeString:
    return _pair(f"{theirs:,}", f"{ours:,}", differs=theirs != ours)


def money_sides(gap: SyncGap) -> SafeString:
    """One line a currency; shops have one."""
    lines = [
        (str(theirs), str(ours) if theirs.amount != ours.amount else "")
        for theirs, ours in _money(gap)
    ]
    words = '<div class="money">{}<br><strong>{}</strong></div>'
    return format_html_join("", words, lines) or format_html("—")


def sums(gap: SyncGap) -> list[Sum]:
    """All that was counted, for the day's page."""
    return [
        _sum("Orders", gap.their_orders, gap.our_orders),
        _sum("Units", gap.their_units, gap.our_units),
        *(
            Sum(
                f"Totals, {theirs.currency}",
                str(theirs),
                str(ours),
                f"{cents:+,f}" if (cents := ours.amount - theirs.amount) else "",
            )
            for theirs, ours in _money(gap)
        ),
    ]


def _sum(name: str, theirs: int, ours: int) -> Sum:
    difference = f"{ours - theirs:+,}" if ours != theirs else ""
    return Sum(name, f"{theirs:,}", f"{ours:,}", difference)


def _money(gap: SyncGap) -> Iterator[tuple[Money, Money]]:
    for currency in sorted(gap.their_money.keys() | gap.our_money.keys()):
        yield (
            Money(Decimal(gap.their_money.get(currency, "0")), currency).rounded(),
            Money(Decimal(gap.our_money.get(currency, "0")), currency).rounded(),
        )


def _pair(theirs: str, ours: str, *, differs: bool) -> SafeString:
    if not differs:
        return format_html('<span class="money">{}</span>', theirs)
    return format_html(
        '<span class="money">{} / <strong>{}</strong></span>', theirs, ours
    )
