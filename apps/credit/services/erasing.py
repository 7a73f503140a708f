"""An applicant asks what is held about them, or to be forgotten; and what time does.

Erasing takes everything, issued reports included. What a lender's `keep_days` let go is
less: the rows behind the scores go, the scores and the issued reports stay.
"""

import json
import zlib
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import (
    BinaryField,
    Exists,
    F,
    Max,
    Model,
    OuterRef,
    QuerySet,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.core.deleting import delete_whole
from apps.credit.errors import ErasingRefused
from apps.credit.models import (
    Applicant,
    ApplicantShop,
    CreditReport,
    Lender,
    LenderDelivery,
    Score,
    ScoreInput,
)
from apps.credit.services import telling
from apps.credit.services.consenting.leaving import stop_sharing
from apps.platforms.models import CreatorAccount, Shop
from apps.users.models import Client
from apps.users.services import audit
from apps.users.services.audit import By

# Long after a state has ended; a lender may ask what became of somebody.
STRANGERS_KEPT = timedelta(days=30)


def export(applicant: Applicant, by: By) -> dict[str, Any]:
    """Everything held about them, as JSON values; the trail says it was taken."""
    scores = applicant.scores.select_related("input", "report").order_by("number")
    told = {
        "exported_at": timezone.now().isoformat(),
        "applicant": _plain(applicant),
        "consents": [_plain(row) for row in applicant.consents.order_by("pk")],
        "shops": [
            {
                "name": shown.shop.name,
                "shop_id": shown.shop.remote_id,
                "region": shown.shop.region,
                "shown_at": shown.shown_at.isoformat(),
                "ended_at": shown.ended_at and shown.ended_at.isoformat(),
            }
            for shown in applicant.shown.select_related("shop")
        ],
        "scores": [_score(score) for score in scores],
    }
    _record("exported an applicant's data", applicant, by)
    return told


@transaction.atomic
def erase(applicant: Applicant, typed: str, by: By) -> dict[str, int]:
    """Forget them; {what: how many} went. Repeating it changes nothing.

    Raises ErasingRefused unless `typed` is the applicant's name.
    """
    applicant = Applicant.objects.select_for_update().get(pk=applicant.pk)
    if applicant.erased_at is not None:
        return {}
    check_name(applicant, typed)
    stop_sharing(applicant, by)
    inputs = [score.input_id for score in applicant.scores.all()]
    reports = CreditReport.objects.filter(score__applicant=applicant)
    _forget_messages(applicant, reports)
    gone = delete_whole(reports)
    gone |= delete_whole(applicant.scores.all())
    gone |= delete_whole(ScoreInput.objects.filter(pk__in=[pk for pk in inputs if pk]))
    gone |= _delete_home(applicant)
    applicant.consents.all().delete()
    applicant.shown.all().delete()
    applicant.shown_accounts.all().delete()
    applicant.reference, applicant.buyer_ids = f"erased-{applicant.pk}", []
    applicant.wallet_address = applicant.wallet_key = ""
    applicant.erased_at = timezone.now()
    applicant.save()
    _record("erased an applicant", applicant, by, rows=sum(gone.values()))
    return gone


def check_name(applicant: Applicant, typed: str) -> None:
    """Raises ErasingRefused unless `typed` is the name of one who is still there."""
    if applicant.erased_at is None and typed.strip() != str(applicant):
        raise ErasingRefused(f"Type “{applicant}” to erase this applicant.")


def let_go(now: datetime) -> int:
    """Carry out what lenders have set; how many applicants that concerned."""
    return sum(_let_go_of(lender, now) for lender in Lender.objects.all())


@transaction.atomic
def forget_strangers(now: datetime) -> int:
    """Whoever began without a login and never came back with a consent; how many.
    Anybody can begin, so these are no applicants yet."""
    rows = Applicant.objects.filter(
        created_by=None,
        erased_at=None,
        created_at__lt=now - STRANGERS_KEPT,
        scores=None,
        shown=None,
        shown_accounts=None,
    )
    found = list(rows.values_list("pk", "home"))
    Applicant.objects.filter(pk__in=[key for key, _ in found]).delete()
    # Made for their consent alone: nothing hangs on it.
    Client.objects.filter(pk__in=[home for _, home in found if home]).delete()
    return len(found)


def _let_go_of(lender: Lender, now: datetime) -> int:
    before = now - timedelta(days=lender.keep_days)
    rows = Applicant.objects.filter(client=lender.client, erased_at=None).annotate(
        last=Coalesce(Max("scores__created_at"), F("created_at"))
    )
    kept = Score.objects.filter(applicant=OuterRef("pk"), input__emptied_at=None)
    shown = ApplicantShop.objects.filter(applicant=OuterRef("pk"))
    home = Shop.objects.filter(client=OuterRef("home"))
    held = rows.filter(Exists(shown) | Exists(home) | Exists(kept), last__lt=before)
    old = list(held.order_by("pk"))
    for applicant in old:
        _empty(applicant)
    return len(old)


@transaction.atomic
def _empty(applicant: Applicant) -> None:
    by = By(process="retention")
    stop_sharing(applicant, by)
    inputs = ScoreInput.objects.filter(scores__applicant=applicant, emptied_at=None)
    keys = list(inputs.values_list("pk", flat=True))
    ScoreInput.objects.filter(pk__in=keys).update(body=b"", emptied_at=timezone.now())
    gone = _delete_home(applicant)
    applicant.shown.all().delete()
    _record("let an applicant's rows go", applicant, by, rows=sum(gone.values()))


def _forget_messages(applicant: Applicant, reports: QuerySet[CreditReport]) -> None:
    """What a lender's webhook was told of them, or is still to be told."""
    scores = [f"{telling.SCORE_MADE}:{key}" for key in _keys(applicant.scores.all())]
    issued = [
        f"{event}:{key}"
        for key in _keys(reports)
        for event in (telling.REPORT_ISSUED, telling.REPORT_WITHDRAWN)
    ]
    LenderDelivery.objects.filter(key__in=[*scores, *issued]).delete()


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _delete_home(applicant: Applicant) -> dict[str, int]:
    """Shops and creator accounts that are here for lenders alone, unless another
    applicant shows them."""
    if applicant.home_id is None:
        return {}
    shown = ApplicantShop.objects.filter(shop=OuterRef("pk"), ended_at=None)
    by_others = Exists(shown.exclude(applicant=applicant))
    theirs = Shop.objects.filter(~by_others, client=applicant.home_id)
    gone = delete_whole(theirs)
    accounts = CreatorAccount.objects.filter(client=applicant.home_id)
    return gone | delete_whole(accounts)


def _score(score: Score) -> dict[str, Any]:
    report = getattr(score, "report", None)
    return _plain(score) | {
        "rows": _rows_of(score.input),
        "report": report and _plain(report),
        "disputes": [_plain(row) for row in report.disputes.all()] if report else [],
    }


def _rows_of(stored: ScoreInput | None) -> Any:
    if stored is None or not stored.body:
        return None
    return json.loads(zlib.decompress(bytes(stored.body)))


def _plain(row: Model) -> dict[str, Any]:
    """Its columns, but for keys of other tables and what is packed."""
    return {
        field.name: _json(field.value_from_object(row))
        for field in row._meta.concrete_fields
        if not field.is_relation and not isinstance(field, BinaryField)
    }


def _json(value: Any) -> Any:
    if isinstance(value, str | int | float | bool | dict | list | None):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _record(verb: str, applicant: Applicant, by: By, **details: Any) -> None:
    audit.record(
        verb,
        applicant,
        target_text=f"Applicant {applicant.pk}",
        actor=by.user,
        process=by.process,
        address=by.address,
        client=applicant.client,
        **details,
    )
