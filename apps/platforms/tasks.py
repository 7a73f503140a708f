"""Celery entry points."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from apps.integrations.errors import PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Authorization
from apps.platforms.services import call_log
from apps.platforms.services.clients import TikTokTokens
from apps.platforms.services.connecting.tickets import tidy
from apps.platforms.services.consent import stop_shops_without_access
from apps.platforms.services.tokens import refresh
from apps.platforms.services.trail import Actor

logger = logging.getLogger(__name__)


@shared_task
def refresh_expiring_tokens() -> int:
    """Renew every pair at its half life; how many were. One failure stops no other."""
    renewed = 0
    now = timezone.now()
    stop_shops_without_access(now)
    due = Authorization.objects.due_for_refresh(now)
    for authorization in due.select_related("api_app"):
        try:
            refresh(
                authorization,
                TikTokTokens(authorization.api_app),
                by=Actor(process="schedule"),
            )
            renewed += 1
        except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
            logger.warning(
                "refresh failed authorization_id=%s error=%s", authorization.pk, error
            )
    return renewed


@shared_task
def forget_unfinished_connections() -> None:
    """Wipe the codes and tokens of consents nobody finished."""
    tidy(timezone.now())


@shared_task
def prune_calls() -> int:
    """Delete calls from the log that are older than the setting; how many."""
    return call_log.prune_calls(timedelta(days=settings.API_CALLS_KEPT_DAYS))
