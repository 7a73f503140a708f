"""What tests share: services that are there or not, people, the simulator."""

import gc
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import pytest
import redis
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django.fixtures import Settings

from apps.platforms.services import clients, rate_limit
from apps.users.models import Client, User
from config import embedded
from config.roomy import roomy
from tests import migrated
from tests.desk_process import DeskProcess
from tests.factories.users import make_client, make_user
from tests.simulator_server import SimulatorServer, run_simulator

CALLBACK_URL = "http://testserver/platforms/tiktok/callback/"
_BROWSER = (
    ("chromium", "/usr/bin/chromium"),
    ("chromedriver", "/usr/bin/chromedriver"),
)


_LONG = ("tests/walls/", "tests/api/test_fuzz.py", "tests/browser/")
# What never meets the database, or shows the same pages and answers from either; tests
# of PostgreSQL's own among them are run all the same.
SEEN_BEFORE = {
    "alerts",
    "api",
    "content",
    "core",
    "credit",
    "finance",
    "integrations",
    "platforms",
    "products",
    "simulator",
    "users",
    "walls",
}
# So do pages, commands and the API; browsers look at pages once more.
SEEN_MODULES = re.compile(r"(page|desk|api|command)")

# Processes of tests side by side would keep each other's limits and pauses: each has a
# database of that server of its own, the first the one that is given.
if (_worker := os.environ.get("PYTEST_XDIST_WORKER")) and "REDIS_URL" in os.environ:
    _given = urlsplit(os.environ["REDIS_URL"])
    _number = int(_given.path.strip("/") or 0) + int(_worker.removeprefix("gw"))
    os.environ["REDIS_URL"] = urlunsplit(_given._replace(path=f"/{_number}"))
    django_settings.REDIS_URL = os.environ["REDIS_URL"]

# How long an example takes depends on who else is at work on the machine.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


def is_postgres() -> bool:
    engine = str(django_settings.DATABASES["default"]["ENGINE"])
    return engine == "django.db.backends.postgresql"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """A module with nothing for the second pass need not be read."""
    name = collection_path.name
    if os.environ.get("SECOND_PASS") != "1" or not name.startswith("test_"):
        return None
    folder = collection_path.relative_to(Path(__file__).parent).parts[0]
    if _is_seen(folder, name) and "mark.postgres" not in collection_path.read_text():
        return True
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest goes first, so that no process is left with it at the end. The
    second pass of `.ci/run` leaves out what was seen on SQLite, see SEEN_BEFORE."""
    if os.environ.get("SECOND_PASS") == "1":
        items[:] = [item for item in items if not _was_seen(item)]
    items.sort(key=lambda item: not any(part in item.nodeid for part in _LONG))


def _was_seen(item: pytest.Item) -> bool:
    folder = item.nodeid.split("/")[1]
    is_seen = _is_seen(folder, item.path.name)
    return is_seen and not item.get_closest_marker("postgres")


def _is_seen(folder: str, module: str) -> bool:
    if folder in {"browser", "concurrency", "flows"}:
        return False
    return folder in SEEN_BEFORE or bool(SEEN_MODULES.search(module))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """As the web server and the workers call what they call."""
    pyfuncitem.obj = roomy(pyfuncitem.obj)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look at it each time."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what has no service here; REQUIRE_SERVICES=1 makes that a failure."""
    reasons = []
    if item.get_closest_marker("postgres") and not is_postgres():
        reasons.append("needs PostgreSQL: set DATABASE_URL=postgres://…")
    if item.get_closest_marker("browser"):
        reasons += [
            f"needs {name}"
            for name, path in _BROWSER
            if not (Path(path).exists() or shutil.which(name))
        ]
    if not reasons:
        return
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail("; ".join(reasons), pytrace=False)
    pytest.skip("; ".join(reasons))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, pytestconfig: pytest.Config
) -> Iterator[None]:
    """Before the database is made: on SQLite it begins as the last run left it, on
    PostgreSQL as a copy of TEST_DATABASE_TEMPLATE, a migrated one."""
    if is_postgres():
        template = os.environ.get("TEST_DATABASE_TEMPLATE")
        connection.settings_dict["TEST"]["TEMPLATE"] = template
        yield
        return
    cache = getattr(pytestconfig, "cache", None)
    if cache is None:
        yield
        return
    with migrated.kept_at(migrated.path_in(cache.mkdir("migrated"))):
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_flush() -> Iterator[None]:
    """After a test with transactions of its own PostgreSQL would truncate each table,
    which makes a new file of it and of its indexes; deleting the few rows there are
    takes a hundredth of that."""
    if not is_postgres():
        yield
        return

    def sql_flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        # Triggers and foreign keys are no matter where everything goes.
        names = map(self.quote_name, tables)
        quoted = [f"DELETE FROM {name};" for name in names]  # noqa: S608
        role = "SET session_replication_role ="
        return [f"{role} replica;", *quoted, f"{role} DEFAULT;"] if quoted else []

    with patch.object(DatabaseOperations, "sql_flush", sql_flush):
        yield


