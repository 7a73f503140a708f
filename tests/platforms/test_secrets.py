"""Secrets are encrypted where they rest and shown nowhere."""

import io
import logging
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.core.management import call_command
from django.db import connection, models
from django.db.models import F

from apps.integrations.errors import ConsentNeeded
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import ApiApp, Authorization, Credential
from apps.platforms.services.clients import TikTokTokens, TokenKeeper, client_for
from apps.platforms.services.keys import encrypted_models, rotate_keys
from apps.platforms.services.tokens import TokenEndpoint, refresh
from tests.factories.platforms import (
    ACCESS_TOKEN,
    APP_SECRET,
    CIPHER,
    REFRESH_TOKEN,
    SECRETS,
    make_api_app,
    make_authorization,
    make_pair,
    make_shop,
)
from tests.platforms.fakes import FakeTokens

pytestmark = pytest.mark.django_db

KEY = "a key for tests only"


def raw_values(model: type[models.Model]) -> list[bytes]:
    """Every value of a table as the database keeps it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table}")  # noqa: S608
        return [_as_bytes(value) for row in cursor.fetchall() for value in row]


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, memoryview | bytes):
        return bytes(value)
    return str(value).encode()


def use_keys(settings: Any, *keys: str) -> None:
    """The library reads the keys once for each field; make it read them again."""
    settings.FERNET_KEYS = list(keys)
    forget_keys()


def forget_keys() -> None:
    for model, names in encrypted_models().items():
        for name in names:
            field = model._meta.get_field(name)
            for cached in ("keys", "fernet_keys", "fernet"):
                field.__dict__.pop(cached, None)


@pytest.fixture
def keys(settings):
    """Sets FERNET_KEYS; the keys of the settings are back afterwards."""
    yield lambda *names: use_keys(settings, *names)
    settings.FERNET_KEYS = [KEY]
    forget_keys()


def test_no_planted_secret_is_found_in_the_tables():
    make_authorization(shops=[make_shop()])

    stored = [
        value
        for model in (ApiApp, Authorization, Credential)
        for value in raw_values(model)
    ]

    for secret in SECRETS:
        assert not [value for value in stored if secret.encode() in value]
    assert len([value for value in stored if value.startswith(b"gAAAA")]) == 5


def test_update_keeps_a_secret_readable():
    row = make_authorization()

    Authorization.objects.filter(pk=row.pk).update(access_token="another")

    row.refresh_from_db()
    assert row.access_token == "another"
    assert row.refresh_token == REFRESH_TOKEN


def test_bulk_update_and_bulk_create_keep_secrets_readable():
    rows = [make_authorization(), make_authorization()]
    for number, row in enumerate(rows):
        row.refresh_token = f"token {number}"

    Authorization.objects.bulk_update(rows, ["refresh_token"])
    Credential.objects.bulk_create(
        Credential(
            shop=make_shop(), api_app=r.api_app, authorization=r, shop_cipher="both"
        )
        for r in rows
    )

    for number, row in enumerate(rows):
        row.refresh_from_db()
        assert row.refresh_token == f"token {number}"
        assert row.access_token == ACCESS_TOKEN
    assert [c.shop_cipher for c in Credential.objects.all()] == ["both", "both"]


def test_a_secret_may_be_copied_from_column_to_column():
    row = make_authorization()

    Authorization.objects.filter(pk=row.pk).update(access_token=F("refresh_token"))

    row.refresh_from_db()
    assert row.access_token == REFRESH_TOKEN


def test_secrets_survive_any_text():
    text = "päss 🔑 \x00 " + "x" * 5_000
    app = make_api_app(app_secret=text)

    assert ApiApp.objects.get(pk=app.pk).app_secret == text


def test_a_wrong_key_is_an_error_not_rubbish(keys):
    row = make_authorization()
    keys("another key")

    with pytest.raises(InvalidToken):
        Authorization.objects.get(pk=row.pk)


def test_after_rotation_the_old_key_can_go(keys):
    row = make_authorization(shops=[make_shop()])
    before = raw_values(Authorization)

    keys("a new key", KEY)
    assert rotate_keys() == 3
    keys("a new key")

    assert Authorization.objects.get(pk=row.pk).refresh_token == REFRESH_TOKEN
    assert ApiApp.objects.get().app_secret == APP_SECRET
    assert Credential.objects.get().shop_cipher == CIPHER
    assert raw_values(Authorization) != before


def test_rotation_changes_nothing_but_the_encryption(keys):
    row = make_authorization(shops=[make_shop()])
    before = Authorization.objects.values().get()
    keys("a new key", KEY)
    out = io.StringIO()

    call_command("rotate_keys", stdout=out)

    assert "3 rows are under the first key now" in out.getvalue()
    assert Authorization.objects.values().get() == before
    assert Authorization.objects.get(pk=row.pk).modified_at == row.modified_at


def test_dumpdata_prints_no_secret(capsys):
    make_authorization(shops=[make_shop()])

    call_command("dumpdata", "platforms")

    printed = capsys.readouterr().out
    assert "Lamps and More" in printed
    for secret in SECRETS:
        assert secret not in printed


def test_no_text_of_a_model_or_a_client_shows_a_secret():
    shop = make_shop()
    row = make_authorization(shops=[shop])
    credential = Credential.objects.get()
    things = [
        row,
        row.api_app,
        credential,
        shop,
        make_pair(1),
        TikTokTokens(row.api_app),
        TokenKeeper(row),
        client_for(shop),
    ]

    for thing in things:
        for text in (repr(thing), str(thing), f"{thing}"):
            for secret in (*SECRETS, "planted-new"):
                assert secret not in text


def test_neither_logs_nor_errors_of_a_refresh_show_a_secret(caplog, settings):
    settings.TIKTOK_TOKEN_URL = "http://127.0.0.1:9"
    shop = make_shop()
    row = make_authorization(shops=[shop], access_ends_in=timedelta(0))
    caplog.set_level(logging.DEBUG)
    texts = []

    refusal = ConsentNeeded("The authorization is over.", code=36004005)
    endpoints: list[TokenEndpoint] = [TikTokTokens(row.api_app), FakeTokens([refusal])]
    for endpoint in endpoints:
        with pytest.raises(Exception, match=r"over|reached") as caught:
            refresh(row, endpoint)
        error: BaseException | None = caught.value
        while error is not None:
            texts += [str(error), repr(error)]
            error = error.__cause__ or error.__context__

    row.refresh_from_db()
    texts += [row.last_error, caplog.text]
    assert "127.0.0.1" in "".join(texts)
    for text in texts:
        for secret in SECRETS:
            assert secret not in text
    with pytest.raises(ReconnectNeeded):
        refresh(row, FakeTokens([]))
