"""An applicant takes their consent back, or a lender ends it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.credit.models import Applicant, ApplicantConsent, ApplicantShop
from apps.credit.services.consenting.granting import lies_with_an_applicant
from apps.platforms.models import Shop
from apps.platforms.services.creators import disconnect_creator
from apps.platforms.services.shops import disconnect
from apps.users.services import audit
from apps.users.services.audit import By


def shops_to_shut(applicant: Applicant) -> list[Shop]:
    """Those that will be disconnected when the applicant leaves."""
    shown = applicant.shown.filter(ended_at=None).select_related("shop")
    return [
        row.shop for row in shown if _is_for_lenders_alone(row.shop, but_for=applicant)
    ]


@transaction.atomic
def stop_sharing(applicant: Applicant, by: By) -> list[Shop]:
    """End all that the applicant has shown; the shops that were disconnected.

    Those that are here for lenders alone are disconnected, their tokens wiped, unless
    another application still shows them; one that somebody works with goes on for
    them, and counts no more for the applicant. Scores made before stay. Repeating it
    changes nothing.
    """
    applicant = Applicant.objects.select_for_update().get(pk=applicant.pk)
    now = timezone.now()
    shut = shops_to_shut(applicant)
    shops = applicant.shown.filter(ended_at=None).update(ended_at=now)
    applicant.consents.filter(finished_at=None).update(
        step=ApplicantConsent.Step.FAILED,
        problem="The consent was taken back.",
        finished_at=now,
    )
    accounts = _end_accounts(applicant, now, by)
    for shop in shut:
        disconnect(shop, shop.name, actor=by.user, address=by.address)
    if shops or accounts:
        audit.record(
            "ended what an applicant shares",
            applicant,
            target_text=f"Applicant {applicant.pk}",
            actor=by.user,
            process=by.process,
            address=by.address,
            client=applicant.client,
            shops=shops,
            creator_accounts=accounts,
            disconnected=len(shut),
        )
    return shut


def _end_accounts(applicant: Applicant, now: datetime, by: By) -> int:
    """Creator accounts that the applicant has shown; how many."""
    shown = applicant.shown_accounts.filter(ended_at=None).select_related("account")
    rows = list(shown)
    shown.update(ended_at=now)
    for row in rows:
        if row.account.client_id == applicant.home_id:
            disconnect_creator(row.account, by=by)
    return len(rows)


def _is_for_lenders_alone(shop: Shop, *, but_for: Applicant) -> bool:
    """Whether nobody works with it, and no other applicant shows it."""
    shown = ApplicantShop.objects.filter(shop=shop, ended_at=None)
    others = shown.exclude(applicant=but_for)
    return lies_with_an_applicant(shop) and not others.exists()
