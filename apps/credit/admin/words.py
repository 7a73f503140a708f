"""What badges of credit say."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.credit.models import Dispute, Score

_LEVELS = {
    Score.Confidence.HIGH: "good",
    Score.Confidence.MEDIUM: "progress",
    Score.Confidence.LOW: "attention",
    Score.Confidence.INSUFFICIENT: "neutral",
}
DISPUTES = {
    Dispute.State.OPEN: "attention",
    Dispute.State.UPHELD: "good",
    Dispute.State.DISMISSED: "neutral",
}


def confidence_badge(
    level: str | None, *, needs_review: bool | None
) -> SafeString | str:
    if not level:
        return "—"
    known = Score.Confidence(level)
    shown = badge(str(known.label), _LEVELS[known])
    if not needs_review:
        return shown
    return format_html("{} {}", shown, badge("To review", "attention"))


def report_badge(*, is_withdrawn: bool) -> SafeString:
    return badge("Withdrawn", "neutral") if is_withdrawn else badge("Issued", "good")


def dispute_badge(dispute: Dispute) -> SafeString:
    state = Dispute.State(dispute.state)
    return badge(str(state.label), DISPUTES[state])
