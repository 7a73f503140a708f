"""What somebody holds against a figure of a report, and what came of it."""

from django.db import transaction
from django.utils import timezone

from apps.credit.errors import ReportRefused
from apps.credit.models import CreditReport, Dispute
from apps.credit.rules.table import CODES
from apps.credit.services.reports.issuing import record
from apps.users.services.audit import By

LONGEST = 2_000
# So many wait for an answer at once: an address can be in many hands.
MOST_OPEN = 20


@transaction.atomic
def raise_dispute(
    report: CreditReport, text: str, by: By, *, component: str = ""
) -> Dispute:
    """Listed with the report from then on. Raises ReportRefused."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise ReportRefused(f"Say what is wrong, in at most {LONGEST} characters.")
    if component and component not in CODES:
        raise ReportRefused("There is no such figure.")
    report = CreditReport.objects.select_for_update(no_key=True, of=["self"]).get(
        pk=report.pk
    )
    if report.withdrawn_at is not None:
        raise ReportRefused(f"{report} was withdrawn already.")
    if report.disputes.filter(state=Dispute.State.OPEN).count() >= MOST_OPEN:
        raise ReportRefused("Many objections wait for an answer already. Ask later.")
    dispute = report.disputes.create(text=text, component=component, raised_by=by.user)
    record("objected to a credit report", report, by, component=component)
    return dispute


@transaction.atomic
def answer(dispute: Dispute, state: Dispute.State, text: str, by: By) -> Dispute:
    """Once. Upheld ones ask for a new score, which somebody makes. Raises
    ReportRefused."""
    text = text.strip()
    if state == Dispute.State.OPEN or not text or len(text) > LONGEST:
        raise ReportRefused("Say what came of it, and why.")
    dispute = Dispute.objects.select_for_update(of=["self"]).get(pk=dispute.pk)
    if dispute.state != Dispute.State.OPEN:
        raise ReportRefused("This objection was answered already.")
    dispute.state, dispute.answer = state, text
    dispute.answered_by, dispute.answered_at = by.user, timezone.now()
    dispute.save()
    record("answered an objection", dispute.report, by, state=state.value)
    return dispute
