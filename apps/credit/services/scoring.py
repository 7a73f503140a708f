"""Scores of applicants: made, never changed, and reckoned anew to see they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.credit.errors import NotToScore
from apps.credit.models import Applicant, ApplicantShop, Score, ScoreInput
from apps.credit.rules import MODEL, Features, Result, score, snapshot
from apps.credit.services.collecting import Collected, collect, rates_for
from apps.credit.services.facts import facts_of
from apps.credit.services.packing import pack, unpack
from apps.credit.services.telling import tell_score
from apps.finance.rules.rates import RateTable
from apps.users.services import audit
from apps.users.services.audit import By

_AMOUNT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A score that is not stored."""

    input: ScoreInput
    features: Features
    result: Result
    facts: Mapping[str, Any]
    rates: RateTable
    needs_review: bool


def score_applicant(
    applicant: Applicant, *, as_of: date, by: By, rates: RateTable | None = None
) -> Score:
    """Make a score of the ninety days before `as_of`, from all that the applicant shows
    now. `rates` (see rates_for) saves a query where many are made.

    The same rows and model always give the same result; each call makes a new score.
    Raises NotToScore.
    """
    reckoned = reckon(applicant, as_of=as_of, rates=rates)
    with transaction.atomic():
        locked = Applicant.objects.select_for_update(no_key=True).get(pk=applicant.pk)
        if locked.erased_at is not None:
            raise NotToScore("This applicant was erased.")
        made = _stored(locked, as_of, by, reckoned)
        tell_score(made)
        audit.record(
            "made a score",
            made,
            target_text=f"Score {made.number} of applicant {applicant.pk}",
            actor=by.user,
            process=by.process,
            address=by.address,
            client=applicant.client,
        )
    return made


def reckon(
    applicant: Applicant, *, as_of: date, rates: RateTable | None = None
) -> Reckoned:
    """What a score would be; nothing is written. Raises NotToScore."""
    if applicant.erased_at is not None:
        raise NotToScore("This applicant was erased.")
    collected = collect(applicant, as_of, rates or rates_for(as_of))
    # What is kept gives the same: see reproduce.
    income = snapshot(collected.given)
    features = collected.around.features(income, collected.regions)
    result = score(features)
    shown_twice = _shown_by_others(applicant, collected)
    facts = facts_of(collected, income, features)
    return Reckoned(
        pack(collected),
        features,
        result,
        facts | {"shown_by_others": shown_twice},
        collected.given.rates,
        result.review_required or bool(shown_twice),
    )


def _stored(applicant: Applicant, as_of: date, by: By, reckoned: Reckoned) -> Score:
    result = reckoned.result
    last = applicant.scores.aggregate(Max("number"))["number__max"] or 0
    reckoned.input.save(force_insert=True)
    return Score.objects.create(
        applicant=applicant,
        number=last + 1,
        as_of=as_of,
        model_version=result.model,
        status=result.status,
        score=result.score,
        score_100=result.score_100,
        confidence=result.confidence,
        confidence_level=result.confidence_level,
        impact=result.impact or "",
        monthly_usd=amount_of(result.monthly_usd),
        needs_review=reckoned.needs_review,
        features=reckoned.features.to_dict(),
        result=result.to_dict(),
        facts=dict(reckoned.facts),
        rates_used=_plain_rates(reckoned.rates),
        input=reckoned.input,
        made_by=by.user,
    )


@dataclass(frozen=True, slots=True)
class Reproduced:
    """What came of reckoning a score anew; `differences` in words, none where it holds.
    `has_rows`: from the rows, not only from the figures made of them."""

    differences: Sequence[str]
    has_rows: bool

    @property
    def holds(self) -> bool:
        return not self.differences


def reproduce(made: Score) -> Reproduced:
    """Reckon a score anew from what was kept with it, and compare to the last digit."""
    if made.model_version != MODEL:
        other = f"Made by {made.model_version}; this is {MODEL}."
        return Reproduced([other], has_rows=False)
    differences = []
    features = Features.from_dict(made.features)
    has_rows = made.input is not None and bool(made.input.body)
    if made.input is not None and has_rows:
        opened = unpack(made.input)
        if not opened.is_whole:
            differences.append("The rows are not those that were kept.")
        if opened.features.to_dict() != made.features:
            differences.append("The rows give other figures.")
    if score(features).to_dict() != made.result:
        differences.append("The figures give another result.")
    return Reproduced(differences, has_rows=has_rows)


def _shown_by_others(applicant: Applicant, collected: Collected) -> list[str]:
    """Names of shops that another applicant of the same client shows as well."""
    rows = ApplicantShop.objects.filter(
        shop__in=[shop.pk for shop in collected.shops],
        ended_at=None,
        applicant__client=applicant.client_id,
    ).exclude(applicant=applicant)
    return sorted(set(rows.order_by().values_list("shop__name", flat=True)))


def _plain_rates(rates: RateTable) -> dict[str, dict[str, str]]:
    return {
        day.isoformat(): {code: format(rate, "f") for code, rate in row.items()}
        for day, row in rates.rows.items()
    }


def amount_of(value: float | None) -> Decimal | None:
    """As a column of money has it."""
    if value is None:
        return None
    return Decimal(repr(value)).quantize(_AMOUNT, ROUND_HALF_UP)
