"""The one state a shop is shown in, worked out by the database.

A list can filter by it, and the badge says the same as the filter.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Avg,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.platforms.models import Authorization, Credential, Shop
from apps.platforms.services.token_state import ENDS_SOON, OVERDUE
from apps.sync.models import Resource, SyncRun

DAY = timedelta(days=1)
QUICK = timedelta(seconds=30)


class Shown(TextChoices):
    """The first that holds, from top to bottom, is what a shop is shown as."""

    DISCONNECTED = "disconnected", "Disconnected"
    RECONNECT_NEEDED = "reconnect_needed", "Reconnect needed"
    PAUSED = "paused", "Paused"
    RESTING = "resting", "Resting"
    TOKEN_EXPIRING = "token_expiring", "Token expiring"
    SYNCING = "syncing", "Syncing"
    OPTIMISED = "optimised", "Optimised"
    CONNECTED = "connected", "Connected"


BADGES = {
    Shown.DISCONNECTED: "neutral",
    Shown.RECONNECT_NEEDED: "bad",
    Shown.PAUSED: "neutral",
    Shown.RESTING: "attention",
    Shown.TOKEN_EXPIRING: "attention",
    Shown.SYNCING: "progress",
    Shown.OPTIMISED: "good",
    Shown.CONNECTED: "good",
}
NEEDS_A_PERSON = (Shown.RECONNECT_NEEDED, Shown.TOKEN_EXPIRING, Shown.RESTING)
_MEANING = {
    Shown.DISCONNECTED: "Nothing is pulled; the history can be read.",
    Shown.PAUSED: "Nothing is pulled until somebody resumes it.",
    Shown.SYNCING: "A pull is running.",
    Shown.OPTIMISED: "Orders: no error for 24 h, and a sync takes less than 30 s.",
    Shown.TOKEN_EXPIRING: "Its consent ends soon, or its tokens could not be renewed.",
}


def with_shown_state(shops: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Annotate `shown_state`, a value of `Shown`."""
    state = Shop.State
    conditions = (
        (Shown.DISCONNECTED, Q(state=state.DISCONNECTED)),
        (Shown.RECONNECT_NEEDED, Q(state=state.RECONNECT_NEEDED)),
        (Shown.PAUSED, Q(state=state.PAUSED)),
        (Shown.RESTING, Q(rested_until__gt=now)),
        (Shown.TOKEN_EXPIRING, _token_expiring(now)),
        (Shown.SYNCING, Q(Exists(_runs().running()))),
        (Shown.OPTIMISED, _optimised(now)),
    )
    shown: QuerySet[Any] = shops.alias(average_took=_average_took(now)).annotate(
        shown_state=Case(
            *(
                When(condition, then=Value(name.value))
                for name, condition in conditions
            ),
            default=Value(Shown.CONNECTED.value),
            output_field=CharField(),
        )
    )
    return shown


def state_badge(shop: Any) -> SafeString:
    """Text, colour and, as a tooltip, what it means; needs `shown_state`."""
    shown = Shown(shop.shown_state)
    text = str(shown.label)
    if shown == Shown.RESTING:
        text = f"Resting until {shop.rested_until:%H:%M} UTC"
    meaning = state_reason(shop) or _MEANING.get(shown, "")
    return format_html(
        '<span title="{}">{}</span>', meaning, badge(text, BADGES[shown])
    )


def state_reason(shop: Any) -> str:
    """Why it is so, where somebody wrote it down."""
    if shop.shown_state == Shown.RESTING:
        return str(shop.rest_reason)
    return str(shop.state_reason)


def _runs() -> Any:
    return SyncRun.objects.filter(shop=OuterRef("pk"))


def _token_expiring(now: datetime) -> Q:
    """A consent of the shop's is not fine, as token_state.state_of has it."""
    state = Authorization.State
    wrong = (
        Q(authorization__state=state.CONSENT_NEEDED)
        | Q(authorization__access_expires_at__lte=now)
        | Q(authorization__refresh_expires_at__lte=now + ENDS_SOON)
        | Q(authorization__refresh_due_at__lte=now - OVERDUE)
        | Q(authorization__refresh_begun_at__isnull=False)
        & ~Q(authorization__last_error="")
    )
    held = Credential.objects.filter(shop=OuterRef("pk"))
    return Q(Exists(held.exclude(authorization__state=state.REVOKED).filter(wrong)))


def _optimised(now: datetime) -> Q:
    """Orders were pulled within a day, without an error, in less than 30 seconds on
    average. Products take as long as they are many."""
    state = SyncRun.State
    bad = _runs().filter(
        resource=Resource.ORDERS,
        basis=SyncRun.Basis.CHANGED,
        started_at__gte=now - DAY,
        state__in=[state.PARTLY, state.FAILED, state.INTERRUPTED],
    )
    return Q(average_took__lt=QUICK) & ~Q(Exists(bad))


def _average_took(now: datetime) -> Subquery:
    """How long the day's finished pulls of orders took; nothing where none was."""
    done = _runs().filter(
        resource=Resource.ORDERS,
        basis=SyncRun.Basis.CHANGED,
        started_at__gte=now - DAY,
        state=SyncRun.State.DONE,
        ended_at__isnull=False,
    )
    return Subquery(
        done.order_by()
        .values("shop")
        .annotate(average=Avg(F("ended_at") - F("started_at")))
        .values("average")
    )
