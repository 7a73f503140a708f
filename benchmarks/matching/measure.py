"""What the engine makes of labelled sets: precision, recall, work and time."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.products.matching import Catalogue, Key, Kind, Reason, Verdict
from benchmarks.matching.generator import LabelledSet
from benchmarks.matching.labelled import Pair

BANDS = (95, 85, 70, 60, 0)  # each from here up to the one before


@dataclass
class Band:
    """Suggestions of some confidence: how many, and how many of them right."""

    suggested: int = 0
    right: int = 0

    def add(self, *, is_right: bool) -> None:
        self.suggested += 1
        self.right += is_right

    @property
    def precision(self) -> float:
        return self.right / self.suggested if self.suggested else 1.0


def _bands() -> dict[int, Band]:
    return {least: Band() for least in BANDS}


@dataclass
class Measured:
    """`matchable` listings have an own counterpart; `titles` counts title reasons."""

    listings: int = 0
    matchable: int = 0
    all_pairs: int = 0
    compared: int = 0
    seconds: float = 0.0
    conflicts: int = 0
    conflicts_with_truth: int = 0
    bands: dict[int, Band] = field(default_factory=_bands)
    titles: dict[int, Band] = field(default_factory=_bands)

    def recall(self, least: int) -> float:
        """The share of matchable listings rightly suggested with `least` or more."""
        right = sum(self.bands[b].right for b in BANDS if b >= least)
        return right / self.matchable if self.matchable else 1.0

    def count(self, verdict: Verdict, truth: Key | None) -> None:
        self.listings += 1
        self.matchable += truth is not None
        if verdict.kind is Kind.CONFLICT:
            self.conflicts += 1
            self.conflicts_with_truth += truth in {
                candidate.variant_key for candidate in verdict.candidates
            }
        best = verdict.best
        if verdict.kind is not Kind.SUGGESTED or best is None:
            return
        least = next(band for band in BANDS if best.confidence >= band)
        is_right = best.variant_key == truth
        self.bands[least].add(is_right=is_right)
        if best.reason is Reason.TITLE:
            self.titles[least].add(is_right=is_right)


def measure(sets: Iterable[LabelledSet]) -> Measured:
    """All sets together; seconds are of this process, not of the clock on the wall."""
    total = Measured()
    for labelled in sets:
        start = time.process_time()
        catalogue = Catalogue(labelled.own, labelled.known)
        verdicts = [(sku.key, catalogue.verdict(sku)) for sku in labelled.channel]
        total.seconds += time.process_time() - start
        total.all_pairs += len(labelled.channel) * len(labelled.own)
        total.compared += catalogue.work.texts + catalogue.work.variants
        for key, verdict in verdicts:
            total.count(verdict, labelled.truth[key])
    return total


def measure_pairs(pairs: Iterable[Pair]) -> Measured:
    """Each pair by itself, so that no runner-up gives a wrong one away."""
    total = Measured()
    for pair in pairs:
        verdict = Catalogue([pair.own]).verdict(pair.channel)
        total.count(verdict, pair.own.key if pair.is_same else None)
    return total
