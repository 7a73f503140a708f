"""A consent ends, or is about to. Deliveries carry no proof of their age, so the
platform is asked before a shop is stopped."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from apps.integrations.contracts import PlatformClient
from apps.platforms.models import Credential, Shop
from apps.platforms.services import consent
from apps.platforms.services.clients import still_opens
from apps.webhooks.handlers.news import News, Outcome, Outcomes

_NO_CREDENTIAL = "The app that told it opens this shop no more."
# It is told of daily in the last thirty days.
_FARTHEST = timedelta(days=60)


def check_consent(
    shop: Shop, news: Sequence[News], client: PlatformClient | None
) -> Outcomes:
    """Stop the shop only if the platform refuses us now."""
    return {each.event.pk: Outcome(_check(shop, each)) for each in news}


def note_end(
    shop: Shop, news: Sequence[News], client: PlatformClient | None
) -> Outcomes:
    """Keep when the authorization ends, so that badges and alerts speak of it."""
    return {each.event.pk: Outcome(_note_end(shop, each)) for each in news}


def _check(shop: Shop, news: News) -> str:
    credential = _credential(shop, news)
    if credential is None:
        return _NO_CREDENTIAL
    if still_opens(credential):
        return "Still authorised: TikTok answers for the shop"
    return "TikTok refuses the shop: it waits for somebody to connect it again"


def _note_end(shop: Shop, news: News) -> str:
    credential, ends_at = _credential(shop, news), news.notice.ends_at
    if credential is None:
        return _NO_CREDENTIAL
    if ends_at is None or not timedelta(0) < ends_at - timezone.now() < _FARTHEST:
        return "It names no time that is near"
    if consent.note_end(credential.authorization, ends_at):
        return f"The authorization ends on {ends_at:%d %b %Y}"
    return f"The authorization ends on {ends_at:%d %b %Y}: no change"


def _credential(shop: Shop, news: News) -> Credential | None:
    rows = Credential.objects.select_related("authorization__api_app", "shop")
    return rows.filter(shop=shop, api_app=news.event.api_app_id).first()
