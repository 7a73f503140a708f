import pytest

from apps.platforms.models import ApiApp
from apps.platforms.services.app_secrets import note_viewed
from apps.platforms.services.trail import Actor
from apps.users.models import AuditEntry, User
from tests.factories.platforms import make_api_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return User.objects.create_superuser("pat", password="planted-password")


def test_a_look_at_a_secret_is_audited(person):
    note_viewed(make_api_app(), "app secret", by=Actor(person))

    assert AuditEntry.objects.get().verb == "viewed secret"


def test_the_form_for_apps_audits_a_new_secret_and_nothing_else(person, client):
    app = make_api_app()
    client.force_login(person)
    address = f"/admin/platforms/apiapp/{app.pk}/change/"
    fields = {
        "name": app.name,
        "platform": app.platform,
        "environment": app.environment,
        "app_key": app.app_key,
        "service_id": app.service_id,
        "scope_category": app.scope_category,
    }

    assert client.post(address, fields).status_code == 302
    assert not AuditEntry.objects.exists()
    assert client.post(address, {**fields, "new_secret": "planted"}).status_code == 302

    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.target_id) == (person, str(app.pk))
    assert "planted" not in str(entry.details)
    assert ApiApp.objects.get().app_secret == "planted"
