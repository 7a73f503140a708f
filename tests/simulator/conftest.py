from collections.abc import Iterator

import pytest

from tests.simulator.caller import Caller, connect
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
