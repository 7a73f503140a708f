import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection

from apps.platforms.models import Authorization
from apps.platforms.services import keys
from apps.platforms.services.keys import encrypted_models, prove, rotate_keys
from tests.factories.platforms import CIPHER, make_connected_shop

pytestmark = pytest.mark.django_db

OLD, NEW = "the old key", "the new key"


@pytest.fixture
def use_keys(settings):
    def use(*values):
        settings.FERNET_KEYS = list(values)
        for column in _columns():
            for name in ("keys", "fernet_keys", "fernet"):
                column.__dict__.pop(name, None)

    before = settings.FERNET_KEYS
    yield use
    use(*before)


def _columns() -> list[Any]:
    return [
        model._meta.get_field(name)
        for model, names in encrypted_models().items()
        for name in names
    ]


@pytest.fixture
def rows(use_keys):
    use_keys(OLD)
    made = [make_connected_shop(previous_refresh_token="planted") for _ in range(5)]
    use_keys(NEW, OLD)
    return [row for _, row in made]


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("rotate_keys", *arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_all_that_is_encrypted_is_found():
    names = {model._meta.label: fields for model, fields in encrypted_models().items()}

    assert names["platforms.Authorization"] == [
        "access_token",
        "refresh_token",
        "previous_refresh_token",
    ]
    assert {"platforms.ApiApp", "platforms.Credential"} <= names.keys()


def test_rotation_proves_that_nothing_is_left_under_the_old_key(rows, use_keys):
    code, out, _ = run()

    assert code == 0
    assert "15 rows are under the first key now" in out
    assert "Proved: all 25 secrets open with the first key alone" in out
    use_keys(NEW)
    row = Authorization.objects.get(pk=rows[0].pk)
    assert row.access_token == rows[0].access_token
    assert row.credentials.get().shop_cipher == CIPHER


def test_the_check_alone_changes_nothing_and_names_what_is_left(rows):
    before = stored()

    code, out, err = run("--check")

    assert code == 3
    assert "platforms.authorization.refresh_token: 5 still need an older key" in err
    assert "Proved" not in out
    assert stored() == before


def test_an_interrupted_rotation_goes_on_where_it_was(rows, monkeypatch):
    rotate_row, done = keys._rotate_row, list[bool]()

    def dies_at_the_fourth(model, pk):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(rotate_row(model, pk))
        return done[-1]

    monkeypatch.setattr(keys, "_rotate_row", dies_at_the_fourth)
    assert run()[0] == 130
    assert not prove().holds
    monkeypatch.setattr(keys, "_rotate_row", rotate_row)

    assert rotate_keys() == 15 - 3
    assert prove().holds
    assert rotate_keys() == 0


def test_a_secret_no_key_opens_is_named_and_left_as_it_is(rows):
    stranger = Fernet(Fernet.generate_key()).encrypt(b"lost")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE platforms_authorization SET access_token = %s WHERE id = %s",
            [stranger, rows[2].pk],
        )

    code, _, err = run()

    assert code == 3
    assert "platforms.authorization.access_token: 1 open with none" in err
    assert stranger in stored()
    assert rows[2].refresh_token in [
        str(row.refresh_token) for row in Authorization.objects.defer("access_token")
    ]


def test_many_rows_are_walked_in_batches(rows, monkeypatch):
    monkeypatch.setattr(keys, "BATCH", 2)
    told: list[int] = []

    assert rotate_keys(told.append) == 15
    assert told[-1] == 15
    assert len(told) > 5
    assert prove().under_first == 25


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token FROM platforms_authorization ORDER BY id")
        return [bytes(row[0]) for row in cursor.fetchall()]
