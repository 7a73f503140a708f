import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from apps.integrations.errors import OurFault, PlatformUnavailable
from apps.integrations.http import HICCUP_PAUSE_SECONDS, Request, Timeouts, send
from tests.integrations.tiktok.fakes import FakeSession, answer

REQUEST = Request(
    "GET", "https://api.example/x", {"secret": "planted"}, {"a": "b"}, b"body"
)
BROKEN = requests.ConnectionError("https://api.example/x?secret=planted")
CUT = requests.exceptions.ChunkedEncodingError("secret=planted")
SLOW = requests.ReadTimeout("secret=planted")


def try_to_send(session, *, safe=True, **options):
    options.setdefault("sleep", lambda seconds: None)
    return send(session, lambda: REQUEST, safe=safe, **options)


def test_every_call_has_time_limits_and_follows_no_redirect():
    session = FakeSession(answer(b"{}"), answer(b"", status=302))

    try_to_send(session)
    reply = try_to_send(session, timeouts=Timeouts(1, 2))

    first, second = session.sent
    assert first.options == {"timeout": (5.0, 30.0), "allow_redirects": False}
    assert second.options["timeout"] == (1, 2)
    assert reply.status == 302


@pytest.mark.parametrize("hiccup", [BROKEN, CUT])
def test_a_hiccup_is_tried_once_more(hiccup):
    session = FakeSession(hiccup, answer(b"{}"))
    naps: list[float] = []
    failures: list[int] = []

    reply = try_to_send(session, sleep=naps.append, on_failure=failures.append)

    assert reply.body == b"{}"
    assert naps == [HICCUP_PAUSE_SECONDS]
    assert len(failures) == 1


def test_each_try_is_prepared_afresh():
    session = FakeSession(BROKEN, answer(b"{}"))
    numbers = iter("12")

    send(
        session,
        lambda: Request("GET", "https://api.example/x", {"n": next(numbers)}),
        safe=True,
        sleep=lambda seconds: None,
    )

    assert [sent.params["n"] for sent in session.sent] == ["1", "2"]


def test_two_hiccups_are_a_failure():
    session = FakeSession(BROKEN, BROKEN)

    with pytest.raises(PlatformUnavailable, match="could not be reached"):
        try_to_send(session)


@pytest.mark.parametrize("failure", [BROKEN, CUT, SLOW])
def test_a_write_is_never_repeated(failure):
    session = FakeSession(failure)

    with pytest.raises(PlatformUnavailable):
        try_to_send(session, safe=False)
    assert len(session.sent) == 1


def test_a_timeout_is_no_hiccup():
    session = FakeSession(SLOW)

    with pytest.raises(PlatformUnavailable, match=r"api\.example did not answer in"):
        try_to_send(session)


@pytest.mark.parametrize(
    "failure",
    [
        requests.exceptions.InvalidURL("planted"),
        UnicodeEncodeError("a", "b", 0, 1, "c"),
    ],
)
def test_what_cannot_be_sent_is_our_fault(failure):
    with pytest.raises(OurFault):
        try_to_send(FakeSession(failure))


@pytest.mark.parametrize(
    "failure", [BROKEN, CUT, SLOW, requests.exceptions.TooManyRedirects("planted")]
)
def test_no_failure_leads_back_to_the_address(failure):
    with pytest.raises(PlatformUnavailable) as caught:
        try_to_send(FakeSession(failure), safe=False)

    assert "planted" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_request_shows_nothing_of_itself():
    assert repr(REQUEST) == "Request(method='GET')"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        whole = b'{"code":0}'
        self.send_response(200)
        promised = len(whole) + (50 if "cut" in self.path else 0)
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        self.wfile.write(whole)

    def log_message(self, format, *args):
        return None


@pytest.fixture
def server_url():
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_over_a_real_connection_no_log_shows_the_query(server_url, caplog):
    caplog.set_level(logging.DEBUG)
    request = Request("GET", f"{server_url}/token", {"secret": "planted"})

    with requests.Session() as session:
        reply = send(session, lambda: request, safe=True)

    assert reply.body == b'{"code":0}'
    assert "/token" in caplog.text
    assert "planted" not in caplog.text


def test_over_a_real_connection_a_cut_body_is_noticed(server_url):
    request = Request("GET", f"{server_url}/cut", {"secret": "planted"})

    with (
        requests.Session() as session,
        pytest.raises(PlatformUnavailable, match="cut short"),
    ):
        send(session, lambda: request, safe=True, sleep=lambda seconds: None)
