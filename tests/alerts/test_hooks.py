"""Other tools are told: signed, again where they are away, and nowhere inside."""

import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from apps.alerts.models import AlertHookDelivery
from apps.alerts.services import hooks
from apps.alerts.services.telling import tell
from apps.core import posting
from apps.core.errors import HookRefused
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.alerts.looking import NOW
from tests.alerts.test_mail import happen
from tests.factories.alerts import HOOK_SECRET, make_hook
from tests.factories.platforms import make_shop
from tests.factories.users import make_client

pytestmark = pytest.mark.django_db
State = AlertHookDelivery.State


@contextmanager
def listener(status=200, headers=()):
    """A server of one's own; what it was posted."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            heard.append((dict(self.headers), self.rfile.read(length), self.path))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/in?key=1", heard
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


def test_a_tool_is_posted_what_happened_signed(shop, company):
    with listener() as (address, heard):
        make_hook(company, address=address)
        alert = happen(shop)
        tell(NOW)
        tell(NOW)
        assert hooks.deliver_due(timezone.now()) == 1

    [(headers, body, path)] = heard
    told = json.loads(body)
    assert path == "/in?key=1"
    assert (told["event"], told["alert"]["id"]) == ("opened", alert.pk)
    assert told["shop"] == {"id": shop.pk, "name": "Main Store", "region": "MY"}
    signed = headers["X-Shopdesk-Timestamp"].encode() + b"." + body
    expected = hmac.new(HOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Shopdesk-Signature"] == f"sha256={expected}"
    row = AlertHookDelivery.objects.get()
    assert (row.state, row.http_status, row.message) == (
        State.DONE,
        200,
        "It answered 200.",
    )


def test_a_hook_hears_of_its_own_client_and_its_own_kinds(shop, company):
    make_hook(make_client())
    make_hook(company, codes=["ORDER_SYNC_DELAY"])
    make_hook(company, is_on=False)
    mine = make_hook(company, codes=["SYNC_FAILURES"])
    happen(shop)
    happen(None, code="CHECKS_STOPPED", subject="")

    tell(NOW)

    assert [row.hook for row in AlertHookDelivery.objects.all()] == [mine]


def test_a_tool_that_is_away_is_posted_again_and_given_up_at_last(shop, company):
    with listener(status=500) as (address, heard):
        make_hook(company, address=address)
        happen(shop)
        tell(timezone.now())
        hooks.deliver_due(timezone.now())
        row = AlertHookDelivery.objects.get()
        assert (row.state, row.attempts) == (State.WAITING, 1)
        assert row.next_try_at > timezone.now() + timedelta(seconds=20)
        assert hooks.deliver_due(timezone.now()) == 0
        AlertHookDelivery.objects.update(
            attempts=len(hooks.PAUSES), next_try_at=timezone.now()
        )
        hooks.deliver_due(timezone.now())

    assert len(heard) == 2
    assert AlertHookDelivery.objects.get().state == State.FAILED


def test_a_tool_that_is_away_is_asked_once_a_sweep_and_holds_up_no_other(shop, company):
    with listener(status=503) as (away, tried), listener() as (address, heard):
        make_hook(company, address=away)
        make_hook(company, address=address)
        for number in range(3):
            happen(shop, subject=str(number))
        tell(timezone.now())

        assert hooks.deliver_due(timezone.now()) == 3

    assert (len(tried), len(heard)) == (1, 3)


def test_nobody_is_followed_elsewhere(company):
    with listener(302, [("Location", "http://127.0.0.1:9/")]) as (address, heard):
        row = hooks.try_out(make_hook(company, address=address), By())

    assert len(heard) == 1
    assert row.state == State.FAILED
    assert row.message == "It sends us elsewhere, where we do not go."


def test_a_host_that_is_not_there_is_said_to_be_not_there(company):
    hook = make_hook(company, address="http://127.0.0.1:9/in")

    row = hooks.try_out(hook, By())

    assert (row.http_status, row.message) == (None, "It could not be reached.")


@pytest.mark.parametrize(
    "address",
    [
        "http://pager.example.com/in",
        "https://user:word@pager.example.com/in",
        "https://127.0.0.1/in",
        "https://[::1]/in",
        "https://[::ffff:10.0.0.1]/in",
        "https://169.254.169.254/latest",
        "https:///in",
        "https://pager.example.com:port/in",
        "ftp://pager.example.com/in",
    ],
)
def test_only_public_addresses_over_https_will_do(address, settings, company):
    settings.ALERT_HOOKS_MAY_STAY_INSIDE = False

    with pytest.raises(HookRefused):
        hooks.make(company, By(), name="Pager", address=address)


@pytest.mark.parametrize(
    "found", [["10.0.0.7"], ["93.184.216.34", "127.0.0.1"], ["fe80::1%eth0"], []]
)
def test_a_name_that_leads_inside_is_not_called(found, settings):
    settings.ALERT_HOOKS_MAY_STAY_INSIDE = False

    answer = posting.post(
        "https://pager.example.com/in",
        HOOK_SECRET,
        "{}",
        delivery="1",
        resolve=lambda host: found,
    )

    assert answer.status == 0
    assert answer.words in (
        "It leads to an address that is not public.",
        "There is no such host.",
    )


def test_the_secret_is_in_no_log_and_told_once(company):
    hook, secret = hooks.make(company, By(), name="Pager", address="https://a.example")
    renewed = hooks.renew_secret(hook, By())

    assert secret != renewed
    hook.refresh_from_db()
    assert hook.secret == renewed
    said = repr(list(AuditEntry.objects.values()))
    assert "made an alert hook" in said
    assert secret not in said
    assert renewed not in said


def test_what_waits_for_a_hook_that_is_off_waits_on(shop, company):
    hook = make_hook(company)
    happen(shop)
    tell(NOW)
    hooks.change(hook, By(), is_on=False)

    assert hooks.deliver_due(timezone.now()) == 0
    assert AlertHookDelivery.objects.get().attempts == 0
