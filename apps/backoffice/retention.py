"""How long each kind of data is kept: one table, read by the task, command and page.

Whatever goes, goes in batches, each a transaction of its own: no lock is held for
long, and after a crash the next run goes on where this one was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from apps.alerts.models import Alert, AlertHookDelivery
from apps.credit.models import LenderDelivery
from apps.imports.services import kept
from apps.inventory.models import OversellIncident
from apps.orders.services import forgetting
from apps.platforms.models import ApiCall, ConnectAttempt, ConnectLink, Invitation
from apps.sync.models import CreatorRun, StockDrift, SyncGap, SyncLatency, SyncRun
from apps.users.models import ApiToken, AuditEntry, IdempotencyRecord
from apps.webhooks.models import WebhookEvent

BATCH = 1_000

OnBatch = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A line of the table. `due` counts what is older than a moment, `apply` lets it
    go, telling how many so far after each batch, and says how many went.

    `days` is the default; None keeps it for good: what is known of orders does not go
    before somebody here decides when. No rule may be below `minimum`.
    """

    name: str
    label: str
    goes: str
    stays: str
    days: int | None
    minimum: int
    due: Callable[[datetime], int]
    apply: Callable[[datetime, OnBatch], int]


Old = Callable[[datetime], "QuerySet[Any]"]


def _kind(
    name: str,
    label: str,
    goes: str,
    stays: str,
    *rows: Old,
    days: int | None,
    minimum: int = 1,
) -> Kind:
    """One whose old rows are simply deleted, table by table."""

    def due(before: datetime) -> int:
        return sum(old(before).count() for old in rows)

    def apply(before: datetime, on_batch: OnBatch) -> int:
        gone = 0
        for old in rows:
            while keys := list(old(before).values_list("pk", flat=True)[:BATCH]):
                # What hangs on a row goes with it, but is not counted.
                _, by_model = old(before).filter(pk__in=keys).delete()
                gone += by_model.get(old(before).model._meta.label, 0)
                on_batch(gone)
        return gone

    return Kind(name, label, goes, stays, days, minimum, due, apply)


# One that was left as it is still stands.
_SETTLED = [
    StockDrift.State.REPAIRED,
    StockDrift.State.TAKEN_OVER,
    StockDrift.State.GONE,
]


def _closed(before: datetime) -> Q:
    """Of invitations and links: used, taken back or expired since before then."""
    return Q(expires_at__lt=before) | Q(revoked_at__lt=before)


