from collections.abc import Iterator

import pytest

from tests.simulator.caller import Caller, connect
from tests.simulator.product_caller import Products
from tests.simulator_server import SimulatorServer, run_simulator


@pytest.fixture(scope="session")
def running() -> Iterator[SimulatorServer]:
    with run_simulator(orders=400) as server:
        yield server


@pytest.fixture
def server(running: SimulatorServer) -> SimulatorServer:
    """The simulator, fresh from its seed."""
    running.control("reset", {})
    return running


@pytest.fixture
def caller(server: SimulatorServer) -> Caller:
    return connect(server)


@pytest.fixture
def shop(caller: Caller) -> Products:
    """The products of the first shop, an American one; no limit on calls."""
    caller.server.control("rate_limit", {"per_second": 100_000})
    return Products(caller)


@pytest.fixture
def german(server: SimulatorServer) -> Products:
    server.control("rate_limit", {"per_second": 100_000})
    return Products(connect(server, 3))


@pytest.fixture
def indonesian(server: SimulatorServer) -> Products:
    server.control("rate_limit", {"per_second": 100_000})
    return Products(connect(server, 1))


@pytest.fixture
def malaysian(server: SimulatorServer) -> Products:
    """Of a cross-border seller."""
    server.control("rate_limit", {"per_second": 100_000})
    return Products(connect(server, 2))
