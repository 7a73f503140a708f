"""A checked file, all of it, stored or only compared while somebody waits."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from apps.integrations.tiktok.exports import Problem

Store = Callable[[Sequence[Any]], Any]
Progress = Callable[[int, int, Any], None] | None


def store_all(
    items: Iterator[Any],
    store: Store,
    outcome: Any,
    *,
    batch: int,
    total: int,
    on_progress: Progress,
) -> None:
    """Give items to `store`, `batch` at once, and add what it came to to `outcome`.
    `on_progress` is told items done, items in all and the outcome so far."""
    done = 0
    while some := list(islice(items, batch)):
        outcome += store(some)
        done += len(some)
        if on_progress is not None:
            on_progress(done, total, outcome)


def refused(outcome: Any, noun: str, named: str) -> list[Problem]:
    """What the shop's own data says against items, as problems of the file; `named` is
    where a problem has the item's ID."""
    return [
        Problem(0, "", f"The {noun} was refused: {why}.", **{named: remote_id})
        for remote_id, why in outcome.refused
    ]
