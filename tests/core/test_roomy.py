"""Calls that begin at the end of a chunk of the stack cost no more than others."""

import resource

import pytest

from config.roomy import roomy

CALLS = 1_000


def leaf() -> None:
    pass


def faults_at(depth: int) -> int:
    """Pages of memory asked for by so many calls, that many calls deep."""
    if depth:
        return faults_at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        leaf()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_however_deep_calls_are_they_ask_for_no_memory():
    in_room = roomy(faults_at)

    assert max(in_room(depth) for depth in range(300)) < CALLS / 10


def test_arguments_and_answers_go_through():
    @roomy
    def sum_of(*numbers: int, start: int) -> int:
        return sum(numbers, start)

    assert sum_of(1, 2, start=3) == 6
    assert sum_of.__name__ == "sum_of"


def test_so_do_errors():
    @roomy
    def fail() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        fail()
