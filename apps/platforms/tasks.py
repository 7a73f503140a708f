"""Celery entry points."""

import logging

from celery import shared_task
from django.utils import timezone

from apps.integrations.errors import PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Authorization
from apps.platforms.services.clients import TikTokTokens
from apps.platforms.services.tokens import refresh

logger = logging.getLogger(__name__)


@shared_task
def refresh_expiring_tokens() -> int:
    """Renew every pair at its half life; how many were. One failure stops no other."""
    renewed = 0
    due = Authorization.objects.due_for_refresh(timezone.now())
    for authorization in due.select_related("api_app"):
        try:
            refresh(authorization, TikTokTokens(authorization.api_app))
            renewed += 1
        except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
            logger.warning(
                "refresh failed authorization_id=%s error=%s", authorization.pk, error
            )
    return renewed
