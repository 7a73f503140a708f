"""Whether a shop is well: figures in, a result for each condition out.

A figure that is absent, or too small to say anything, is NODATA: it neither fires nor
clears. Durations are timedeltas, rates fractions of 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from statistics import median

from apps.alerts.rules.words import Severity, State

ACCESS = "ACCESS_TOKEN_EXPIRING"
REFRESH = "REFRESH_TOKEN_EXPIRING"
SYNC_FAILURES = "SYNC_FAILURES"
ORDER_DELAY = "ORDER_SYNC_DELAY"
API_ERRORS = "API_ERROR_RATE"
LIVE_LOW = "LIVE_LOW_VIEWERS"
AFFILIATE_LOW = "AFFILIATE_LOW"

# A token's whole life where nobody knows when it was obtained.
ACCESS_LIFE = timedelta(days=7)
REFRESH_LIFE = timedelta(days=30)
MOST_FAILURES = 3
MANY_FAILURES = 8
SHORTEST_DELAY = timedelta(minutes=30)
MOST_API_ERRORS = 0.05
MANY_API_ERRORS = 0.25
# Below it an alert about errors is over; between the two nothing changes.
FEW_API_ERRORS = 0.04
FEWEST_CALLS = 20
SESSIONS_COMPARED = 10
FEWEST_SESSIONS = 3
SHORTEST_SESSION_MINUTES = 10
FEWEST_CLICKS = 200
SIGNIFICANT = -1.96


@dataclass(frozen=True, slots=True)
class Result:
    """One condition. `is_clear` is False where it does not fire and has not recovered
    either, so that an alert stays open; `more` has figures beside the value."""

    state: State
    value: float | timedelta | None = None
    threshold: float | timedelta | None = None
    severity: Severity | None = None
    is_clear: bool = True
    more: Mapping[str, float] = field(default_factory=dict)


NODATA = Result(State.NODATA)


@dataclass(frozen=True, slots=True)
class Live:
    """A session that has ended; `previous_peaks` of those before it, oldest first."""

    peak: float
    minutes: float
    previous_peaks: Sequence[float]


@dataclass(frozen=True, slots=True)
class Affiliate:
    """The last 28 days, and the 28 before them."""

    clicks: int
    orders: int
    previous_clicks: int
    previous_orders: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a shop; `sync_runs` oldest first, None for one that was skipped.
    Everything updated before `order_watermark` is here."""

    now: datetime
    access_obtained_at: datetime | None = None
    access_expires_at: datetime | None = None
    refresh_obtained_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    sync_runs: Sequence[bool | None] = ()
    order_watermark: datetime | None = None
    interval_minutes: float = 15
    auto_sync: bool = True
    api_calls: int | None = None
    api_errors: int | None = None
    live: Live | None = None
    affiliate: Affiliate | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """`status` is healthy, degraded or down; the rate None where nothing has ended."""

    results: Mapping[str, Result]
    sync_success_rate: float | None
    status: str


def conditions(figures: Figures) -> Health:
    """Everything that can be said of a shop."""
    results = {
        ACCESS: access_token(
            figures.access_obtained_at, figures.access_expires_at, figures.now
        ),
        REFRESH: refresh_token(
            figures.refresh_obtained_at, figures.refresh_expires_at, figures.now
        ),
        SYNC_FAILURES: sync_failures(figures.sync_runs),
        ORDER_DELAY: order_delay(
            figures.order_watermark,
            figures.now,
            interval_minutes=figures.interval_minutes,
            is_on=figures.auto_sync,
        ),
        API_ERRORS: api_errors(figures.api_calls, figures.api_errors),
        LIVE_LOW: live_viewers(figures.live),
        AFFILIATE_LOW: affiliate(figures.affiliate),
    }
    return Health(results, success_rate(figures.sync_runs), status_of(results))


def status_of(results: Mapping[str, Result]) -> str:
    """In a word; what is merely good to know degrades nothing."""
    access = results.get(ACCESS, NODATA)
    is_over = isinstance(access.value, timedelta) and access.value <= timedelta(0)
    if is_over or results.get(SYNC_FAILURES, NODATA).state is State.FIRING:
        return "down"
    counting = (Severity.WARNING, Severity.CRITICAL)
    is_degraded = any(
        each.state is State.FIRING and each.severity in counting
        for each in results.values()
    )
    return "degraded" if is_degraded else "healthy"


def access_token(
    obtained_at: datetime | None, expires_at: datetime | None, now: datetime
) -> Result:
    cap = timedelta(days=7)
    return _token(obtained_at, expires_at, now, cap, 0.25, ACCESS_LIFE)


