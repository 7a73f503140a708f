"""Decide how long a kind is kept, and let go what is older."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.backoffice.errors import RetentionRefused
from apps.backoffice.models import RetentionRule
from apps.backoffice.retention import KINDS, Kind, OnBatch
from apps.users.models import User
from apps.users.services import audit

LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind and what holds for it now; `days` None: kept for good."""

    kind: Kind
    days: int | None
    is_own: bool
    last_run_at: datetime | None
    last_count: int

    @property
    def in_words(self) -> str:
        return in_words(self.days)

    @property
    def default_in_words(self) -> str:
        return in_words(self.kind.days)

    def before(self, now: datetime) -> datetime | None:
        """What is older than that goes; None where nothing does."""
        return None if self.days is None else now - timedelta(days=self.days)

    def due(self, now: datetime) -> int:
        """How many would go now."""
        before = self.before(now)
        return 0 if before is None else self.kind.due(before)


def in_words(days: int | None) -> str:
    if days is None:
        return "for good"
    return f"{days:,} day{'' if days == 1 else 's'}"


def rules() -> list[Rule]:
    """One for each kind, in the table's order. One query."""
    rows = {row.kind: row for row in RetentionRule.objects.all()}
    return [_rule(kind, rows.get(name)) for name, kind in KINDS.items()]


def rule_of(name: str) -> Rule:
    """Raises KeyError for a kind there is not."""
    return _rule(KINDS[name], RetentionRule.objects.filter(kind=name).first())


@transaction.atomic
def set_days(
    name: str,
    days: int | None,
    *,
    actor: User | None = None,
    process: str = "system",
    address: str | None = None,
) -> bool:
    """Keep a kind that long, None for good; False where it is so already.

    Raises RetentionRefused for less than the kind's minimum.
    """
    kind = KINDS[name]
    if days is not None and not kind.minimum <= days <= LONGEST_DAYS:
        raise RetentionRefused(
            f"{kind.label}: choose {kind.minimum:,} to {LONGEST_DAYS:,} days, or leave "
            "it empty to keep it for good."
        )
    row = _locked(name)
    before = _rule(kind, row).days
    row.is_own, row.days = days != kind.days, days
    row.save()
    if before == days:
        return False
    audit.record(
        "changed how long data is kept",
        row,
        target_text=kind.label,
        actor=actor,
        process=process,
        address=address,
        kept=[in_words(before), in_words(days)],
    )
    return True


def apply_rule(
    name: str,
    *,
    actor: User | None = None,
    process: str = "system",
    on_batch: OnBatch = lambda count: None,
) -> int:
    """Let go what the rule no longer keeps; how many went. Safe to repeat, and to
    start again after it was interrupted."""
    rule = rule_of(name)
    before = rule.before(timezone.now())
    count = 0 if before is None else rule.kind.apply(before, on_batch)
    with transaction.atomic():
        row = _locked(name)
        row.last_run_at, row.last_count = timezone.now(), count
        row.save(update_fields=["last_run_at", "last_count", "modified_at"])
        if count:
            audit.record(
                "let old data go",
                row,
                target_text=rule.kind.label,
                actor=actor,
                process=process,
                count=count,
                older_than=rule.in_words,
            )
    return count


@transaction.atomic
def note_asked(
    rule: Rule, count: int, *, actor: User, address: str | None = None
) -> None:
    """Somebody wants it done now, having been told how many would go."""
    audit.record(
        "asked to let old data go",
        _locked(rule.kind.name),
        target_text=rule.kind.label,
        actor=actor,
        address=address,
        count=count,
        older_than=rule.in_words,
    )


def _rule(kind: Kind, row: RetentionRule | None) -> Rule:
    if row is None:
        return Rule(kind, kind.days, False, None, 0)  # noqa: FBT003
    days = row.days if row.is_own else kind.days
    return Rule(kind, days, row.is_own, row.last_run_at, row.last_count)


def _locked(name: str) -> RetentionRule:
    RetentionRule.objects.get_or_create(kind=name)
    return RetentionRule.objects.select_for_update().get(kind=name)
