"""Several processes on the database the tests use."""

from pathlib import Path

import pytest

from tests.desk_process import DeskProcess, database_url
from tests.simulator_server import SimulatorServer


@pytest.fixture
def desk(
    transactional_db: None, simulator: SimulatorServer, redis_url: str, tmp_path: Path
) -> DeskProcess:
    return DeskProcess(
        database_url(), tmp_path, simulator_url=simulator.url, redis_url=redis_url
    )
