from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.platforms.models import Authorization
from apps.platforms.services.token_state import (
    TokenState,
    state_of,
    words_for,
)
from tests.factories.platforms import make_authorization

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
State = Authorization.State


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, TokenState.ACTIVE),
        ({"refresh_expires_in": 31 * DAY}, TokenState.ACTIVE),
        ({"refresh_expires_in": 30 * DAY}, TokenState.ENDS_SOON),
        ({"refresh_expires_in": timedelta(0)}, TokenState.ENDED),
        ({"access_expires_in": -DAY}, TokenState.ACCESS_OVER),
        ({"state": State.CONSENT_NEEDED}, TokenState.REFUSED),
        (
            {"state": State.CONSENT_NEEDED, "access_expires_in": -DAY},
            TokenState.CONSENT_NEEDED,
        ),
        ({"state": State.REVOKED, "access_expires_in": -DAY}, TokenState.DISCONNECTED),
        ({"refresh_due_in": -timedelta(minutes=59)}, TokenState.ACTIVE),
        ({"refresh_due_in": -timedelta(hours=2)}, TokenState.REFRESH_FAILING),
        (
            {"last_error": "No answer", "refresh_begun_in": -timedelta(minutes=3)},
            TokenState.REFRESH_FAILING,
        ),
        # What ends soon is told before what mends itself.
        (
            {"refresh_expires_in": 9 * DAY, "refresh_due_in": -DAY},
            TokenState.ENDS_SOON,
        ),
    ],
)
def test_how_a_consent_stands(fields, expected):
    now = timezone.now()
    columns: dict[str, Any] = {
        name.replace("_in", "_at") if name.endswith("_in") else name: (
            now + value if isinstance(value, timedelta) else value
        )
        for name, value in fields.items()
    }
    row = make_authorization(now=now, **columns)

    assert state_of(row, now) is expected


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=5), "Authorization ends today"),
        (timedelta(days=1, hours=1), "Authorization ends in 1 day"),
        (timedelta(days=12, hours=1), "Authorization ends in 12 days"),
        (timedelta(days=90), "Tokens fine"),
    ],
)
def test_the_words_name_the_date(left, words):
    now = timezone.now()

    assert words_for(make_authorization(refresh_expires_at=now + left), now) == words


def test_every_state_has_words_and_a_kind_of_badge():
    assert {state.kind for state in TokenState} == {
        "good",
        "attention",
        "bad",
        "neutral",
    }
    assert all(state.words for state in TokenState)
    assert TokenState.REFUSED.needs_person
    assert not TokenState.REFRESH_FAILING.needs_person
