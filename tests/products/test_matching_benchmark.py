"""A small run of the benchmark: what "sure" promises holds on labelled sets."""

from apps.products.matching import SURE
from benchmarks.matching.generator import HELD_OUT_SEEDS, labelled_set
from benchmarks.matching.labelled import pairs
from benchmarks.matching.measure import measure, measure_pairs

SIZE = 1_000


def test_of_a_hundred_sure_suggestions_at_most_one_is_wrong():
    measured = measure(labelled_set(seed, SIZE) for seed in HELD_OUT_SEEDS[:2])

    sure, titles = measured.bands[SURE], measured.titles[SURE]
    assert sure.precision >= 0.99
    assert measured.recall(SURE) >= 0.75
    assert titles.suggested >= 100
    assert titles.precision >= 0.98
    assert measured.recall(60) >= 0.88
    assert measured.compared <= measured.all_pairs / 50


def test_no_sure_suggestion_is_wrong_on_the_pairs_written_by_hand():
    by_hand = pairs()
    assert len(by_hand) >= 150
    assert sum(not pair.is_same for pair in by_hand) >= 100

    measured = measure_pairs(by_hand)

    assert measured.bands[SURE].precision >= 0.99
    assert measured.recall(SURE) >= 0.9


def test_a_set_is_the_same_each_time_for_its_seed():
    assert labelled_set(1, 200) == labelled_set(1, 200)
    assert labelled_set(1, 200) != labelled_set(2, 200)