@pytest.fixture(autouse=True, scope="session")
def roomy_live_server() -> Iterator[None]:
    with patch.object(WSGIHandler, "__call__", roomy(WSGIHandler.__call__)):
        yield


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """REDIS_URL if it is given, else a server of our own on a socket."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    binary = embedded.server_binary()
    assert binary, "neither REDIS_URL nor a Valkey or Redis server"
    folder = tmp_path_factory.mktemp("valkey")
    process = subprocess.Popen(  # noqa: S603
        embedded.server_command(binary, folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with redis.Redis.from_url(embedded.redis_url(folder)) as connection:
            _wait_for_redis(connection)
        yield embedded.redis_url(folder)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for_redis(connection: "redis.Redis") -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            connection.ping()
        except redis.RedisError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the Valkey server did not start")


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[SimulatorServer]:
    """The simulator as a server of its own; use `simulator` for a fresh one."""
    with run_simulator(orders=300, redirect_url=CALLBACK_URL) as server:
        yield server


@pytest.fixture
def simulator(
    simulator_process: SimulatorServer, settings: Settings, redis_url: str
) -> Iterator[SimulatorServer]:
    """The simulator, fresh from its seed, in the place of all platform addresses."""
    simulator_process.control("reset", {})
    for name in ("API", "TOKEN", "CONSENT"):
        setattr(settings, f"TIKTOK_{name}_URL", simulator_process.url)
    settings.TIKTOK_CONSENT_URL_US = simulator_process.url
    settings.TIKTOK_CREATOR_CONSENT_URL = simulator_process.url
    settings.SIMULATOR_URL = simulator_process.url
    settings.RATES_ECB_URL = f"{simulator_process.url}/rates/ecb"
    settings.RATES_OTHER_URL = f"{simulator_process.url}/rates/other/{{date}}/eur.json"
    settings.REDIS_URL = redis_url
    clients._redis.cache_clear()
    yield simulator_process
    clients._redis.cache_clear()


@pytest.fixture(scope="session")
def migrated_file(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An SQLite file with empty tables, to copy."""
    cache = getattr(pytestconfig, "cache", None)
    if cache is not None:
        kept = migrated.path_in(cache.mkdir("migrated"))
        if kept.exists():
            return kept
    folder = tmp_path_factory.mktemp("migrated")
    path = folder / "desk.sqlite3"
    done = DeskProcess(f"sqlite:///{path}", folder).run("migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def desk(
    tmp_path: Path,
    migrated_file: Path,
    simulator_process: SimulatorServer,
    redis_url: str,
) -> DeskProcess:
    """Our programs, on an SQLite file of their own and a fresh simulator."""
    simulator_process.control("reset", {})
    path = shutil.copy(migrated_file, tmp_path / "desk.sqlite3")
    return DeskProcess(
        f"sqlite:///{path}",
        tmp_path,
        simulator_url=simulator_process.url,
        redis_url=redis_url,
    )


@pytest.fixture
def company(db: None) -> Client:
    """A client that `staff` works for."""
    return make_client("Northwind")


@pytest.fixture
def superuser(db: None) -> User:
    return make_user("root", is_superuser=True)


@pytest.fixture
def staff(company: Client) -> User:
    """Works for one client, may connect shops and process orders."""
    return make_user(
        "staff",
        clients=[company],
        permissions=["manage_credentials", "manage_settings", "process_orders"],
    )


@pytest.fixture
def visitor(company: Client) -> User:
    """Works for the same client and may look at nothing."""
    return make_user("visitor", clients=[company])


@pytest.fixture(autouse=True)
def shared_limits() -> None:
    """After a test without a Redis the limiter would go on alone for some seconds, and
    the next one would prove nothing of the shared limit."""
    rate_limit._alone.until = 0.0
    rate_limit._alone.slots.clear()