def refresh_token(
    obtained_at: datetime | None, expires_at: datetime | None, now: datetime
) -> Result:
    cap = timedelta(days=30)
    return _token(obtained_at, expires_at, now, cap, 0.5, REFRESH_LIFE)


def _token(
    obtained_at: datetime | None,
    expires_at: datetime | None,
    now: datetime,
    cap: timedelta,
    share: float,
    usual_life: timedelta,
) -> Result:
    """Tokens live hours to years: what is little is a share of the life, at most
    `cap`."""
    if expires_at is None:
        return NODATA
    life = expires_at - obtained_at if obtained_at else usual_life
    threshold = min(cap, max(life, timedelta(0)) * share)
    left = expires_at - now
    is_over = left <= timedelta(0)
    if not is_over and left >= threshold:
        return Result(State.OK, left, threshold)
    is_critical = is_over or left < threshold / 4
    severity = Severity.CRITICAL if is_critical else Severity.WARNING
    return Result(State.FIRING, left, threshold, severity, is_clear=False)


def sync_failures(runs: Sequence[bool | None]) -> Result:
    """How many of the last runs failed in a row; skipped ones count for nothing."""
    ended = [run for run in runs if run is not None]
    if not ended:
        return NODATA
    failed = 0
    for run in reversed(ended):
        if run:
            break
        failed += 1
    if failed <= MOST_FAILURES:
        # One success ends it; some failures after it are no news.
        return Result(State.OK, failed, MOST_FAILURES)
    severity = Severity.CRITICAL if failed > MANY_FAILURES else Severity.WARNING
    return Result(State.FIRING, failed, MOST_FAILURES, severity, is_clear=False)


def success_rate(runs: Sequence[bool | None]) -> float | None:
    ended = [run for run in runs if run is not None]
    return sum(ended) / len(ended) if ended else None


def order_delay(
    watermark: datetime | None,
    now: datetime,
    *,
    interval_minutes: float = 15,
    is_on: bool = True,
) -> Result:
    """How long ago it was that everything was here."""
    if watermark is None:
        return NODATA
    threshold = max(SHORTEST_DELAY, 2 * timedelta(minutes=interval_minutes))
    delay = now - watermark
    if not is_on:
        return Result(State.OK, delay, threshold)
    if delay <= threshold:
        return Result(State.OK, delay, threshold, is_clear=delay <= threshold / 2)
    severity = Severity.CRITICAL if delay > 4 * threshold else Severity.WARNING
    return Result(State.FIRING, delay, threshold, severity, is_clear=False)


def api_errors(calls: int | None, errors: int | None) -> Result:
    """Of the last 60 minutes; calls that were merely too many are not among them."""
    if calls is None or errors is None or calls < FEWEST_CALLS:
        return NODATA
    rate = errors / calls
    if rate <= MOST_API_ERRORS:
        is_clear = rate < FEW_API_ERRORS
        return Result(State.OK, rate, MOST_API_ERRORS, is_clear=is_clear)
    severity = Severity.CRITICAL if rate > MANY_API_ERRORS else Severity.WARNING
    return Result(State.FIRING, rate, MOST_API_ERRORS, severity, is_clear=False)


def live_viewers(live: Live | None) -> Result:
    """Whether the peak of a session lies far below what is usual."""
    if live is None or live.minutes < SHORTEST_SESSION_MINUTES:
        return NODATA
    compared = list(live.previous_peaks)[-SESSIONS_COMPARED:]
    if len(compared) < FEWEST_SESSIONS:
        return NODATA
    usual = float(median(compared))
    more = {"median": usual}
    if live.peak >= usual / 2:
        return Result(State.OK, live.peak, usual / 2, more=more)
    return Result(
        State.FIRING,
        live.peak,
        usual / 2,
        Severity.INFO,
        is_clear=False,
        more=more,
    )


def affiliate(sales: Affiliate | None) -> Result:
    """Whether fewer clicks become orders than before, and not by chance: two
    proportions, pooled."""
    if sales is None or min(sales.clicks, sales.previous_clicks) < FEWEST_CLICKS:
        return NODATA
    rate = sales.orders / sales.clicks
    before = sales.previous_orders / sales.previous_clicks
    pooled = (sales.orders + sales.previous_orders) / (
        sales.clicks + sales.previous_clicks
    )
    spread = pooled * (1 - pooled) * (1 / sales.clicks + 1 / sales.previous_clicks)
    z = (rate - before) / sqrt(spread) if spread > 0 else 0.0
    if not (rate < before / 2 and z < SIGNIFICANT):
        return Result(State.OK, rate, before / 2, more={"z": z})
    return Result(
        State.FIRING,
        rate,
        before / 2,
        Severity.INFO,
        is_clear=False,
        more={"z": z},
    )
