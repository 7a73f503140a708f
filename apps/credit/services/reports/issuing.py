"""A report is issued once a score, frozen, and withdrawn at most."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.credit.errors import ReportRefused
from apps.credit.models import Applicant, CreditReport, Score
from apps.credit.services import telling
from apps.credit.services.reports.content import content_of
from apps.users.models import AnyUser, Client
from apps.users.services import audit
from apps.users.services.audit import By


@transaction.atomic
def issue(score: Score, by: By) -> CreditReport:
    """The score's report; repeating it gives the same one. Raises ReportRefused."""
    applicant = Applicant.objects.select_for_update(no_key=True).get(
        pk=score.applicant_id
    )
    if applicant.erased_at is not None:
        raise ReportRefused("This applicant was erased.")
    known = CreditReport.objects.filter(score=score).first()
    if known is not None:
        if known.withdrawn_at is not None:
            raise ReportRefused(
                f"{known} was withdrawn. Make a new score and issue that."
            )
        return known
    now = timezone.now()
    number = f"CR-{score.pk:06d}"
    report = CreditReport.objects.create(
        score=score,
        number=number,
        content=content_of(score, number, now.date().isoformat()),
        issued_at=now,
        issued_by=by.user,
    )
    telling.tell_report(report)
    record("issued a credit report", report, by)
    return report


@transaction.atomic
def withdraw(report: CreditReport, by: By) -> None:
    """Nobody it was shared with reads it any more. Repeating it changes nothing."""
    report = CreditReport.objects.select_for_update().get(pk=report.pk)
    if report.withdrawn_at is not None:
        return
    report.withdrawn_at = timezone.now()
    report.save(update_fields=["withdrawn_at", "modified_at"])
    telling.tell_report(report, telling.REPORT_WITHDRAWN)
    record("withdrew a credit report", report, by)


def record(verb: str, report: CreditReport, by: By, **details: Any) -> None:
    """In the trail of the client who asked."""
    audit.record(
        verb,
        report,
        target_text=report.number,
        actor=by.user,
        process=by.process,
        address=by.address,
        client=report.score.applicant.client,
        **details,
    )


def newest_of(client: Client, user: AnyUser) -> QuerySet[CreditReport]:
    """The newest ten of a client's applicants, as far as one sees them."""
    rows = CreditReport.objects.visible_to(user).filter(score__applicant__client=client)
    newest: QuerySet[CreditReport] = rows.order_by("-issued_at", "-pk")[:10]
    return newest
