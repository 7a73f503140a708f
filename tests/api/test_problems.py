"""Whatever goes wrong below /api/ is a problem in one form, never a page."""

import json

import pytest
from django.test import Client as Browser
from django.urls import path

from apps.core.api.problems import problems
from apps.core.api.views import ApiView
from apps.platforms.errors import LastAdmin, NotYours
from config import urls as project
from tests.api.support import Caller, code
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


class Failing(ApiView):
    permission_classes = []

    def get(self, request, how: str):
        errors = {"rule": LastAdmin("Ahmad would be the last."), "bug": KeyError("x")}
        errors["foreign"] = NotYours("You do not manage the team there.")
        raise errors[how]


urlpatterns = [path("api/failing/<str:how>/", Failing.as_view()), *project.urlpatterns]
handler404, handler500 = project.handler404, project.handler500


@pytest.fixture
def caller() -> Caller:
    return Caller(make_user(is_superuser=True))


@pytest.fixture
def browser() -> Browser:
    return Browser(raise_request_exception=False)


def test_nobody_is_asked_for_a_token(browser):
    answer = browser.get("/api/v1/me/")

    assert code(answer) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "sent",
    [
        "Bearer wrong",
        "Bearer",
        "Bearer two words",
        "Bearer sd_" + "0" * 64,
        "Bearer ünïcode",
        "Bearer " + "a" * 10_000,
        "Bearer sd_0123456789ab\x00cdef",
    ],
)
def test_a_token_that_does_not_hold_is_refused(browser, sent):
    answer = browser.get("/api/v1/me/", headers={"Authorization": sent})

    assert code(answer) == (401, "authentication_failed")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "address", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v1/shops", "/api/v2/x"]
)
def test_an_unknown_address_is_a_problem_for_everybody(caller, browser, address):
    assert code(browser.get(address)) == (404, "not_found")
    assert code(caller.get(address)) == (404, "not_found")


def test_a_wrong_method_says_which_there_are(caller):
    answer = caller.post("me/", {})

    assert code(answer) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD"
    options = caller.browser.options(
        "/api/v1/me/", headers={"Authorization": f"Bearer {caller.token}"}
    )
    assert code(options) == (405, "method_not_allowed")


def test_only_json_is_read_and_written(caller):
    shop = make_shop()

    written = caller.browser.patch(
        f"/api/v1/shops/{shop.pk}/",
        data="name=x",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": f"Bearer {caller.token}"},
    )

    assert code(written) == (415, "unsupported_media_type")
    assert code(caller.get("me/", Accept="text/html")) == (406, "not_acceptable")


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[1",
        "\x00",
        '{"name": Infinity}',
        '{"name": ' + "9" * 5000 + "}",
        "[" * 200_000,
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_not_json_is_said_to_be_none(caller, body):
    shop = make_shop()

    assert code(caller.patch(f"shops/{shop.pk}/", body)) == (400, "parse_error")


def test_a_body_that_is_too_large_is_not_read(caller):
    shop = make_shop()
    body = json.dumps({"name": "x" * 3_000_000})

    assert code(caller.patch(f"shops/{shop.pk}/", body)) == (413, "too_large")


def test_errors_name_each_field(caller):
    shop = make_shop()

    answer = caller.patch(
        f"shops/{shop.pk}/", {"name": "", "time_zone": "Mars/Olympus", "colour": "red"}
    )

    assert code(answer) == (400, "invalid")
    assert answer.json()["errors"] == [
        {"field": "colour", "code": "unknown_field", "detail": "No such field."}
    ]
    answer = caller.patch(f"shops/{shop.pk}/", {"name": "", "time_zone": "Mars/X"})
    assert [(row["field"], row["code"]) for row in answer.json()["errors"]] == [
        ("name", "blank"),
        ("time_zone", "invalid"),
    ]


@pytest.mark.parametrize(
    "name", ["\ud800", "a\x00b", "x" * 121, 10**400, ["a"], {"a": 1}, True, None, ""]
)
def test_a_name_that_cannot_be_kept_is_refused(caller, name):
    shop = make_shop(name="Lamps")

    assert code(caller.patch(f"shops/{shop.pk}/", {"name": name})) == (400, "invalid")
    shop.refresh_from_db()
    assert shop.name == "Lamps"


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("shops/999999999999999999999999999999/", (404, "not_found")),
        ("shops/%00/", (404, "not_found")),
        ("shops/-1/", (404, "not_found")),
        ("shops/?search=%00", (400, "invalid")),
        ("shops/?client=99999999999999999999999999", (400, "invalid")),
        ("shops/?client=%ED%A0%80", (400, "invalid")),
        ("shops/?page_size=0", (400, "invalid")),
        ("shops/?page_size=201", (400, "invalid")),
        ("shops/?page_size=%EF%BC%99", (400, "invalid")),
        ("shops/?ordering=client__name", (400, "invalid")),
        ("shops/?is_default=maybe", (400, "invalid")),
        ("calls/?code=99999999999999999999999999", (400, "invalid")),
        ("orders/?updated_since=yesterday", (400, "invalid")),
        ("orders/?updated_since=0001-01-01T00:00:00Z", (400, "invalid")),
        ("orders/?updated_since=2026-11-25T08:00:00", (400, "invalid")),
        ("orders/?updated_since=2026-99-99T08:00:00Z", (400, "invalid")),
    ],
)
def test_odd_addresses_are_refused_and_nothing_breaks(caller, address, answer):
    assert code(caller.get(address)) == answer


def test_an_unknown_parameter_is_named_with_those_there_are(caller):
    answer = caller.get("shops/?colour=red&region=MY")

    assert code(answer) == (400, "unknown_parameter")
    assert answer.json()["errors"][0]["field"] == "colour"
    assert "region" in answer.json()["detail"]
    shop = make_shop()
    detail = caller.get(f"shops/{shop.pk}/?region=MY")
    assert code(detail) == (400, "unknown_parameter")


@pytest.mark.urls(__name__)
def test_a_broken_rule_has_a_code_of_its_own(browser):
    answer = browser.get("/api/failing/rule/")

    assert code(answer) == (409, "last_admin")
    assert answer.json()["detail"] == "Ahmad would be the last."
    assert code(browser.get("/api/failing/foreign/")) == (403, "not_yours")


@pytest.mark.urls(__name__)
def test_a_mistake_of_ours_tells_nothing_but_its_number(browser, caplog):
    answer = browser.get("/api/failing/bug/")

    assert code(answer) == (500, "server_error")
    assert b"KeyError" not in answer.content
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    assert answer["X-Request-Id"] in caplog.text
    assert "KeyError" in caplog.text


def test_the_address_of_each_problem_explains_it(browser):
    listed = browser.get("/api/problems").json()["results"]

    assert len(listed) == len(problems()) > 30
    for row in listed:
        assert browser.get(row["type"]).json() == row
    codes = {row["code"]: row["status"] for row in listed}
    assert codes["last_admin"] == 409
    assert codes["not_yours"] == 403
    assert code(browser.get("/api/problems/none")) == (404, "not_found")


def test_pages_keep_their_own_errors(browser):
    answer = browser.get("/nowhere/")

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
