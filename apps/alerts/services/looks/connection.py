"""Whether shops can be reached at all, and for how long still."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from apps.alerts.models import Code
from apps.alerts.rules import conditions
from apps.alerts.rules.conditions import Result
from apps.alerts.rules.words import Severity, State
from apps.alerts.services.looks.finding import Finding, span
from apps.platforms.models import Authorization, Credential, Shop


def reconnecting(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """Nothing gets better there until the seller connects again."""
    for shop in shops:
        is_cut_off = shop.state == Shop.State.RECONNECT_NEEDED
        yield Finding(
            shop.pk,
            Code.RECONNECT,
            Result(State.FIRING, severity=Severity.CRITICAL, is_clear=False)
            if is_cut_off
            else Result(State.OK),
            "The shop has to be connected again",
            shop.state_reason or "TikTok no longer lets us in.",
        )


def tokens(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """Of each app that a shop is connected through. A consent that was taken back on
    purpose has none."""
    held = (
        Credential.objects.filter(shop__in=[shop.pk for shop in shops])
        .exclude(authorization__state=Authorization.State.REVOKED)
        .select_related("authorization", "api_app")
        .defer("shop_cipher", "api_app__app_secret")
        .defer(*(f"authorization__{name}" for name in _SECRETS))
        .order_by("pk")
    )
    for row in held:
        consent, app = row.authorization, row.api_app
        subject = f"app-{app.pk}"
        ends = consent.access_expires_at
        result = conditions.access_token(
            consent.refreshed_at or consent.connected_at, ends, now
        )
        yield Finding(
            row.shop_id,
            Code.ACCESS,
            result,
            _runs_out("access token", ends - now),
            f"Of the app {app.name}, {_when(ends)}. It is renewed by itself at half "
            "its life, so renewing it has been failing.",
            subject,
        )
        # A refresh does not prolong it, so its life began with the consent.
        ends = consent.refresh_expires_at
        result = conditions.refresh_token(consent.connected_at, ends, now)
        yield Finding(
            row.shop_id,
            Code.REFRESH,
            result,
            _runs_out("authorization", ends - now),
            f"Of the app {app.name}, {_when(ends)}. Only the seller can prolong it, by "
            "connecting again.",
            subject,
        )


_SECRETS = ("access_token", "refresh_token", "previous_refresh_token")


def _runs_out(what: str, left: timedelta) -> str:
    if left <= timedelta(0):
        return f"The {what} has run out"
    return f"The {what} runs out in {span(left)}"


def _when(moment: datetime) -> str:
    return f"{moment:%d %b %Y %H:%M} UTC"
