"""What to tell staff about a consent: derived from its row and the clock."""

from datetime import datetime, timedelta
from enum import Enum

from django.utils import timezone

from apps.platforms.models import Authorization

ENDS_SOON = timedelta(days=30)
# The schedule refreshes at half life; this much later something is in the way.
OVERDUE = timedelta(hours=1)


class TokenState(Enum):
    """From worst to best: words for a badge, its kind, and what to do about it."""

    CONSENT_NEEDED = ("Reconnect needed", "bad", "Ask the seller to connect again.")
    ENDED = ("Authorization ended", "bad", "Ask the seller to connect again.")
    ACCESS_OVER = (
        "Access token expired",
        "bad",
        "Nothing can be pulled until a refresh succeeds; it is tried again and again.",
    )
    REFUSED = (
        "Reconnect soon",
        "attention",
        "The refresh is refused; pulls go on until the access token ends.",
    )
    ENDS_SOON = (
        "Authorization ends soon",
        "attention",
        "Connect again before it ends; a refresh does not prolong it.",
    )
    REFRESH_FAILING = (
        "Refresh is failing",
        "attention",
        "The token still works; the refresh is tried again by itself.",
    )
    ACTIVE = ("Tokens fine", "good", "")
    DISCONNECTED = ("Disconnected", "neutral", "Its tokens are wiped.")

    def __init__(self, words: str, kind: str, advice: str) -> None:
        self.words = words
        self.kind = kind
        self.advice = advice

    @property
    def needs_person(self) -> bool:
        """Whether nothing will get better without somebody connecting again."""
        return self in (
            TokenState.CONSENT_NEEDED,
            TokenState.ENDED,
            TokenState.REFUSED,
        )


def state_of(authorization: Authorization, now: datetime | None = None) -> TokenState:
    """How a consent stands; the worst that applies."""
    now = now or timezone.now()
    row = authorization
    access_is_over = row.access_expires_at <= now
    if row.state == Authorization.State.REVOKED:
        return TokenState.DISCONNECTED
    if row.refresh_expires_at <= now:
        return TokenState.ENDED
    if row.state == Authorization.State.CONSENT_NEEDED:
        return TokenState.CONSENT_NEEDED if access_is_over else TokenState.REFUSED
    if access_is_over:
        return TokenState.ACCESS_OVER
    if row.refresh_expires_at <= now + ENDS_SOON:
        return TokenState.ENDS_SOON
    if row.last_error and row.refresh_begun_at is not None:
        return TokenState.REFRESH_FAILING
    if row.refresh_due_at + OVERDUE <= now:
        return TokenState.REFRESH_FAILING
    return TokenState.ACTIVE


def words_for(authorization: Authorization, now: datetime | None = None) -> str:
    """The state's words, with the date where there is one to know."""
    now = now or timezone.now()
    state = state_of(authorization, now)
    if state is TokenState.ENDS_SOON:
        days = (authorization.refresh_expires_at - now).days
        when = "today" if days == 0 else f"in {days} day{'s' if days > 1 else ''}"
        return f"Authorization ends {when}"
    return state.words
