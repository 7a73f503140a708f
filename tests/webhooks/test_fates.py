"""What becomes of an event: pure."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.integrations.errors import (
    ConsentNeeded,
    HeldBack,
    MalformedReply,
    NotFound,
    OurFault,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
    ScopeMissing,
    TokenExpired,
)
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.sync.errors import AlreadyRunning
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.fates import (
    BACK_OFF,
    Verdict,
    apply,
    done,
    failed,
    fate_of,
    later,
)

State = WebhookEvent.State
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_row(**fields):
    return WebhookEvent(type_number=1, claimed_by="me", claimed_until=NOW, **fields)


def test_a_failure_is_tried_again_after_longer_and_longer_then_given_up():
    row = make_row()
    pauses = []
    while row.state != State.DEAD:
        apply(row, Verdict("It does not answer."), NOW)
        if row.state == State.RETRY:
            pauses.append(row.next_try_at - NOW)

    assert tuple(pauses) == BACK_OFF
    assert sum(pauses, timedelta()) < timedelta(hours=9)
    assert row.attempts == len(BACK_OFF) + 1
    assert row.next_try_at is None
    assert row.error == "It does not answer."
    assert (row.claimed_by, row.claimed_until) == ("", None)


def test_what_is_done_forgets_what_went_wrong_before():
    row = make_row(attempts=2, error="It did not answer.", state=State.RETRY)

    apply(row, done("Order 1 updated"), NOW)

    assert (row.state, row.attempts) == (State.PROCESSED, 3)
    assert (row.outcome, row.error) == ("Order 1 updated", "")
    assert (row.processed_at, row.next_try_at) == (NOW, None)


def test_what_waits_has_not_been_tried():
    row = make_row(attempts=2, state=State.RETRY)

    apply(row, later("Too many calls.", timedelta(seconds=9)), NOW)

    assert (row.state, row.attempts) == (State.RETRY, 2)
    assert row.next_try_at == NOW + timedelta(seconds=9)


def test_what_a_person_must_do_waits_for_them():
    row = make_row()

    apply(row, failed("Connect it again."), NOW)

    assert (row.state, row.next_try_at) == (State.FAILED, None)


@pytest.mark.parametrize(
    ("error", "is_of_all", "stops", "counts"),
    [
        (RateLimited("slow down"), True, True, False),
        (HeldBack("we would wait too long"), True, True, False),
        (TokenExpired("old"), True, True, False),
        (RefreshInProgress("another"), True, True, False),
        (AlreadyRunning("a run"), True, False, False),
        (ConsentNeeded("gone"), True, False, True),
        (ScopeMissing("lacks"), True, False, True),
        (ReconnectNeeded("gone"), True, False, True),
        (NotFound("no"), False, False, True),
        (PlatformUnavailable("500"), False, False, True),
        (RequestRefused("no"), False, False, True),
        (OurFault("signature"), False, False, True),
        (MalformedReply("html"), False, False, True),
        (KeyError("surprise"), False, False, True),
    ],
)
def test_each_error_says_whom_it_is_about(error, is_of_all, stops, counts):
    fate = fate_of(error)

    assert (fate.is_of_all, fate.stops) == (is_of_all, stops)
    assert fate.verdict.counts is counts
    assert fate.is_outage is isinstance(error, PlatformUnavailable)
    assert fate.is_ours is isinstance(error, KeyError)


def test_a_pause_the_platform_names_is_kept():
    fate = fate_of(RateLimited("slow down", retry_after_seconds=90))

    assert fate.verdict.pause == timedelta(seconds=90)
    assert fate_of(RateLimited("", retry_after_seconds=0)).verdict.pause > timedelta(0)


def test_an_error_of_ours_quotes_nothing_it_saw():
    fate = fate_of(ValueError("the buyer's name"))

    assert "buyer" not in fate.verdict.words
    assert "ValueError" in fate.verdict.words
