"""Python's search for cycles of dead objects, and work that is better off without."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Work without that search, also as a decorator.

    For one batch of rows: its thousands of objects live until they are written and go
    by themselves then, but while they pile up all that a process holds is searched
    again and again, for an eighth of the time and nothing found. The few cycles that
    there are are found between batches, so use it for no more than one at once. Threads
    may overlap: then one of them is searched for a while.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
