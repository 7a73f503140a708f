"""Lines that say what they belong to: a request, a task, a run, an event."""

import io
import json
import logging
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser

from apps.core.logging import JSONFormatter, TextFormatter, bound
from config import celery as ours

logger = logging.getLogger("tests.joined")


@pytest.fixture(params=[JSONFormatter(), TextFormatter("{message}", style="{")])
def lines(request):
    """Call it for the lines, as written by each formatter."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: stream.getvalue().splitlines()
    logger.removeHandler(handler)


def test_a_line_names_all_it_belongs_to(lines):
    with bound(request="abc"), bound(run=7, event=12):
        logger.info("inside")
    logger.info("outside")

    inside, outside = lines()
    if inside.startswith("{"):
        ids = {"request": "abc", "run": "7", "event": "12"}
        assert ids.items() <= json.loads(inside).items()
        assert not ids.keys() & json.loads(outside).keys()
    else:
        assert inside == "inside [request=abc run=7 event=12]"
        assert outside == "outside"


def test_an_error_ends_what_was_bound(lines):
    with pytest.raises(RuntimeError), bound(run=7):
        raise RuntimeError
    logger.info("after")

    assert "run" not in lines()[0]


def test_the_settings_use_both_formatters():
    formatters: Any = settings.LOGGING["formatters"]

    assert {name: row["()"] for name, row in formatters.items()} == {
        "plain": "apps.core.logging.TextFormatter",
        "json": "apps.core.logging.JSONFormatter",
    }


def test_a_task_names_itself_and_the_request_that_sent_it(lines):
    headers: dict[str, str] = {}
    with bound(request="abc"):
        ours.name_the_request(headers=headers)

    class Task:
        request = type("Request", (), headers)

    ours.join_lines(task_id="t-1", task=Task)
    logger.info("inside")
    ours.part_lines(task_id="t-1")
    logger.info("outside")

    inside, outside = lines()
    assert "t-1" in inside
    assert "abc" in inside
    assert "t-1" not in outside


def test_messages_carry_the_request_to_the_worker():
    """Through a broker in memory: what a worker would see of the message."""
    with ours.app.connection_for_write() as connection:
        queue = connection.SimpleQueue("tests.joined")
        with bound(request="abc"):
            ours.app.send_task(
                "tests.nothing", connection=connection, queue="tests.joined"
            )
        message = queue.get(timeout=5)
        message.ack()
        queue.close()

    assert message.headers["shopdesk_request"] == "abc"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ("from-proxy-0123", True),
        ("short", False),
        ("x" * 65, False),
        ("with space in it", False),
        ("line\nbreak-and-more", False),
        ("", False),
    ],
)
def test_an_answer_names_its_request(given, is_taken):
    answer = Browser().get("/health/", headers={"X-Request-Id": given})

    assert (answer.headers["X-Request-Id"] == given) is is_taken
    assert len(answer.headers["X-Request-Id"]) >= 8


@pytest.mark.django_db
def test_a_problem_of_the_api_has_the_same_name():
    answer = Browser().get("/api/v1/orders/", headers={"X-Request-Id": "named-already"})

    assert answer.status_code == 401
    assert answer.json()["request_id"] == "named-already"
    assert answer.headers["X-Request-Id"] == "named-already"


@pytest.mark.django_db
def test_a_broken_page_says_its_reference(monkeypatch):
    def broken(request):
        raise ValueError

    monkeypatch.setattr("apps.backoffice.views.landing_of", broken)
    browser = Browser(raise_request_exception=False)

    page = browser.get("/", headers={"X-Request-Id": "reference-9"})

    assert page.status_code == 500
    assert "reference-9" in page.content.decode()
