"""The form of an API app: its secret goes in and never comes back."""

import pytest
from django.test import Client as Browser

from apps.platforms.models import ApiApp
from tests.factories.platforms import APP_SECRET, make_api_app
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

ADD = "/admin/platforms/apiapp/add/"
FORM = {
    "name": "Main",
    "platform": "tiktok",
    "environment": "production",
    "app_key": "key-1",
    "service_id": "73",
    "scope_category": "multi_channel",
    "new_secret": "",
}


@pytest.fixture
def root():
    browser = Browser()
    browser.force_login(make_user(is_superuser=True))
    return browser


def change(app):
    return f"/admin/platforms/apiapp/{app.pk}/change/"


def test_a_new_app_needs_its_secret(root):
    page = root.post(ADD, FORM)

    assert page.status_code == 200
    assert "A new app needs its secret." in page.content.decode()
    assert ApiApp.objects.count() == 0


def test_a_new_app_keeps_its_secret_encrypted(root):
    page = root.post(ADD, FORM | {"new_secret": f" {APP_SECRET} "}, follow=True)

    assert ApiApp.objects.get().app_secret == APP_SECRET
    assert APP_SECRET not in page.content.decode()


def test_the_secret_is_never_rendered_back(root):
    app = make_api_app()

    for address in (change(app), "/admin/platforms/apiapp/", "/admin/"):
        assert APP_SECRET not in root.get(address).content.decode()
    assert (
        f"ends …{APP_SECRET[-4:]}"
        in root.get("/admin/platforms/apiapp/").content.decode()
    )


def test_an_empty_field_keeps_the_secret(root):
    app = make_api_app()

    page = root.post(change(app), FORM | {"name": "Renamed"}, follow=True)

    assert page.status_code == 200
    app.refresh_from_db()
    assert (app.name, app.app_secret) == ("Renamed", APP_SECRET)


def test_a_new_secret_replaces_the_old_one(root):
    app = make_api_app()

    root.post(change(app), FORM | {"new_secret": "another-secret"})

    app.refresh_from_db()
    assert app.app_secret == "another-secret"


def test_a_refused_form_does_not_show_the_secret_typed_in(root):
    app = make_api_app()

    page = root.post(change(app), FORM | {"name": "", "new_secret": "typed-in-secret"})

    assert page.status_code == 200
    assert "typed-in-secret" not in page.content.decode()
    app.refresh_from_db()
    assert app.app_secret == APP_SECRET


def test_the_history_of_an_app_holds_no_secret(root):
    app = make_api_app()
    root.post(change(app), FORM | {"new_secret": "another-secret"})

    page = root.get(f"/admin/platforms/apiapp/{app.pk}/history/").content.decode()

    assert "another-secret" not in page
    assert APP_SECRET not in page
