"""One day of a shop, counted on both sides."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from apps.integrations.contracts import OrderPage, RemoteOrder, Source
from apps.orders.models import Order
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop
from apps.sync.services.gaps.comparing import (
    Difference,
    Figures,
    Kind,
    Tally,
    differences,
    summary,
)


@dataclass(frozen=True, slots=True)
class Day:
    """By the shop's clock; [since, until) in UTC."""

    day: date
    since: datetime
    until: datetime


def days_of(shop: Shop, since: datetime, until: datetime) -> Iterator[Day]:
    """The shop's days that the period touches, each whole, oldest first."""
    day = since.astimezone(shop.zone).date()
    while (begin := _midnight(shop, day)) < until:
        following = day + timedelta(days=1)
        yield Day(day, begin, _midnight(shop, following))
        day = following


def last_days(shop: Shop, count: int, now: datetime) -> tuple[datetime, datetime]:
    """The period of the last `count` days that are over."""
    today = now.astimezone(shop.zone).date()
    return _midnight(shop, today - timedelta(days=count)), _midnight(shop, today)


def _midnight(shop: Shop, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=shop.zone).astimezone(UTC)


@dataclass(slots=True)
class Pair:
    """An order that differs: what each side counts for it, and what differs."""

    found: list[Difference]
    theirs: Figures | None = None
    ours: Figures | None = None


@dataclass(slots=True)
class DayCount:
    """The orders of one day as they are walked. All that changed before `stored_until`
    should be here; a later version is on its way, and counts as the platform has it."""

    shop: Shop
    day: Day
    began: datetime
    stored_until: datetime
    agreeing: Tally = field(default_factory=Tally)
    seen: set[str] = field(default_factory=set)
    pairs: dict[str, Pair] = field(default_factory=dict)
    unreadable_there: set[str] = field(default_factory=set)

    def take(
        self, shop: Shop, remotes: Sequence[RemoteOrder], source: Source
    ) -> IngestResult:
        """A page of the platform's; what was on a page before is left out. Writes
        nothing: `same` are those that agree."""
        fresh = {r.remote_id: r for r in remotes if r.remote_id not in self.seen}
        return IngestResult(same=self._compare(fresh.values()))

    def note_unreadable(self, page: OrderPage) -> None:
        """Of what is counted there and cannot be read: whether it is here."""
        for remote_id, reason in page.malformed:
            if remote_id and remote_id not in self.seen:
                self.seen.add(remote_id)
                self.unreadable_there.add(remote_id)
                row = _ours(self.shop, [remote_id]).get(remote_id)
                self.pairs[remote_id] = _unreadable(reason, row)

    def add_ours_alone(self) -> None:
        """Orders of the day that the platform did not show. Those stored since the
        count began may be newer than the page they belong on."""
        rows = Order.objects.filter(
            shop=self.shop,
            placed_at__gte=self.day.since,
            placed_at__lt=self.day.until,
            created_at__lt=self.began,
        )
        ids = rows.order_by("remote_id").values_list("remote_id", flat=True)
        alone = [key for key in ids.iterator() if key not in self.seen]
        for remote_id, order in sorted(_ours(self.shop, alone).items()):
            self.seen.add(remote_id)
            self.pairs[remote_id] = _not_there(order)

    def take_again(self, asked: Iterable[str], page: OrderPage) -> int:
        """Those asked for once more, after they were pulled; how many agree now."""
        wanted = set(asked)
        before = len(self.pairs)
        self._compare(page.orders)
        rest = wanted - {order.remote_id for order in page.orders}
        unreadable, rows = dict(page.malformed), _ours(self.shop, rest)
        for remote_id in rest:
            order = rows.get(remote_id)
            if remote_id in unreadable:
                self.pairs[remote_id] = _unreadable(unreadable[remote_id], order)
            elif order is not None:
                self.pairs[remote_id] = _not_there(order)
            else:
                del self.pairs[remote_id]  # shown by the search, and gone since
        return before - len(self.pairs)

    @property
    def theirs(self) -> Tally:
        return self.agreeing.plus(p.theirs for p in self.pairs.values() if p.theirs)

    @property
    def ours(self) -> Tally:
        return self.agreeing.plus(p.ours for p in self.pairs.values() if p.ours)

    def _compare(self, remotes: Iterable[RemoteOrder]) -> int:
        asked = {remote.remote_id: remote for remote in remotes}
        rows = _ours(self.shop, asked)
        agreeing = 0
        for remote_id, remote in asked.items():
            self.seen.add(remote_id)
            self.pairs.pop(remote_id, None)
            order = rows.get(remote_id)
            found = differences(remote, order)
            if not found or (order is not None and self._is_coming(remote, order)):
                agreeing += 1
                if self.day.since <= remote.placed_at < self.day.until:
                    self.agreeing.add(Figures.of_theirs(remote))
                continue
            ours = Figures.of_ours(order) if order is not None else None
            self.pairs[remote_id] = Pair(found, Figures.of_theirs(remote), ours)
        return agreeing

    def _is_coming(self, remote: RemoteOrder, order: Order) -> bool:
        said_at, known_at = remote.updated_at, order.remote_updated_at
        if said_at is None or said_at <= self.stored_until:
            return False
        return known_at is None or known_at < said_at


def _ours(shop: Shop, remote_ids: Iterable[str]) -> dict[str, Order]:
    rows = Order.objects.filter(shop=shop, remote_id__among=list(remote_ids))
    return {order.remote_id: order for order in rows.with_units()}


def _not_there(order: Order) -> Pair:
    figures = Figures.of_ours(order)
    return Pair([Difference(Kind.NOT_THERE, ours=summary(figures))], ours=figures)


def _unreadable(reason: str, order: Order | None) -> Pair:
    """Counted on both sides as we have it: nobody knows how much it is there."""
    figures = None if order is None else Figures.of_ours(order)
    theirs = figures or Figures(0, None, "")
    return Pair([Difference(Kind.UNREADABLE, theirs=reason[:200])], theirs, figures)
