"""What stock must come to, worked out from what truly happened: no database, and none
of the code that books."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

Place = tuple[str, str]  # variant, warehouse
EVER_SINCE = datetime(1, 1, 1, tzinfo=UTC)


@dataclass
class OrderTruth:
    """An order as it is in the end. `gone` are units that left, at `left_at`, while the
    rest waits. `told_back` units came back as a file counts them, and `returns` says of
    each return of one unit whether that comes back; `back` is what a failed delivery
    brings. `parts` is set where a bundle left the warehouse before it was made
    otherwise."""

    sku: str
    placed_at: datetime
    quantity: int
    place: str = ""
    state: str = "open"  # open, left, failed, cancelled
    left_at: datetime | None = None
    gone: int = 0
    back: int = 0
    told_back: int = 0
    returns: dict[str, bool] = field(default_factory=dict)
    parts: dict[str, int] | None = None

    @property
    def has_left(self) -> int:
        """How many units."""
        return self.quantity if self.state in ("left", "failed") else self.gone

    @property
    def expected(self) -> int:
        if self.state in ("failed", "cancelled"):
            return self.back
        beyond = max(0, self.told_back - len(self.returns))
        return min(self.has_left, sum(self.returns.values()) + beyond)


@dataclass
class DocumentTruth:
    """`moves` are {place: (on hand, reserved, quarantined)}."""

    moves: dict[Place, tuple[int, int, int]]
    at: datetime
    claimed_at: datetime
    inspects: tuple[object, int] | None = None
    opens: bool = False
    is_live: bool = True


@dataclass
class Truth:
    orders: dict[object, OrderTruth] = field(default_factory=dict)
    documents: list[DocumentTruth] = field(default_factory=list)
    counts: dict[Place, dict[datetime, int]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    mapping: dict[str, str | None] = field(default_factory=dict)
    bundle: dict[str, int] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def parts_of(self, order: OrderTruth) -> dict[str, int]:
        sold = self.mapping.get(order.sku)
        if sold is None:
            return {}
        if sold != "bundle":
            return {sold: 1}
        return order.parts or self.bundle

    def place_of(self, order: OrderTruth) -> str:
        return self.places.get(order.place, "main")

    def balances(self) -> dict[Place, tuple[int, int, int, int]]:
        """On hand, reserved, expected back, quarantined; without what is nothing."""
        moves: dict[Place, list[tuple[datetime, int]]] = defaultdict(list)
        reserved: Counter[Place] = Counter()
        back: Counter[Place] = Counter()
        quarantined: Counter[Place] = Counter()
        live = [each for each in self.documents if each.is_live]
        for document in live:
            for place, (on_hand, promised, apart) in document.moves.items():
                moves[place].append((document.at, on_hand))
                reserved[place] += promised
                quarantined[place] += apart
        inspected: Counter[object] = Counter()
        for document in live:
            if document.inspects:
                key, units = document.inspects
                inspected[key] += units
        for key, order in self.orders.items():
            for variant, count in self.parts_of(order).items():
                place = variant, self.place_of(order)
                if order.state == "open":
                    reserved[place] += (order.quantity - order.gone) * count
                if order.has_left:
                    assert order.left_at is not None
                    moves[place].append((order.left_at, -order.has_left * count))
                    back[place] += max(0, order.expected - inspected[key]) * count
        places = {*moves, *reserved, *self.counts}
        found = {
            place: (
                self._on_hand(place, moves[place]),
                reserved[place],
                back[place],
                quarantined[place],
            )
            for place in places
        }
        return {place: figures for place, figures in found.items() if any(figures)}

    def opened(self) -> set[Place]:
        """Where somebody has said how much there is, and stands by it."""
        said = {place for place, counts in self.counts.items() if counts}
        for document in self.documents:
            if document.is_live and document.opens:
                said |= document.moves.keys()
        return said

    def _on_hand(self, place: Place, moves: list[tuple[datetime, int]]) -> int:
        """What was counted last, and what moved since."""
        counts = self.counts.get(place, {})
        since = max(counts, default=EVER_SINCE)
        return counts.get(since, 0) + sum(units for at, units in moves if at > since)

    def losers(self) -> dict[tuple[Place, datetime], int]:
        """{(place, when it was promised): units} not covered, of what still waits."""
        waiting: dict[Place, list[tuple[datetime, int]]] = defaultdict(list)
        for order in self.orders.values():
            if order.state == "open":
                for variant, count in self.parts_of(order).items():
                    place = variant, self.place_of(order)
                    units = (order.quantity - order.gone) * count
                    waiting[place].append((order.placed_at, units))
        for document in self.documents:
            for place, (_, promised, _) in document.moves.items():
                if document.is_live and promised:
                    waiting[place].append((document.claimed_at, promised))
        lost = {}
        balances = self.balances()
        for place in self.opened():
            on_hand, reserved, *_ = balances.get(place, (0, 0, 0, 0))
            short = reserved - on_hand
            for at, units in sorted(waiting[place], reverse=True):
                if short > 0:
                    lost[place, at] = min(short, units)
                    short -= units
        return lost
