"""What differs between an order on the platform and here. No database.

What is shown here may differ from the platform's word on purpose: a person typed
another amount, a file is preferred, the furthest status counts. That is no gap as long
as the platform's own word is known here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from apps.integrations.contracts import OrderStatus, RemoteOrder, Source
from apps.integrations.lifecycle import is_behind
from apps.orders.models import Order
from apps.orders.services.testimony import Testimony
from apps.orders.services.voices import PLATFORM
from apps.sync.models import SyncGapOrder

Kind = SyncGapOrder.Kind


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same; both sides in words."""

    kind: SyncGapOrder.Kind
    theirs: str = ""
    ours: str = ""

    @property
    def in_words(self) -> str:
        sides = (("TikTok", self.theirs), ("here", self.ours))
        return f"{self.kind.label}: " + ", ".join(f"{k} {v}" for k, v in sides if v)


@dataclass(frozen=True, slots=True)
class Figures:
    """What an order adds to a day's sums; no `amount` where none is told."""

    units: int
    amount: Decimal | None
    currency: str

    @classmethod
    def of_theirs(cls, remote: RemoteOrder) -> "Figures":
        units = sum(line.quantity for line in remote.lines)
        return cls(units, remote.total_amount, remote.currency)

    @classmethod
    def of_ours(cls, order: Order) -> "Figures":
        """`order` comes from with_units()."""
        return cls(order.units, order.total_amount, order.currency)


@dataclass(slots=True)
class Tally:
    """Sums of a day: orders, units, {currency: amount}."""

    orders: int = 0
    units: int = 0
    money: dict[str, Decimal] = field(default_factory=dict)
    without_amount: int = 0

    def add(self, figures: Figures) -> None:
        self.orders += 1
        self.units += figures.units
        if figures.amount is None:
            self.without_amount += 1
        else:
            known = self.money.get(figures.currency, Decimal(0))
            self.money[figures.currency] = known + figures.amount

    def plus(self, others: Iterable[Figures]) -> "Tally":
        sums = Tally(self.orders, self.units, dict(self.money), self.without_amount)
        for figures in others:
            sums.add(figures)
        return sums

    @property
    def money_in_text(self) -> dict[str, str]:
        return {code: f"{amount:f}" for code, amount in sorted(self.money.items())}


def differences(remote: RemoteOrder, order: Order | None) -> list[Difference]:
    """What of `remote` is not here; `order` (with_units) is ours, if there is one.
    Nothing where ours is of a later version than this answer."""
    if order is None:
        return [Difference(Kind.MISSING, theirs=summary(Figures.of_theirs(remote)))]
    known_at, said_at = order.remote_updated_at, remote.updated_at
    if known_at and said_at and known_at > said_at:
        return []
    found = []
    if known_at is None or (said_at is not None and said_at > known_at):
        found.append(_version(said_at, known_at))
    return found + [
        Difference(kind, theirs, ours)
        for kind, (theirs, ours) in _differing(remote, order).items()
    ]


def summary(figures: Figures) -> str:
    """An order in one side's words."""
    units = f"{figures.units} unit{'' if figures.units == 1 else 's'}"
    return f"{units}, {money(figures.amount, figures.currency)}"


def money(amount: Decimal | None, currency: str) -> str:
    return "no total" if amount is None else f"{amount.normalize():f} {currency}"


def _version(said_at: datetime | None, known_at: datetime | None) -> Difference:
    ours = _moment(known_at) if known_at else "known from a file only"
    return Difference(Kind.VERSION, theirs=_moment(said_at), ours=ours)


def _moment(at: datetime | None) -> str:
    return f"{at:%d %b %Y %H:%M:%S} UTC" if at else ""


def _differing(
    remote: RemoteOrder, order: Order
) -> Mapping[SyncGapOrder.Kind, tuple[str, str]]:
    theirs, ours = Figures.of_theirs(remote), Figures.of_ours(order)
    found = {}
    if _lags(remote.status, order.status):
        label = Order.Status(remote.status.value).label
        found[Kind.STATUS] = (label, order.get_status_display())
    if theirs.units != ours.units and order.lines_source != Source.FILE:
        found[Kind.UNITS] = (str(theirs.units), str(ours.units))
    if (
        theirs.amount is not None
        and (theirs.amount, theirs.currency) != (ours.amount, ours.currency)
        and _their_total_as_known(order) != theirs.amount
    ):
        found[Kind.MONEY] = (
            money(theirs.amount, theirs.currency),
            money(ours.amount, ours.currency),
        )
    return found


def _lags(theirs: OrderStatus, ours: str) -> bool:
    """Whether the platform is further. Where it is behind, we know more by a file, or
    it took a step back, which the furthest status outlives."""
    if theirs is OrderStatus.NOT_UNDERSTOOD:
        return False
    return is_behind(OrderStatus(ours), theirs)


def _their_total_as_known(order: Order) -> Decimal | None:
    word = Testimony.of(order).word_of(PLATFORM, "total_amount")
    return word[0] if word else None
