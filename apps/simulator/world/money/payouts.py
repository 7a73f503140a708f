"""How a shop's statements become money in a bank: once a week, with what can go wrong.

Where sellers have a wallet the platform puts each statement into it, and what is in it
is withdrawn once a week; elsewhere the platform pays. A week that comes to nothing is
carried on to the next. What failed is tried again under another id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from apps.simulator.world.currencies import rate_text
from apps.simulator.world.lifecycle import DAY, HOUR
from apps.simulator.world.money.books import Books, Statement
from apps.simulator.world.money.terms import TERMS
from apps.simulator.world.rolls import digits, roll
from apps.simulator.world.sellers import Shop

PROCESSING, PAID, FAILED, SETTLED = "PROCESSING", "PAID", "FAILED", "SETTLED"
_CREATED_AT, _AGAIN_AFTER = 6 * HOUR, 2 * DAY
_TAKES, _FAILS_AFTER = DAY, DAY  # at least
_ONE_IN_FAILS = 9
CREDITED_AFTER = 2 * HOUR  # from a statement to the wallet
_MILLION = 1_000_000
_MARGIN = 5_000  # millionths the platform keeps of an exchange


@dataclass(frozen=True, slots=True)
class Payout:
    """One attempt. `ends_at` is when it is paid or fails, maybe still to come. Amounts
    in the smallest unit of the shop's currency."""

    id: str
    shop: Shop
    monday: int  # a day
    attempt: int
    created: int
    ends_at: int
    fails: bool
    statements: tuple[Statement, ...]

    @property
    def settlement(self) -> int:
        return sum(statement.settlement for statement in self.statements)

    @property
    def reserve(self) -> int:
        return sum(statement.reserve for statement in self.statements)

    @property
    def before_exchange(self) -> int:
        return self.settlement + self.reserve

    def status(self, now: int) -> str:
        if now < self.ends_at:
            return PROCESSING
        return FAILED if self.fails else PAID


def has_wallet(shop: Shop) -> bool:
    return TERMS[shop.region.code].has_wallet


def payouts_of(books: Books, shop: Shop, now: int) -> list[Payout]:
    """Those made by now, the oldest first."""
    made = [
        payout
        for monday, statements in _weeks(books, shop, now)
        for payout in _attempts(books, shop, monday, statements)
        if payout.created <= now
    ]
    return sorted(made, key=lambda payout: (payout.created, payout.id))


def next_payout(books: Books, shop: Shop, now: int) -> tuple[int, int]:
    """The Monday and the attempt of the one to come."""
    for payout in reversed(payouts_of(books, shop, now)):
        if payout.fails and payout.status(now) == FAILED:
            later = [
                p for p in payouts_of(books, shop, now) if p.created > payout.created
            ]
            if not any(p.monday == payout.monday for p in later):
                return payout.monday, payout.attempt + 1
    return _monday(now // DAY + (now % DAY >= _CREATED_AT)), 0


def by_statement(books: Books, shop: Shop, now: int) -> dict[str, Payout]:
    """The last attempt to pay each statement out, by the statement's id."""
    return {
        statement.id: payout
        for payout in payouts_of(books, shop, now)
        for statement in payout.statements
    }


def payment_status(statement: Statement, payout: Payout | None, now: int) -> str:
    if has_wallet(statement.shop):
        return PAID if now >= statement.time + CREDITED_AFTER else SETTLED
    return payout.status(now) if payout else SETTLED


def _monday(day: int) -> int:
    """The first one from that day on; 1970-01-01 was a Thursday."""
    return day + (-(day + 3)) % 7


def _weeks(
    books: Books, shop: Shop, now: int
) -> Iterator[tuple[int, tuple[Statement, ...]]]:
    weeks: dict[int, list[Statement]] = {}
    for statement in books.statements(shop):
        weeks.setdefault(_monday(statement.time // DAY), []).append(statement)
    carried: list[Statement] = []
    for monday, statements in weeks.items():
        if monday * DAY + _CREATED_AT > now:
            return
        carried += statements
        if sum(statement.payable for statement in carried) > 0:
            yield monday, tuple(carried)
            carried = []


def _attempts(
    books: Books, shop: Shop, monday: int, statements: tuple[Statement, ...]
) -> Iterator[Payout]:
    created, attempt, fails = monday * DAY + _CREATED_AT, 0, True
    while fails:
        payout = _attempt(books, shop, monday, attempt, created, statements)
        yield payout
        fails = payout.fails
        created, attempt = payout.ends_at + _AGAIN_AFTER, attempt + 1


def _attempt(
    books: Books,
    shop: Shop,
    monday: int,
    attempt: int,
    created: int,
    statements: tuple[Statement, ...],
) -> Payout:
    key = shop.id, monday, attempt
    dice = roll("payout", *key)
    fails = not attempt and dice % _ONE_IN_FAILS == 0
    ends_at = created + (_FAILS_AFTER if fails else _TAKES + (dice >> 20) % DAY)
    ends_at += books.meddling.late.get(key, 0)
    if (told := books.meddling.failing.get(key)) is not None:
        fails, ends_at = True, max(created + HOUR, told)
    return Payout(
        digits("3458", 19, "payout", *key), shop, monday, attempt, created, ends_at,
        fails, statements,
    )  # fmt: skip


def exchange(payout: Payout, home: str) -> tuple[int, int]:
    """The rate in millionths, and the amount in cents of the currency that the seller
    is paid in. Only currencies with cents are exchanged."""
    currency = payout.shop.region.currency
    if home == currency:
        return _MILLION, payout.before_exchange
    on = datetime.fromtimestamp(payout.created, tz=UTC).date()
    cross = _per_euro(home, on) / _per_euro(currency, on)
    rate = round(cross * (_MILLION - _MARGIN))
    return rate, (2 * payout.before_exchange * rate + _MILLION) // (2 * _MILLION)


def _per_euro(currency: str, on: date) -> float:
    return 1.0 if currency == "EUR" else float(rate_text(currency, on))
