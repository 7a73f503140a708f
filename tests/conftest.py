"""What tests share: services that are there or not, people, the simulator."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from apps.platforms.services import clients, rate_limit
from apps.users.models import Client, User
from config import embedded
from tests.factories.users import make_client, make_user
from tests.simulator_server import SimulatorServer, run_simulator

CALLBACK_URL = "http://testserver/platforms/tiktok/callback/"
_BROWSER = (
    ("chromium", "/usr/bin/chromium"),
    ("chromedriver", "/usr/bin/chromedriver"),
)


def is_postgres() -> bool:
    engine = str(django_settings.DATABASES["default"]["ENGINE"])
    return engine == "django.db.backends.postgresql"


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
    settings.SIMULATOR_URL = simulator_process.url
    settings.REDIS_URL = redis_url
    clients._redis.cache_clear()
    yield simulator_process
    clients._redis.cache_clear()


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
