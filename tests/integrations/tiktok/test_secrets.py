"""Whatever goes wrong, no error, chain, report or log line tells a secret."""

import logging
import traceback
from datetime import UTC, datetime

import pytest
import requests

from apps.integrations.errors import PlatformError
from apps.integrations.tiktok import auth
from tests.integrations.tiktok.fakes import (
    ACCESS_TOKEN,
    APP_KEY,
    APP_SECRET,
    AUTH_CODE,
    CIPHER,
    REFRESH_TOKEN,
    SECRETS,
    FakeSession,
    RecordingObserver,
    answer,
    failure,
    make_client,
)

ADDRESS = f"https://h/x?sign=planted-sign&t={' '.join(SECRETS)}"
BUYER = "planted-buyer-name"


def outcomes(*sent):
    """Each way to fail, with the secrets that were `sent` in whatever comes back."""
    echo = " ".join(sent)
    body = f'{{"code": 0, "data": "{echo} {BUYER}"'.encode()
    return [
        requests.ConnectionError(ADDRESS),
        requests.ConnectTimeout(ADDRESS),
        requests.ReadTimeout(ADDRESS),
        requests.exceptions.ChunkedEncodingError(ADDRESS),
        requests.exceptions.ContentDecodingError(ADDRESS),
        requests.exceptions.InvalidURL(ADDRESS),
        requests.exceptions.InvalidHeader(ADDRESS),
        answer(body),
        answer(body + b"}"),
        answer(b"<p>" + body, status=400),
        answer(b"<p>" + body, status=503),
        failure(21008111, f"refused {echo}"),
        failure(87654321, f"new {echo}", status=403),
        failure(36009004, f"Invalid credentials access_token {echo}"),
        failure(36009004, f"odd {echo}"),
        failure(105005, f"scope {echo}"),
        failure(36004001, f"over {echo}"),
        failure(36009002, echo, status=429, Retry_After=ADDRESS),
    ]


def everything_said(error):
    """The error as a log, a page or an error reporter would show it."""
    seen, said = [], []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        said += [str(link), repr(link), repr(link.args), repr(vars(link))]
        link = link.__cause__ or link.__context__
    said += traceback.format_exception(error)
    return "\n".join(said)


def check(error, caplog, observer):
    logging.getLogger("somebody").error("failed", exc_info=error)
    told = everything_said(error) + caplog.text + repr(observer.reports)
    for secret in (*SECRETS, BUYER, "planted-sign"):
        assert secret not in told


def search(session, observer):
    moment = datetime(2026, 9, 1, tzinfo=UTC)
    client = make_client(session, observer=observer)
    client.search_orders(moment, moment.replace(day=2))


def subscribe(session, observer):
    make_client(session, observer=observer).set_webhook("NEW_MESSAGE", "https://x")


def exchange(session, observer):
    auth.exchange_code(
        APP_KEY, APP_SECRET, AUTH_CODE, session=session, observer=observer
    )


def refresh(session, observer):
    auth.refresh(APP_KEY, APP_SECRET, REFRESH_TOKEN, session=session, observer=observer)


@pytest.mark.parametrize("number", range(len(outcomes())))
@pytest.mark.parametrize(
    ("act", "sent"),
    [
        (search, [APP_SECRET, ACCESS_TOKEN, CIPHER]),
        (subscribe, [APP_SECRET, ACCESS_TOKEN, CIPHER]),
        (exchange, [APP_SECRET, AUTH_CODE]),
        (refresh, [APP_SECRET, REFRESH_TOKEN]),
    ],
)
def test_a_failure_tells_no_secret(act, sent, number, caplog):
    caplog.set_level(logging.DEBUG)
    observer = RecordingObserver()
    session = FakeSession()
    session.on_call = lambda: session.script.insert(0, outcomes(*sent)[number])

    with pytest.raises(PlatformError) as caught:
        act(session, observer)

    check(caught.value, caplog, observer)


def test_a_client_does_not_show_its_secrets():
    shown = repr(vars(make_client(FakeSession())))

    assert not [secret for secret in SECRETS if secret in shown]
