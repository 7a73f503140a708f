"""Payloads as every database takes them, and what they are known again by."""

import json
from types import MappingProxyType

import pytest

from apps.core.storing import content_hash, storable, written_and_hashed


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"id": "1", "lines": [{"price": "1.00", "gift": None}], "n": 1, "f": 0.5},
        {"b": 1, "a": {"z": [], "y": "🙏 é"}},
        {"nul\0": "a\0b", "half": "\ud83d", "as written": "\\u0000"},
        {"inf": float("inf"), "nan": [float("nan"), 1.5]},
        {"rows": ({"a": "1"}, {"a": "2"})},
        {1: "a number for a name", "2": "b"},
        MappingProxyType({"a": MappingProxyType({"b": "\0"})}),
    ],
)
def test_one_look_comes_to_the_same_as_two(payload):
    text, found = written_and_hashed(payload)

    plain, body = storable(payload), json.loads(text)
    assert found == content_hash(plain)
    assert content_hash(body) == found
    assert content_hash(storable(body)) == found


def test_the_order_of_names_does_not_matter_and_that_of_rows_does():
    one, two = {"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1}

    assert written_and_hashed(one)[1] == written_and_hashed(two)[1]
    assert written_and_hashed(one)[1] != written_and_hashed({"a": 1, "b": [2, 1]})[1]
