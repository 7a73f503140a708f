import io
import json
import logging

import pytest

from apps.core.logging import JSONFormatter, Redact, redacted, without_request_values

SECRET = "planted-value-6e1f"


@pytest.fixture
def lines():
    """A logger through the filter and the JSON formatter; call it for the lines."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Redact())
    handler.setFormatter(JSONFormatter())
    logger = logging.getLogger("tests.redaction")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)


logger = logging.getLogger("tests.redaction")


@pytest.mark.parametrize(
    "text",
    [
        f"access_token={SECRET}",
        f"refresh_token={SECRET}&grant_type=refresh_token",
        f'{{"access_token": "{SECRET}", "code": 0}}',
        f"{{'app_secret': '{SECRET}'}}",
        f"x-tts-access-token: {SECRET}",
        f"Authorization: {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"https://host/api/v2/token/get?app_secret={SECRET}&auth_code={SECRET}",
        f"PASSWORD = {SECRET}",
        f"shop_cipher={SECRET} sign={SECRET}",
        f"FERNET_KEYS={SECRET}",
        f"Not Found: /account/invitation/WzEsIm:{SECRET}/",
        f"/admin/login/?next=%2Faccount%2Finvitation%2FWzEsIm%3A{SECRET}%2F",
        f"Bad Request: /platforms/grant/{SECRET}/",
        f"/account/password/reset/MTI/{SECRET}/",
    ],
)
def test_the_values_of_secrets_are_replaced(text):
    clean = redacted(text)

    assert SECRET not in clean
    assert "***" in clean


@pytest.mark.parametrize(
    "text",
    [
        "order ingested shop=12 order=5800001",
        "tokens refreshed authorization_id=7",
        "design=new resign=no",
    ],
)
def test_ordinary_lines_stay_as_they_are(text):
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            'new row for relation "orders_order" violates check constraint "c"\n'
            "DETAIL:  Failing row contains (2, Planted (Mr).\n12 Jalan Planted, x).\n"
            'CONTEXT:  COPY orders_order, line 3: "2\tPlanted"\n\nThe above',
            'new row for relation "orders_order" violates check constraint "c"\n'
            "DETAIL:  Failing row contains ***\n"
            "CONTEXT:  COPY orders_order, line 3 ***\n\nThe above",
        ),
        (
            "DETAIL:  Key (shop_id, username)=(1, planted_lover) already exists.",
            "DETAIL:  Key (shop_id, username)=*** already exists.",
        ),
        (
            "DETAIL:  Key (shop_id, remote_id)=(1, 581) already exists.",
            "DETAIL:  Key (shop_id, remote_id)=(1, 581) already exists.",
        ),
    ],
)
def test_the_databases_words_about_a_row_are_told_without_the_row(text, clean):
    assert redacted(text) == clean


def test_arguments_and_tracebacks_are_cleaned_too(lines):
    try:
        raise ValueError(f"no answer to /token/get?app_secret={SECRET}")
    except ValueError:
        logger.exception("call failed url=%s", f"https://x/?auth_code={SECRET}")

    (line,) = lines()
    assert SECRET not in json.dumps(line)
    assert line["message"] == "call failed url=https://x/?auth_code=***"
    assert "ValueError" in line["error"]
    assert "app_secret=***" in line["error"]


def test_a_json_line_says_when_who_and_what(lines):
    logger.info("order ingested shop=%s", 12)

    (line,) = lines()
    assert line["message"] == "order ingested shop=12"
    assert line["level"] == "INFO"
    assert line["logger"] == "tests.redaction"
    assert line["time"].endswith("+00:00")
    assert "error" not in line


def test_somebodys_broken_log_call_does_not_break_the_program(lines):
    logger.info("two %s places %s", "one value")

    (line,) = lines()
    assert "two" in line["message"]


def test_an_error_report_says_where_it_happened_and_nothing_of_what_was_sent():
    event = {
        "message": "broken",
        "exception": {
            "values": [
                {"type": "IntegrityError", "value": "Failing row contains (PLANTED)."}
            ]
        },
        "request": {
            "method": "GET",
            "url": "https://desk.example.com/platforms/tiktok/callback/",
            "query_string": "code=PLANTED",
            "data": {"q": "PLANTED"},
            "cookies": {"sessionid": "PLANTED"},
            "headers": {"Cookie": "PLANTED"},
        },
    }

    report = without_request_values(event, None)

    assert "PLANTED" not in str(report)
    assert report["request"]["url"].endswith("/callback/")
    assert report["message"] == "broken"
