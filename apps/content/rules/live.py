"""How live sessions did, an hour and a viewer, and against each other.

The platform also lists lives of outside creators; these are compared among themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from apps.content.rules.funnel import part

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A live that has ended; `net` of the lines it sold, in one currency."""

    live_id: str
    start: datetime
    end: datetime
    net: Decimal = Decimal(0)
    orders: int | None = None
    viewers: int | None = None
    is_own: bool = True

    @property
    def hours(self) -> Decimal:
        return Decimal((self.end - self.start) // timedelta(microseconds=1)) / (
            Decimal(_HOUR // timedelta(microseconds=1))
        )


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """`index` is net an hour against the median of those compared; 1 is usual."""

    live_id: str
    hours: Decimal
    net_per_hour: Decimal | None
    orders_per_1000_viewers: float | None
    net_per_viewer: Decimal | None
    index: Decimal | None
    is_own: bool


def compare(sessions: Iterable[Session]) -> list[SessionFigures]:
    """In the order they came; own ones with own ones, others with others."""
    known = list(sessions)
    usual = {is_own: _usual(known, is_own=is_own) for is_own in (True, False)}
    return [_figures(session, usual[session.is_own]) for session in known]


def _usual(sessions: Sequence[Session], *, is_own: bool) -> Decimal | None:
    of_hour = [_per_hour(one) for one in sessions if one.is_own == is_own]
    known = [net for net in of_hour if net is not None]
    return median(known) if known else None


def _figures(session: Session, usual: Decimal | None) -> SessionFigures:
    per_hour = _per_hour(session)
    orders, viewers = session.orders, session.viewers
    return SessionFigures(
        live_id=session.live_id,
        hours=session.hours,
        net_per_hour=per_hour,
        orders_per_1000_viewers=None
        if orders is None or viewers is None
        else part(1000 * orders, viewers),
        net_per_viewer=None if viewers is None else part(session.net, viewers),
        index=None if per_hour is None or not usual else per_hour / usual,
        is_own=session.is_own,
    )


def _per_hour(session: Session) -> Decimal | None:
    return part(session.net, session.hours)
