"""Messages that are noted or acted on, in the place of a broker."""

from collections.abc import Callable, Sequence
from typing import Any


def at_once(task: Any) -> Callable[..., None]:
    """For a task's `apply_async`: what is sent is done."""

    def send(args: Sequence[Any], **options: Any) -> None:
        task(*args)

    return send


def noted(sent: list[tuple[Any, ...]], *first: Any) -> dict[str, Callable[..., None]]:
    """For a task's `delay` and `apply_async`: what is sent is added to `sent`."""
    return {
        "delay": lambda *args: sent.append((*first, *args)),
        "apply_async": lambda args, **options: sent.append((*first, *args)),
    }
