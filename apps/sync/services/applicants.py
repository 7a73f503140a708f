"""What an applicant's consent opened is read; once it is here, it is scored."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from apps.credit.models import ApplicantConsent
from apps.credit.services.scoring import score_applicant
from apps.platforms.models import CreatorAccount, Shop
from apps.sync.models import CreatorRun, Resource, SyncRun
from apps.sync.services.first_pull import has_gone, latest_since_linked
from apps.users.services.audit import By

logger = logging.getLogger(__name__)
Step = ApplicantConsent.Step

# What a score reads; where a permission lacks for the others, it says what is unknown.
NEEDED = (Resource.ORDERS,)
ALSO_READ = (Resource.CANCELLATIONS, Resource.RETURNS)
# Pulls are repeated by their schedule; whoever waits longer should be told.
PATIENCE = timedelta(hours=24)

BY = By(process="applicant")
GAVE_UP = (
    "TikTok let us read it neither at once nor within a day: {why} Begin again "
    "at the lender's page."
)
NOT_CONNECTED = "{what} is no longer connected. {why}"


def consents_due() -> list[int]:
    """Keys of those whose shops are being read."""
    waiting = ApplicantConsent.objects.filter(step=Step.READING).order_by("pk")
    return list(waiting.values_list("pk", flat=True))


@transaction.atomic
def finish_consent(key: int, now: datetime) -> bool:
    """Score the applicant if all has been read, or say why nothing came of it; whether
    the consent has ended. Repeating it changes nothing."""
    rows = ApplicantConsent.objects.select_for_update(of=["self"])
    consent = (
        rows.select_related("applicant__client", "attempt")
        .filter(pk=key, step=Step.READING)
        .first()
    )
    if consent is None or consent.attempt is None or consent.granted_at is None:
        return False
    shops = list(consent.attempt.shops.order_by("pk"))
    account = consent.attempt.creator_account
    waits = [why for shop in shops if (why := _why_not_yet(shop))]
    if account is not None and (why := _why_not_earned(account, consent.granted_at)):
        waits.append(why)
    opened: list[Shop | CreatorAccount] = [*shops, *([account] if account else [])]
    lost = [each for each in opened if each.state != Shop.State.CONNECTED]
    if lost:
        why = NOT_CONNECTED.format(what=lost[0], why=lost[0].state_reason)
        _end(consent, Step.FAILED, now, why)
    elif not waits:
        score_applicant(consent.applicant, as_of=now.date(), by=BY)
        _end(consent, Step.SCORED, now)
    elif consent.granted_at < now - PATIENCE:
        _end(consent, Step.FAILED, now, GAVE_UP.format(why=waits[0]))
    else:
        return False
    logger.info("consent ended consent=%s step=%s", consent.pk, consent.step)
    return True


def _why_not_yet(shop: Shop) -> str:
    """What of the shop has not been read; empty where all has."""
    for resource in (*NEEDED, *ALSO_READ):
        run = latest_since_linked(shop, resource)
        if has_gone(run):
            continue
        if resource in ALSO_READ and run is not None and run.needs_person:
            continue  # not permitted: the score says that it was not read
        if run is None or run.state == SyncRun.State.RUNNING:
            return f"{resource.label} of {shop} were not read to their end."
        return f"{resource.label} of {shop}: {run.first_error}"
    return ""


def _why_not_earned(account: CreatorAccount, granted_at: datetime) -> str:
    """As _why_not_yet, of what a creator sold."""
    runs = CreatorRun.objects.filter(account=account, started_at__gte=granted_at)
    run = runs.first()
    if run is None or run.state == SyncRun.State.RUNNING:
        return f"Sales of {account} were not read to their end."
    if run.state in (SyncRun.State.DONE, SyncRun.State.PARTLY):
        return ""
    return f"Sales of {account}: {run.first_error}"


def _end(
    consent: ApplicantConsent, step: ApplicantConsent.Step, now: datetime, why: str = ""
) -> None:
    consent.step, consent.finished_at, consent.problem = step, now, why[:600]
    consent.save()
