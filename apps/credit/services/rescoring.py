"""Scores that are due again because what they are made of has moved."""

import logging
import time
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from apps.content.models import AffiliateOrder
from apps.core.errors import DomainError
from apps.credit.models import Applicant, ApplicantCreator, ApplicantShop, Score
from apps.credit.services.collecting import rates_for
from apps.credit.services.scoring import score_applicant
from apps.orders.models import Order
from apps.users.services.audit import By

logger = logging.getLogger(__name__)

# A sweep ends after so many seconds; the next one goes on.
BUDGET = 120.0
ONCE_IN = timedelta(days=1)
# Nothing moved: then the window has, and that is looked at less often.
AT_LEAST_EVERY = timedelta(days=7)
PROCESS = "daily score"


def due_applicants(now: datetime) -> QuerySet[Applicant]:
    """Scored before, a day ago or longer, with orders or commissions that changed
    since, or a week ago; longest waiting first. Who was never scored is scored when
    somebody asks."""
    last = Score.objects.filter(applicant=OuterRef("pk")).order_by("-number")
    rows = Applicant.objects.filter(erased_at=None).annotate(
        scored_at=Subquery(last.values("created_at")[:1])
    )
    shops = ApplicantShop.objects.filter(applicant=OuterRef("pk"), ended_at=None)
    accounts = ApplicantCreator.objects.filter(applicant=OuterRef("pk"), ended_at=None)
    orders = Order.objects.filter(
        shop__shown_by__applicant=OuterRef("pk"),
        shop__shown_by__ended_at=None,
        modified_at__gt=OuterRef("scored_at"),
    )
    earned = AffiliateOrder.objects.filter(
        creator_account__shown_by__applicant=OuterRef("pk"),
        creator_account__shown_by__ended_at=None,
        modified_at__gt=OuterRef("scored_at"),
    )
    moved = Exists(orders) | Exists(earned) | Q(scored_at__lt=now - AT_LEAST_EVERY)
    return (
        rows.filter(Exists(shops) | Exists(accounts))
        .filter(scored_at__lt=now - ONCE_IN)
        .filter(moved)
        .order_by("scored_at", "pk")
    )


def rescore(now: datetime, *, budget: float = BUDGET) -> int:
    """Score who is due, as long as the budget (seconds) lasts: how many. One that fails
    stops nobody else."""
    end = time.monotonic() + budget
    as_of = now.date()
    rates = rates_for(as_of)
    made = 0
    for applicant in due_applicants(now).select_related("client").iterator(100):
        if time.monotonic() > end:
            break
        try:
            score_applicant(applicant, as_of=as_of, by=By(process=PROCESS), rates=rates)
        except DomainError:
            logger.warning("applicant not scored applicant=%s", applicant.pk)
        else:
            made += 1
    return made
