"""Who else may read a report: a person, or whoever has an address until it ends."""

import secrets
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from apps.credit.errors import ReportRefused
from apps.credit.models import CreditReport, ReportShare
from apps.credit.services.reports.issuing import record
from apps.users.models import User
from apps.users.services.audit import By

DAYS = (1, 7, 30, 90)


@transaction.atomic
def share_with(report: CreditReport, user: User, by: By) -> ReportShare:
    """Until it is taken back; repeating it gives the same share. Raises
    ReportRefused."""
    report = _open(report)
    share = report.shares.filter(user=user, revoked_at=None).first()
    if share is None:
        share = report.shares.create(user=user, created_by=by.user)
        record("shared a credit report", report, by, person=user.username)
    return share


@transaction.atomic
def share_by_address(
    report: CreditReport, days: int, by: By
) -> tuple[ReportShare, str]:
    """A share, and its token, which is told once. Raises ReportRefused."""
    report = _open(report)
    if not 1 <= days <= max(DAYS):
        raise ReportRefused(f"An address lasts from 1 to {max(DAYS)} days.")
    token = secrets.token_urlsafe(32)
    share = report.shares.create(
        token_hash=digest(token),
        expires_at=timezone.now() + timedelta(days=days),
        created_by=by.user,
    )
    record("shared a credit report by address", report, by, days=days)
    return share, token


@transaction.atomic
def revoke(share: ReportShare, by: By) -> None:
    """Nothing is shown by it any more. Repeating it changes nothing."""
    share = ReportShare.objects.select_for_update(of=["self"]).get(pk=share.pk)
    if share.revoked_at is not None:
        return
    share.revoked_at = timezone.now()
    share.save(update_fields=["revoked_at", "modified_at"])
    record("took back a share of a credit report", share.report, by)


def opened_by(token: str) -> ReportShare | None:
    """The share that an address shows now; None for one that is over, taken back or
    never was."""
    rows = ReportShare.objects.open(timezone.now()).filter(token_hash=digest(token))
    return rows.select_related("report__score__applicant__client").first()


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _open(report: CreditReport) -> CreditReport:
    """As it is now, and nobody withdraws it meanwhile."""
    rows = CreditReport.objects.select_for_update(no_key=True, of=["self"])
    found = rows.get(pk=report.pk)
    if found.withdrawn_at is not None:
        raise ReportRefused(f"{report} was withdrawn: nobody else can read it.")
    return found
