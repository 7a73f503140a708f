"""How rates get into the table: from a publication, from a file, by hand.

What somebody typed stands until they let it go; what the ECB or a file says stands
against a second source. Else the last word counts. Issued reports hold the rates they
were reckoned with, so no change here reaches them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.core.currencies import CURRENCIES
from apps.finance.errors import RateRefused
from apps.finance.models import ExchangeRate
from apps.integrations.rates.quotes import Quote
from apps.users.services import audit
from apps.users.services.audit import By

EURO = "EUR"
Source = ExchangeRate.Source
_RANK = {Source.OTHER: 1, Source.ECB: 2, Source.FILE: 2, Source.TYPED: 3}
_STEP = Decimal("1e-10")
_DAYS_AT_ONCE = 60
_MOST_EXAMPLES = 5
_WRITTEN = ("per_euro", "source", "source_text", "reason", "typed_by", "modified_at")


@dataclass(slots=True)
class Loaded:
    """What a publication came to: `kept` rates stand against what it says."""

    new: int = 0
    changed: int = 0
    same: int = 0
    kept: int = 0
    since: date | None = None
    until: date | None = None
    # (day, currency, before, after) of some that changed.
    examples: list[tuple[date, str, Decimal, Decimal]] | None = None

    @property
    def rates(self) -> int:
        return self.new + self.changed + self.same + self.kept


def load(
    quotes: Iterable[Quote],
    source: ExchangeRate.Source,
    *,
    by: By,
    source_text: str = "",
    dry_run: bool = False,
) -> Loaded:
    """Take in what a publication says; repeating it changes nothing.

    Raises RateRefused where it contradicts itself: nothing is taken in then.
    """
    days = _by_day(quotes)
    loaded = Loaded(
        examples=[], since=min(days, default=None), until=max(days, default=None)
    )
    ordered = sorted(days)
    with transaction.atomic():
        for start in range(0, len(ordered), _DAYS_AT_ONCE):
            some = {on: days[on] for on in ordered[start : start + _DAYS_AT_ONCE]}
            _load_days(some, source, source_text, loaded, dry_run=dry_run)
        if not dry_run and loaded.changed:
            _note(loaded, source, source_text, by)
    return loaded


@transaction.atomic
def type_in(
    on: date, currency: str, per_euro: Decimal, reason: str, by: By
) -> ExchangeRate:
    """Set a rate by hand. Raises RateRefused."""
    per_euro = _checked(currency, per_euro)
    if not reason.strip():
        raise RateRefused("Say why: a typed rate stands against the ECB's.")
    rows = ExchangeRate.objects.select_for_update()
    before = rows.filter(currency=currency, on=on).first()
    rate = before or ExchangeRate(currency=currency, on=on)
    old = before and str(before.per_euro)
    rate.per_euro, rate.source = per_euro, Source.TYPED
    rate.reason, rate.typed_by, rate.source_text = reason.strip()[:300], by.user, ""
    rate.save()
    _record("typed an exchange rate", rate, by, before=old, reason=rate.reason)
    return rate


@transaction.atomic
def let_go(rate: ExchangeRate, by: By) -> None:
    """Remove a typed rate, so that the next publication fills the day again.

    Raises RateRefused for one that nobody typed.
    """
    row = ExchangeRate.objects.select_for_update().filter(pk=rate.pk).first()
    if row is None:
        return
    if row.source != Source.TYPED:
        raise RateRefused(f"{row} was not typed by hand; type another in its place.")
    _record("let go of a typed exchange rate", row, by)
    row.delete()


def _by_day(quotes: Iterable[Quote]) -> dict[date, dict[str, Decimal]]:
    days: dict[date, dict[str, Decimal]] = {}
    for quote in quotes:
        if quote.currency == EURO:
            continue  # one euro is one euro
        per_euro = quote.per_euro.quantize(_STEP)
        known = days.setdefault(quote.on, {}).setdefault(quote.currency, per_euro)
        if known != per_euro:
            raise RateRefused(
                f"There are two rates of {quote.currency} on {quote.on}: "
                f"{known.normalize():f} and {per_euro.normalize():f}. Nothing was read."
            )
    return days


def _load_days(
    days: Mapping[date, Mapping[str, Decimal]],
    source: ExchangeRate.Source,
    source_text: str,
    loaded: Loaded,
    *,
    dry_run: bool,
) -> None:
    rows = ExchangeRate.objects.filter(on__in=list(days)).select_for_update()
    known = {(row.on, row.currency): row for row in rows}
    new, changed = [], []
    for on, rates in days.items():
        for currency, per_euro in rates.items():
            row = known.get((on, currency))
            if row is None:
                new.append(ExchangeRate(on=on, currency=currency, per_euro=per_euro))
            elif _RANK[Source(row.source)] > _RANK[source]:
                loaded.kept += 1
            elif row.per_euro == per_euro and row.source == source:
                loaded.same += 1
            else:
                if row.per_euro != per_euro:
                    loaded.changed += 1
                    _exemplify(loaded, row, per_euro)
                else:
                    loaded.same += 1
                row.per_euro = per_euro
                changed.append(row)
    loaded.new += len(new)
    for row in (*new, *changed):
        row.source, row.source_text = source, source_text[:200]
        row.reason, row.typed_by = "", None
    if not dry_run:
        # Whoever was faster with a new day had it from a publication, too.
        ExchangeRate.objects.bulk_create(new, ignore_conflicts=True)
        ExchangeRate.objects.bulk_update(changed, _WRITTEN)


def _exemplify(loaded: Loaded, row: ExchangeRate, per_euro: Decimal) -> None:
    assert loaded.examples is not None
    if len(loaded.examples) < _MOST_EXAMPLES:
        loaded.examples.append((row.on, row.currency, row.per_euro, per_euro))


def _checked(currency: str, per_euro: Decimal) -> Decimal:
    if currency == EURO:
        raise RateRefused("One euro is one euro.")
    if currency not in CURRENCIES:
        raise RateRefused(f"“{currency}” is no currency.")
    if not per_euro.is_finite() or per_euro.quantize(_STEP) <= 0:
        raise RateRefused("A rate is a number above zero.")
    return per_euro.quantize(_STEP)


def _note(loaded: Loaded, source: ExchangeRate.Source, text: str, by: By) -> None:
    day, currency, before, after = (loaded.examples or [])[0]
    row = ExchangeRate.objects.get(on=day, currency=currency)
    _record(
        "changed exchange rates",
        row,
        by,
        rates=loaded.changed,
        first=f"{before.normalize():f} -> {after.normalize():f}",
        source=text or source.label,
    )


def _record(verb: str, rate: ExchangeRate, by: By, **details: Any) -> None:
    audit.record(
        verb,
        rate,
        actor=by.user,
        process=by.process,
        address=by.address,
        **{name: value for name, value in details.items() if value is not None},
    )
