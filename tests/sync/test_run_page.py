"""The list of runs and the page of one: found, followed, stopped, tried again."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.core.processes import process_name
from apps.sync import tasks
from apps.sync.admin import run_page
from apps.sync.models import Resource, SyncIssue, SyncRun
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements
from tests.platforms.screens_support import notices, signed_in
from tests.sync.queued import noted

pytestmark = pytest.mark.django_db
LIST = reverse("admin:sync_syncrun_changelist")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def browser(company):
    person = make_user("clerk", clients=[company], permissions=["process_orders"])
    return signed_in(person)


def page_of(run):
    return reverse("admin:sync_syncrun_change", args=[run.pk])


def deed(run, name):
    return reverse("admin:sync_syncrun_act", args=[run.pk, name])


def asked_by(browser, address):
    """The number of statements of a page."""
    with statements() as found:
        assert browser.get(address).status_code == 200
    return len(found)


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def failed_run(shop, *ids, **fields):
    values = {"state": SyncRun.State.PARTLY, "failed": len(ids), "read": 10}
    run = make_run(shop, **values | fields)
    for remote_id in ids:
        SyncIssue.objects.create(run=run, remote_id=remote_id, message="=no total")
    return run


def shown(browser, **asked):
    return set(browser.get(LIST, asked).context["cl"].result_list)


def test_the_list_is_filtered_by_shop_kind_state_trigger_and_days(shop, browser):
    other = make_shop(shop.client)
    old = make_run(shop, started_at=timezone.now() - timedelta(days=3))
    failed = make_run(shop, state=SyncRun.State.FAILED, trigger="user")
    elsewhere = make_run(other, resource=Resource.PRODUCTS)
    day = (timezone.now() - timedelta(days=2)).date().isoformat()

    assert shown(browser) == {old, failed, elsewhere}
    assert shown(browser, shop=shop.pk) == {old, failed}
    assert shown(browser, resource="products") == {elsewhere}
    assert shown(browser, state="failed", trigger="user") == {failed}
    assert shown(browser, until=day) == {old}
    assert shown(browser, since=day) == {failed, elsewhere}
    page = text(browser.get(LIST, {"resource": "returns"}))
    assert "No runs match these filters" in page


def test_an_empty_list_leads_to_the_dashboard(shop, browser):
    assert "No sync has run. Start one" in text(browser.get(LIST))


def test_the_list_asks_as_much_for_many_runs(shop, browser):
    make_run(shop)
    few = asked_by(browser, LIST)
    for _ in range(5):
        make_run(make_shop(shop.client))

    assert asked_by(browser, LIST) == few


def test_runs_of_others_are_as_good_as_absent(shop, browser):
    theirs = failed_run(make_shop(make_client()), "580001")
    absent = theirs.pk + 1

    for name in ("change", "status", "errors"):
        answers = [
            browser.get(reverse(f"admin:sync_syncrun_{name}", args=[key]))
            for key in (theirs.pk, absent)
        ]
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].status_code in (302, 404)
    for name in run_page.DEEDS:
        assert browser.post(deed(theirs, name)).status_code == 302
    theirs.refresh_from_db()
    assert theirs.stop_asked_at is None


def test_the_page_tells_what_failed_in_the_platforms_words(shop, browser):
    run = failed_run(shop, "580001", "580002", new=8, first_error="580001: no total")

    page = text(browser.get(page_of(run)))

    assert "Orders of Main Store (MY) Done with failures" in page
    assert "10 orders · new 8 · failed 2" in page
    assert "580001 =no total" in page
    assert "Retry 2 orders that failed" in page
    assert "Stop after this page" not in page


def test_errors_are_a_file_that_runs_nothing(shop, browser):
    run = failed_run(shop, "580001")

    answer = browser.get(reverse("admin:sync_syncrun_errors", args=[run.pk]))

    content = b"".join(answer.streaming_content).decode()
    assert list(csv.reader(io.StringIO(content))) == [
        ["item", "why"],
        ["580001", "'=no total"],
    ]


def test_failed_items_are_handed_to_a_worker(shop, browser, monkeypatch):
    sent: list[Any] = []
    monkeypatch.setattr(
        tasks.retry_failed_items, "delay", lambda *args: sent.append(args)
    )
    run = failed_run(shop, "580001")

    answer = browser.post(deed(run, "retry-items"), follow=True)

    assert "1 order asked for again" in notices(answer)
    (key, user, _), *_ = sent
    assert (key, user) == (run.pk, answer.context["user"].pk)


def test_it_is_said_that_many_items_take_their_time(shop, browser, monkeypatch):
    monkeypatch.setattr(tasks.retry_failed_items, "delay", lambda *args: None)
    run = failed_run(shop, "580001", failed=501)
    rows = [SyncIssue(run=run, remote_id=str(n), message="x") for n in range(500)]
    SyncIssue.objects.bulk_create(rows)

    assert "Retry 501 orders that failed" in text(browser.get(page_of(run)))
    answer = browser.post(deed(run, "retry-items"), follow=True)

    assert "501 orders are asked for again in the background" in notices(answer)


def test_a_queue_that_does_not_answer_is_told(shop, browser, monkeypatch):
    def away(*args):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.retry_failed_items, "delay", away)

    answer = browser.post(deed(failed_run(shop, "580001"), "retry-items"), follow=True)

    assert "The task queue does not answer" in notices(answer)


def test_the_same_period_is_pulled_again(shop, browser, monkeypatch):
    sent: list[Any] = []
    for name, send in noted(sent).items():
        monkeypatch.setattr(tasks.pull_orders, name, send)
    since = timezone.now() - timedelta(days=2)
    until = since + timedelta(days=1)
    run = failed_run(shop, "580001", since=since, until=until)

    browser.post(deed(run, "retry"))

    assert sent == [(shop.pk, "user", since.isoformat(), until.isoformat())]


def test_a_run_under_way_is_followed_and_stopped(shop, browser):
    run = make_run(
        shop,
        state=SyncRun.State.RUNNING,
        ended_at=None,
        process=process_name(),
        expected=40,
        read=10,
        started_at=timezone.now() - timedelta(seconds=10),
    )
    page = browser.get(page_of(run)).content.decode()
    assert "data-run-status" in page
    status = reverse("admin:sync_syncrun_status", args=[run.pk])
    told = browser.get(status).json()
    assert told.pop("words").startswith("10 of 40 orders · 0:3")
    assert told == {"done": 10, "total": 40, "is_over": False}

    answer = browser.post(deed(run, "stop"), follow=True)

    assert "It stops after the page at hand" in notices(answer)
    assert "Stopping" in text(answer)
    assert browser.get(status).json()["words"].endswith("stops after this page")


def test_who_may_only_look_does_nothing(company, shop):
    analyst = make_user("analyst", clients=[company], permissions=["view_analytics"])
    browser = signed_in(analyst)
    run = failed_run(shop, "580001")

    assert "Retry" not in text(browser.get(page_of(run)))
    for name in run_page.DEEDS:
        assert browser.post(deed(run, name)).status_code == 403
    assert browser.get(deed(run, "stop")).status_code == 405
