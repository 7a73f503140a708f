"""Celery entry points. Rows say what is due; messages only wake."""

import logging

from celery import shared_task
from django.utils import timezone

from apps.core.errors import DomainError
from apps.finance.services import rate_sources
from apps.finance.services.linking import link_orders
from apps.integrations.errors import PlatformError
from apps.integrations.rates.quotes import UnreadableRates
from apps.users.services.audit import By

logger = logging.getLogger(__name__)


@shared_task
def load_exchange_rates() -> None:
    """Take in what has been published since the last time. A publisher that is away
    is asked again by the next sweep; the page of rates shows what is missing."""
    today = timezone.now().date()
    by = By(process="rates")
    ways = [rate_sources.load_from_other]
    if rate_sources.is_due(today):
        ways.insert(0, rate_sources.load_from_ecb)
    for way in ways:
        try:
            loaded = way(today, by)
        except (PlatformError, UnreadableRates, DomainError) as error:
            logger.warning(
                "exchange rates not loaded way=%s error=%s", way.__name__, error
            )
        else:
            logger.info(
                "exchange rates loaded way=%s new=%s changed=%s",
                way.__name__,
                loaded.new,
                loaded.changed,
            )


@shared_task
def link_settlements() -> int:
    """Link lines of statements with orders that are here by now; how many."""
    return link_orders()
