"""The description of the API is complete, and only for those who may sign in."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client as Browser

from tests.api.support import Caller, code
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


def test_the_description_is_valid_and_made_without_a_warning():
    described = StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=described)

    assert "openapi: 3.1.0" in described.getvalue()


def test_programs_and_people_may_read_it_and_nobody_else():
    user = make_user()
    browser = Browser()
    browser.force_login(user)

    assert Caller(user, ["me:read"]).get("schema/").json()["openapi"] == "3.1.0"
    assert browser.get("/api/v1/schema/").status_code == 200
    assert code(Browser().get("/api/v1/schema/")) == (401, "not_authenticated")


def test_every_operation_says_how_it_may_fail():
    paths = Caller(make_user()).get("schema/").json()["paths"]

    operations = [
        (f"{method} {path}", operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    assert len(operations) > 35
    for name, operation in operations:
        answers = operation["responses"]
        assert {"400", "401", "403", "429"} <= answers.keys(), name
        assert ("404" in answers) == ("{" in name), name
        sent = {row["name"] for row in operation.get("parameters", [])}
        is_write = not name.startswith("get")
        assert ("Idempotency-Key" in sent) == is_write, name
        assert ("409" in answers and "422" in answers) == is_write, name
        assert operation["tags"][0], name


def test_the_pages_about_it_load_nothing_inline_or_from_elsewhere():
    browser = Browser()
    browser.force_login(make_user())

    page = browser.get("/api/v1/docs/").content.decode()
    script = browser.get("/api/v1/docs/?script")

    assert "<script>" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.content.decode()


def test_who_is_signed_out_is_sent_to_sign_in_and_back():
    answer = Browser().get("/api/v1/docs/")

    assert answer.status_code == 302
    assert answer["Location"] == "/admin/login/?next=/api/v1/docs/"
