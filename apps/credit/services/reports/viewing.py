"""Who looked at a report: each time, kept with it."""

from django.utils import timezone

from apps.credit.models import CreditReport, ReportShare, ReportView
from apps.users.models import User


def log_view(
    report: CreditReport,
    way: ReportView.Way,
    *,
    user: User | None = None,
    share: ReportShare | None = None,
    address: str | None = None,
) -> ReportView:
    """Through whose share, if not given, follows from the person. Who looks through
    another's eyes is the one who looks."""
    if share is None and user is not None:
        rows = ReportShare.objects.open(timezone.now())
        share = rows.filter(report=report, user=user).first()
    who = user.seen_by or user if user is not None else None
    return ReportView.objects.create(
        report=report, share=share, user=who, way=way, address=address
    )