def _forget_trail(before: datetime, on_batch: OnBatch) -> int:
    gone = 0
    while count := AuditEntry.objects.forget_before(before, most=BATCH):
        gone += count
        on_batch(gone)
    return gone


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "buyers",
            "Buyers of finished orders",
            "Who bought: name, phone, address, handle, message, seller note, and the "
            "payloads that tell it.",
            "The order, its lines, amounts, SKUs, dates and tracking numbers. Open "
            "orders are not touched.",
            None,
            30,
            lambda before: forgetting.finished_before(before).count(),
            forgetting.forget_finished,
        ),
        Kind(
            "payloads",
            "Order payloads",
            "What TikTok or a file sent about an order, word for word.",
            "The order as we read it, and a fingerprint that knows the same news.",
            None,
            7,
            lambda before: forgetting.payloads_before(before).count(),
            forgetting.empty_payloads,
        ),
        _kind(
            "api_calls",
            "API log",
            "Calls to TikTok, with their masked requests and answers.",
            "Nothing of them.",
            lambda before: ApiCall.objects.filter(at__lt=before).order_by("at"),
            days=settings.API_CALLS_KEPT_DAYS,
        ),
        _kind(
            "webhook_events",
            "Webhook log",
            "What TikTok told us, word for word, and each try to act on it.",
            "What was read because of it.",
            lambda before: WebhookEvent.objects.filter(received_at__lt=before).order_by(
                "received_at"
            ),
            days=30,
            # Until then the same event may come again, and is known by its row.
            minimum=2,
        ),
        _kind(
            "sync_runs",
            "Sync runs",
            "The log of pulls, and the orders each could not read.",
            "The orders, and how far each shop has been pulled.",
            lambda before: (
                SyncRun.objects.filter(started_at__lt=before)
                .exclude(state=SyncRun.State.RUNNING)
                .order_by("started_at")
            ),
            lambda before: (
                CreatorRun.objects.filter(started_at__lt=before)
                .exclude(state=SyncRun.State.RUNNING)
                .order_by("started_at")
            ),
            days=90,
            minimum=7,
        ),
        _kind(
            "gaps",
            "Closed gaps",
            "Days on which a shop's orders and the platform's did not agree, and what "
            "differed, once they agree again or were left as they are.",
            "The orders, and the days that still differ.",
            lambda before: SyncGap.objects.filter(closed_at__lt=before).order_by(
                "closed_at"
            ),
            days=365,
            minimum=7,
        ),
        _kind(
            "latency",
            "How long orders took to be here",
            "Counts by the hour of how long news of orders took.",
            "The orders.",
            lambda before: SyncLatency.objects.filter(hour__lt=before).order_by("hour"),
            days=90,
            minimum=7,
        ),
        Kind(
            "import_runs",
            "Imports",
            "The log of files read, and their files. The same file is then no longer "
            "recognised, and what it changed can no longer be undone.",
            "The orders that were read.",
            365,
            7,
            kept.runs_before,
            kept.forget_runs,
        ),
        Kind(
            "import_files",
            "Uploaded files",
            "The files themselves, which tell who bought, and what is kept so that "
            "they can be undone.",
            "The log of them, and the orders that were read.",
            30,
            1,
            kept.files_before,
            kept.drop_files,
        ),
        _kind(
            "stock_differences",
            "Settled stock differences",
            "Where shops showed another number than ours and that is settled, and "
            "oversell incidents that are closed.",
            "Stock, its movements, and what is still open.",
            lambda before: StockDrift.objects.filter(
                state__in=_SETTLED, settled_at__lt=before
            ).order_by("settled_at"),
            lambda before: OversellIncident.objects.filter(
                closed_at__lt=before
            ).order_by("closed_at"),
            days=365,
            minimum=30,
        ),
        _kind(
            "alerts",
            "Resolved alerts",
            "Alerts that are over, with what happened to them and whom it was told, "
            "and tests of alert hooks.",
            "Those that are open.",
            lambda before: Alert.objects.filter(
                state=Alert.State.RESOLVED, resolved_at__lt=before
            ).order_by("resolved_at"),
            lambda before: AlertHookDelivery.objects.filter(
                event__isnull=True, made_at__lt=before
            ).order_by("made_at"),
            days=180,
            minimum=7,
        ),
        _kind(
            "lender_messages",
            "Messages to lenders",
            "What lenders' webhooks were told of scores and reports, once it has "
            "arrived or was given up.",
            "The scores, the reports, and what still waits.",
            lambda before: (
                LenderDelivery.objects.filter(created_at__lt=before)
                .exclude(state=LenderDelivery.State.DUE)
                .order_by("created_at")
            ),
            days=90,
            minimum=1,
        ),
        _kind(
            "connections",
            "Finished connections",
            "Who connected which shop when, and connect links that lead nowhere any "
            "more.",
            "The shops and their consents. What nobody finished goes within the hour.",
            lambda before: ConnectAttempt.objects.filter(
                finished_at__lt=before
            ).order_by("finished_at"),
            lambda before: ConnectLink.objects.filter(
                _closed(before) | Q(used_at__lt=before)
            ).order_by("pk"),
            days=90,
        ),
        _kind(
            "invitations",
            "Closed invitations",
            "Invitations that were accepted, taken back or have expired, with their "
            "mail addresses.",
            "The people and their roles.",
            lambda before: Invitation.objects.filter(
                _closed(before) | Q(accepted_at__lt=before)
            ).order_by("pk"),
            days=90,
        ),
        Kind(
            "audit",
            "Audit trail",
            "Who did what, to what, when and from where.",
            "Nothing of it.",
            730,
            365,
            lambda before: AuditEntry.objects.filter(at__lt=before).count(),
            _forget_trail,
        ),
        _kind(
            "admin_log",
            "Recent actions",
            "The admin's own list of changes, beside the audit trail.",
            "What was changed.",
            lambda before: LogEntry.objects.filter(action_time__lt=before).order_by(
                "action_time"
            ),
            days=90,
        ),
        _kind(
            "sessions",
            "Ended sessions",
            "Sessions that ended that long ago.",
            "Those still open.",
            lambda before: Session.objects.filter(expire_date__lt=before).order_by(
                "expire_date"
            ),
            days=0,
            minimum=0,
        ),
        _kind(
            "sign_ins",
            "Sign-in attempts",
            "When and from where somebody failed to sign in, or did.",
            "The lines about it in the audit trail.",
            *(
                lambda before, model=model: model.objects.filter(
                    attempt_time__lt=before
                ).order_by("attempt_time")
                for model in (AccessAttempt, AccessLog, AccessFailureLog)
            ),
            days=30,
        ),
        _kind(
            "api_tokens",
            "Expired API tokens",
            "API tokens that expired that long ago.",
            "Those that still work.",
            lambda before: ApiToken.objects.filter(expiry__lt=before).order_by(
                "expiry"
            ),
            days=30,
            minimum=0,
        ),
        _kind(
            "idempotency",
            "Answers kept for repetition",
            "What the API answered to requests with an Idempotency-Key.",
            "What these requests did.",
            lambda before: IdempotencyRecord.objects.filter(
                created_at__lt=before
            ).order_by("created_at"),
            days=1,
        ),
    )
}
