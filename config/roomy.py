"""Room for deep calls.

CPython keeps the frames of Python calls in chunks of 16 kB, and until 3.13 maps and
unmaps one at each call that just crosses a chunk's end. A loop that stands there, and
behind Django's middleware and templates some always do, spends a third of its time on
that. Source: python/cpython, gh-142183.

A chunk is as large as the frame that it is made for, rounded up to a power of two: what
is called by a function with a large frame fits into the rest.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")
# In pointers of 8 bytes: just over half of a chunk of 1 MB. Only what is used of it
# becomes memory.
_FRAME_SIZE = 2**16 + 1


def roomy(call: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same, with room for what it calls."""

    def with_room(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        return call(*args, **kwargs)

    with_room.__code__ = with_room.__code__.replace(co_stacksize=_FRAME_SIZE)
    return update_wrapper(with_room, call)
