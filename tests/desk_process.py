"""`manage.py` and worker scripts as processes of their own, on a given database."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class DeskProcess:
    """Starts our programs the way an operator would; nothing comes from a .env."""

    database_url: str
    folder: Path
    simulator_url: str = "http://127.0.0.1:9"
    redis_url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "SHOPDESK_ENV_FILE": "",
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "SECRET_KEY": "processes of tests sign nothing of value",
            "FERNET_KEYS": "a key for tests only",
            "VAR_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SIMULATOR_URL": self.simulator_url,
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        """`manage.py …`, with pipes, not waited for."""
        return self._popen([sys.executable, "manage.py", *arguments], **options)

    def start_script(self, script: str, *arguments: str) -> "subprocess.Popen[str]":
        """Python code with Django ready and pipes to talk through."""
        code = f"import django; django.setup()\n{script}"
        return self._popen([sys.executable, "-c", code, *arguments])

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return _ended(self.start(*arguments))

    def script(self, code: str, *arguments: str) -> str:
        """What the code prints; it must end well."""
        done = _ended(self.start_script(code, *arguments))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _popen(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(  # noqa: S603
            list(command),
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_hear_ctrl_c,
            **options,
        )


def _hear_ctrl_c() -> None:
    """A shell's background jobs ignore SIGINT, and so would all they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _ended(process: "subprocess.Popen[str]") -> "subprocess.CompletedProcess[str]":
    stdout, stderr = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def database_url() -> str:
    """The address of the database the tests are using now (PostgreSQL)."""
    use = connection.settings_dict
    password = f":{use['PASSWORD']}" if use["PASSWORD"] else ""
    host, port = use["HOST"] or "127.0.0.1", use["PORT"] or 5432
    return f"postgres://{use['USER']}{password}@{host}:{port}/{use['NAME']}"
