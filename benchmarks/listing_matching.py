"""How well and how fast listing SKUs find the client's own variants.

Labelled sets are grown from seeds: the tuning seeds, which the engine's numbers were
fitted to, and held-out ones, which they never saw. Prints, for each, the time, the
pairs compared against all pairs, and precision and recall by band of confidence; then
the same for the pairs written by hand.

    .venv/bin/python benchmarks/listing_matching.py [SKUs on each side]
"""

import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.matching.generator import HELD_OUT_SEEDS, TUNING_SEEDS, labelled_set
from benchmarks.matching.labelled import pairs
from benchmarks.matching.measure import BANDS, Measured, measure, measure_pairs


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for name, seeds in (("tuning", TUNING_SEEDS), ("held out", HELD_OUT_SEEDS)):
        measured = measure(labelled_set(seed, size) for seed in seeds)
        print(f"{name}: {len(seeds)} sets of {size:,} listings and {size:,} variants")
        print(
            f"  {measured.seconds / len(seeds):.1f} s a set on one core; "
            f"{measured.compared / len(seeds):,.0f} pairs compared a set, "
            f"1 in {measured.all_pairs / measured.compared:,.0f} of all"
        )
        show(measured)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:.0f} MB at most")
    by_hand = pairs()
    print(f"by hand: {len(by_hand)} pairs, each by itself")
    show(measure_pairs(by_hand))


def show(measured: Measured) -> None:
    print(
        f"  {'confidence':<12}{'suggested':>10}{'precision':>11}{'recall':>9}", end=""
    )
    print(f"{'by title':>12}{'precision':>11}")
    for least, above in zip(BANDS, (101, *BANDS), strict=False):
        band, titles = measured.bands[least], measured.titles[least]
        print(
            f"  {f'{least} to {above - 1}':<12}"
            f"{band.suggested:>10,}{band.precision:>11.4f}{measured.recall(least):>9.3f}"
            f"{titles.suggested:>12,}"
            f"{titles.precision:>11.4f}"
        )
    print(
        f"  {measured.conflicts:,} conflicts, the right one among the rivals in "
        f"{measured.conflicts_with_truth:,}"
    )


if __name__ == "__main__":
    main()
