"""Batches are worked on without a search for cycles, and it goes on after them."""

import gc

import pytest

from apps.core.collecting import uncollected


@uncollected()
def is_searched() -> bool:
    return gc.isenabled()


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    gc.enable()


def test_a_batch_is_not_searched_and_what_follows_is():
    assert not is_searched()
    assert not is_searched()
    assert gc.isenabled()


def test_a_batch_inside_another_leaves_it_unsearched():
    with uncollected():
        assert not is_searched()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_batch_that_fails_is_over_too():
    with pytest.raises(ValueError, match="no good"), uncollected():
        raise ValueError("no good")
    assert gc.isenabled()


def test_where_nothing_was_searched_nothing_is_afterwards():
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()
