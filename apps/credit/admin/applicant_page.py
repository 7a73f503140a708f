"""What the page of an applicant shows."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from apps.credit.admin.words import confidence_badge, report_badge
from apps.credit.models import Applicant, Dispute, Score, ShopStanding
from apps.credit.rules.table import HIGHEST_SCORE, LOWEST_SCORE
from apps.credit.services.coverage import of_creators, of_shops
from apps.credit.services.reports import words
from apps.credit.services.unread import remedy
from apps.platforms.models import Shop
from apps.sync.models import Resource
from apps.sync.start import may_start
from apps.users.models import User
from apps.users.roles import VIEW_SHOP

SHOWN = 50
# What of a shop was never read, by the name of what pulls it.
_DEEDS = {
    "orders": "sync",
    "cancellations": "sync-cancellations",
    "returns": "sync-returns",
}
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 180, 44, 24, 10


def page_of(applicant: Applicant, user: User) -> dict[str, Any]:
    rows = applicant.scores.select_related("report", "made_by").annotate(
        shares=Count(
            "report__shares", filter=Q(report__shares__revoked_at=None), distinct=True
        ),
        open_disputes=Count(
            "report__disputes",
            filter=Q(report__disputes__state=Dispute.State.OPEN),
            distinct=True,
        ),
    )
    scores = list(rows.order_by("-number")[:SHOWN])
    last = scores[0] if scores else None
    return {
        "title": str(applicant),
        "applicant": applicant,
        "last": last,
        "last_badge": last and _confidence(last),
        "reasons": last.result["reasons"] if last else [],
        "measured": words.measured(last.facts) if last else [],
        "chart": chart_of(scores),
        "scores": [
            {
                "row": score,
                "confidence": _confidence(score),
                "report": _report(score),
                "open_disputes": getattr(score, "open_disputes", 0),
                "shares": getattr(score, "shares", 0),
            }
            for score in scores
        ],
        "shops": _shops(applicant, user),
        "creators": _creators(applicant),
    }


def chart_of(scores: Sequence[Score]) -> dict[str, Any] | None:
    """Scores over time, oldest first, as points of an SVG; None of fewer than two."""
    known = [one for one in reversed(scores) if one.score is not None]
    if len(known) < 2:
        return None
    first, last = known[0].created_at, known[-1].created_at
    length = (last - first).total_seconds() or 1.0

    def x(score: Score) -> float:
        part = (score.created_at - first).total_seconds() / length
        return LEFT + part * (WIDTH - LEFT - 12)

    def y(value: float) -> float:
        part = (value - LOWEST_SCORE) / (HIGHEST_SCORE - LOWEST_SCORE)
        return HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP)

    points = [(x(one), y(one.score or 0), one) for one in known]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - 12,
        "line": " ".join(f"{px:.1f},{py:.1f}" for px, py, _ in points),
        "points": [
            {
                "x": f"{px:.1f}",
                "y": f"{py:.1f}",
                "words": f"{one.score} on {one.created_at:%d %b %Y}",
            }
            for px, py, one in points
        ],
        "ticks": [
            {"y": f"{y(value):.1f}", "words": value} for value in (300, 500, 700, 850)
        ],
        "from": f"{first:%d %b %Y}",
        "to": f"{last:%d %b %Y}",
        "words": f"Scores from {known[0].score} to {known[-1].score}",
    }


def _shops(applicant: Applicant, user: User) -> list[dict[str, Any]]:
    shown = list(applicant.shown.filter(ended_at=None).select_related("shop__client"))
    covered = of_shops([each.shop for each in shown], timezone.now().date())
    standings = ShopStanding.objects.in_bulk(
        [each.shop_id for each in shown], field_name="shop_id"
    )
    return [
        {
            "shop": each.shop,
            "shown_at": each.shown_at,
            "is_ours": each.shop.client_id == applicant.client_id,
            "opens": user.has_perm(VIEW_SHOP, each.shop),
            "standing": standings.get(each.shop_id),
            "unread": [
                {
                    "what": what,
                    "deed": _DEEDS[what],
                    "command": remedy(what, each.shop_id),
                    "may_pull": each.shop.state == Shop.State.CONNECTED
                    and may_start(user, each.shop, Resource(what)),
                }
                for what in covered[each.shop_id].unread
            ],
        }
        for each in shown
    ]


def _creators(applicant: Applicant) -> list[dict[str, Any]]:
    shown = applicant.shown_accounts.filter(ended_at=None).select_related("account")
    rows = list(shown)
    covered = of_creators([each.account for each in rows], timezone.now().date())
    return [
        {
            "account": each.account,
            "shown_at": each.shown_at,
            "commands": [
                remedy(what, each.account_id)
                for what in covered[each.account_id].unread
            ],
        }
        for each in rows
    ]


def _confidence(score: Score) -> Any:
    return confidence_badge(score.confidence_level, needs_review=score.needs_review)


def _report(score: Score) -> dict[str, Any] | None:
    report = getattr(score, "report", None)
    if report is None:
        return None
    shown = report_badge(is_withdrawn=report.withdrawn_at is not None)
    return {"row": report, "badge": shown}
