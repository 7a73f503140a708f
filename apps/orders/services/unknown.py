"""Words of the platform's that nobody here understands: one notice a shop and word."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from apps.core.storing import clean
from apps.orders.models import UnknownWord
from apps.platforms.models import Shop

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Riddle:
    """A word not understood, and the object it was first seen at."""

    kind: UnknownWord.Kind
    text: str
    example_id: str


def note_unknown(
    shop: Shop, kind: UnknownWord.Kind, text: str, example_id: str
) -> None:
    """Give notice of a word, once however often it comes; also of one that somebody
    has seen already. Call it in the transaction that stores what came with it."""
    note_all_unknown(shop, [Riddle(kind, text, example_id)])


def note_all_unknown(shop: Shop, riddles: Iterable[Riddle]) -> None:
    """As `note_unknown`, of many in one statement; none for none."""
    now = timezone.now()
    words: dict[tuple[str, str], UnknownWord] = {}
    for riddle in riddles:
        text = clean(riddle.text)[:_LONGEST]
        words.setdefault(
            (riddle.kind.value, text),
            UnknownWord(
                shop_id=shop.pk,
                kind=riddle.kind,
                text=text,
                example_id=riddle.example_id[:32],
                first_at=now,
            ),
        )
    if words:
        UnknownWord.objects.bulk_create(words.values(), ignore_conflicts=True)
