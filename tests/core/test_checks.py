"""System checks, and the settings of each environment in a process of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from apps.core.checks import encryption_keys_are_set

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "k3y-of-fifty-characters-and-more-with-variety-0123456789-abc",
    "FERNET_KEYS": "another key",
    "ALLOWED_HOSTS": "desk.example.com",
    "PUBLIC_URL": "https://desk.example.com",
    "DATABASE_URL": "postgres://user:password@127.0.0.1:5432/shopdesk",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}
# Set by `manage.py up` and the tests for their own children, not by people.
INTERNAL = {
    "SHOPDESK_ENV_FILE",
    "SIMULATOR_STATE",
    "SIMULATOR_REDIRECT_URL",
    "SIMULATOR_ALLOW_LOOPBACK_WEBHOOKS",
}


def manage(
    *arguments: str, settings: str, environment: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.environ.get("PATH", ""),
            "SHOPDESK_ENV_FILE": "",
            "DJANGO_SETTINGS_MODULE": settings,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("keys", [[], ["the secret key"], ["one", "the secret key"]])
def test_missing_encryption_keys_are_an_error(settings, keys):
    settings.SECRET_KEY = "the secret key"
    settings.FERNET_KEYS = keys

    (error,) = encryption_keys_are_set(None)

    assert error.id == "shopdesk.E001"
    assert "FERNET_KEYS" in error.msg
    assert "make env" in str(error.hint)


def test_keys_of_their_own_are_fine(settings):
    settings.SECRET_KEY = "the secret key"
    settings.FERNET_KEYS = ["one", "two"]

    assert encryption_keys_are_set(None) == []


@pytest.mark.parametrize("missing", PRODUCTION)
def test_production_does_not_start_without(missing, tmp_path):
    environment = {n: v for n, v in PRODUCTION.items() if n != missing}
    environment["VAR_DIR"] = str(tmp_path / "var")

    done = manage("check", settings="config.settings.prod", environment=environment)

    assert done.returncode != 0
    assert f"Production needs {missing} (" in done.stderr
    for value in environment.values():
        assert value == "another key" or value not in done.stderr.splitlines()[-1]
    assert not (tmp_path / "var" / "shopdesk.sqlite3").exists()


def test_production_is_clean_for_djangos_own_inspection(tmp_path):
    environment = {**PRODUCTION, "VAR_DIR": str(tmp_path)}

    done = manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        settings="config.settings.prod",
        environment=environment,
    )

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_production_refuses_keys_that_are_no_keys(tmp_path):
    environment = {
        **PRODUCTION,
        "FERNET_KEYS": PRODUCTION["SECRET_KEY"],
        "VAR_DIR": str(tmp_path),
    }

    done = manage("check", settings="config.settings.prod", environment=environment)

    assert done.returncode == 1
    assert "shopdesk.E001" in done.stderr


def test_development_without_secrets_says_how_to_get_them(tmp_path):
    environment = {"VAR_DIR": str(tmp_path)}

    done = manage("check", settings="config.settings.dev", environment=environment)

    assert done.returncode != 0
    assert "`make env` writes a .env with fresh ones" in done.stderr


def test_the_example_names_every_variable_the_code_reads_and_no_other():
    read: set[str] = set()
    for path in [*ROOT.glob("config/**/*.py"), *ROOT.glob("apps/**/*.py")]:
        text = path.read_text()
        read |= set(re.findall(r"""\benv\.\w+\(\s*["'](\w+)["']""", text))
        read |= set(re.findall(r"""os\.environ\.get\(\s*["'](\w+)["']""", text))
    read.discard("DJANGO_SETTINGS_MODULE")
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))

    assert named == read - INTERNAL


def test_every_variable_of_the_example_is_explained():
    blocks = (ROOT / ".env.example").read_text().split("\n\n")

    for block in blocks:
        assert block.startswith("# "), block
