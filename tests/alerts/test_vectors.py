"""Worked cases of when something is wrong, and what becomes of an alert."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.credit.vectors import call

CASES = json.loads(Path(__file__).with_name("vectors.json").read_text())["cases"]


def holds(expected, found):
    """Every expected key is there; numbers to a millionth."""
    if isinstance(expected, dict):
        return all(
            key in found and holds(value, found[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(holds, expected, found))
    if isinstance(expected, float) and not isinstance(found, bool | str | None):
        return found == pytest.approx(expected, rel=1e-6, abs=1e-6)
    return type(expected) is type(found) and expected == found


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_worked_case_comes_out(case):
    found = call(case["fn"], case["input"])

    assert holds(case["expected"], found), found


def test_a_name_nothing_has_is_said_to_have_nothing():
    with pytest.raises(LookupError, match=r"no function “health\.horoscope”"):
        call("health.horoscope", {})


LOOKS = st.lists(
    st.fixed_dictionaries(
        {
            "state": st.sampled_from(["ok", "firing", "nodata"]),
            "severity": st.sampled_from(["info", "warning", "critical"]),
            "clear": st.booleans(),
            "ack": st.booleans(),
            "muted": st.booleans(),
        }
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(LOOKS, st.integers(1, 3), st.integers(1, 3))
def test_whatever_is_seen_an_alert_opens_before_it_closes_and_nobody_is_told_of_none(
    looks, firings, clears
):
    looks = [look | {"t": 5 * at} for at, look in enumerate(looks)]
    told = {"for": firings, "clear": clears, "evals": looks}
    muted = {look["t"] for look in looks if look["muted"]}

    found = call("health.alerts", told)

    is_open = False
    for at, event in found["events"]:
        if event in ("opened", "reopened"):
            assert not is_open
            is_open = True
        else:
            assert is_open
            assert not (event == "notify" and at in muted)
            is_open = event != "resolved"
    assert (found["state"] == "open") == is_open
    assert (found["severity"] is not None) == is_open
