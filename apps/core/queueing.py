"""Waking the workers from a screen."""

from collections.abc import Callable
from typing import Any

from django.db import transaction


def after_commit(delay: Callable[..., Any], *arguments: Any) -> None:
    """Queue a task once the rows are there: `after_commit(pull.delay, shop.pk)`.

    For work that a sweep finds by itself: a broker that is away is logged, and the
    answer to the person stands. (A partial would not do: Django asks the function for
    its name before it logs.)
    """

    def wake() -> None:
        delay(*arguments)

    transaction.on_commit(wake, robust=True)
