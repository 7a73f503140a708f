"""Celery entry points."""

import logging

from celery import shared_task
from django.utils import timezone

from apps.integrations.errors import PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Authorization, Invitation
from apps.platforms.services.clients import TikTokTokens
from apps.platforms.services.connecting.tickets import tidy
from apps.platforms.services.consent import stop_shops_without_access
from apps.platforms.services.team import mail
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
def mail_invitation(invitation_id: int) -> None:
    """Send one; the link is worked out here, the queue carries a number."""
    open_ones = Invitation.objects.open(timezone.now())
    invitation = open_ones.filter(pk=invitation_id).first()
    if invitation is not None and invitation.mail_state != Invitation.Mail.SENT:
        mail.send(invitation)


@shared_task
def mail_waiting_invitations() -> int:
    """Send what no task has sent; how many went out."""
    return sum(mail.send(row) for row in mail.waiting(timezone.now()))
