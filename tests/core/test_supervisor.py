"""Several programs as one; and `manage.py up`, which is built on it."""

import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.core.management import supervisor as module
from apps.core.management.supervisor import Child, Supervisor, is_free
from tests.desk_process import DeskProcess

DIARY = """
import os, signal, sys, time
name, diary = sys.argv[1:]
def note(word):
    with open(diary, "a") as file:
        file.write(f"{name} {word}\\n")
def end(number, frame):
    note("ends")
    sys.exit()
signal.signal(signal.SIGTERM, end)
note("starts")
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    return tmp_path / "diary"


@pytest.fixture
def children(tmp_path: Path, diary: Path):
    """A supervisor of two children that write down what happens to them."""
    said: list[str] = []
    supervisor = Supervisor(said.append)
    for name in ("broker", "worker"):
        command = [sys.executable, "-c", DIARY, name, str(diary)]
        supervisor.start(Child(name, command, {}, tmp_path / "log" / f"{name}.log"))
        wait_for(diary, f"{name} starts")
    yield supervisor, said
    supervisor.stop()


def wait_for(diary: Path, line: str, *, count: int = 1) -> None:
    deadline = time.monotonic() + 10
    while not diary.exists() or diary.read_text().splitlines().count(line) < count:
        assert time.monotonic() < deadline, line
        time.sleep(0.02)


def test_children_are_started_in_order_and_stopped_in_reverse(children, diary):
    supervisor, said = children

    supervisor.stop()

    assert diary.read_text().splitlines() == [
        *("broker starts", "worker starts", "worker ends", "broker ends")
    ]
    assert not any(child.is_running for child in supervisor.children)
    assert said == []


def test_a_fallen_child_is_started_again_after_a_pause(children, diary):
    supervisor, said = children
    broker, worker = supervisor.children
    old = broker.process
    assert old
    old.kill()
    old.wait()

    supervisor.watch()
    assert said == [f"broker ended; starting it again (see {broker.log})."]
    assert not broker.is_running
    supervisor.watch()  # not yet: nobody hammers a program that cannot start
    assert not broker.is_running
    broker.restart_at = time.monotonic()
    supervisor.watch()

    assert broker.is_running
    wait_for(diary, "broker starts", count=2)
    assert worker.is_running
    assert len(said) == 1


def test_the_pauses_grow_up_to_half_a_minute(tmp_path):
    supervisor = Supervisor(lambda text: None)
    child = Child("fails", [sys.executable, "-c", "exit(1)"], {}, tmp_path / "log")
    supervisor.start(child)
    pauses = []
    for _ in range(7):
        assert child.process
        child.process.wait()
        supervisor.watch()
        pauses.append(round(child.restart_at - time.monotonic()))
        child.restart_at = time.monotonic()
        supervisor.watch()

    supervisor.stop()
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_a_child_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.3)
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('deaf', flush=True); time.sleep(60)"
    )
    child = Child("deaf", [sys.executable, "-c", code], {}, tmp_path / "deaf.log")
    supervisor = Supervisor(lambda text: None)
    supervisor.start(child)
    wait_for(child.log, "deaf")

    supervisor.stop()

    assert child.process
    assert child.process.returncode == -signal.SIGKILL


def test_the_end_of_a_log_is_at_hand(tmp_path):
    child = Child("any", [], {}, tmp_path / "any.log")
    assert child.last_words() == ""

    child.log.write_text("\n".join(f"line {n}" for n in range(30)))

    assert child.last_words(2) == "line 28\nline 29"


def test_a_taken_port_is_noticed():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert not is_free("127.0.0.1", server.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "variable"),
    [(["--port"], "PORT"), (["--demo", "--simulator-port"], "SIMULATOR_PORT")],
)
def test_up_with_a_taken_port_ends_with_2_and_names_the_remedy(
    arguments, variable, tmp_path, settings
):
    settings.VAR_DIR = tmp_path / "var"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]

        with pytest.raises(CommandError) as caught:
            call_command("up", *_with_free_port(arguments), str(port))

    assert caught.value.returncode == 2
    assert str(caught.value) == (
        f"Port {port} is taken: stop the program that uses it, or choose another "
        f"with `make run {variable}={port + 10}`."
    )
    assert not (tmp_path / "var").exists()


def _with_free_port(arguments: list[str]) -> list[str]:
    """The other port must not be the taken one."""
    return (
        ["--port", str(_free_port()), *arguments] if len(arguments) > 1 else arguments
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.own_database
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_up_runs_everything_refuses_a_second_time_and_ends_cleanly(
    tmp_path, migrated_file
):
    path = shutil.copy(migrated_file, tmp_path / "desk.sqlite3")
    desk = DeskProcess(f"sqlite:///{path}", tmp_path)
    port = _free_port()
    process = desk.start("up", "--port", str(port), "--workers", "1")
    try:
        assert process.stdout
        lines: list[str] = []
        while not (lines and lines[-1].startswith("Ctrl-C")):
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            lines.append(line)
        assert f"Shopdesk is at http://127.0.0.1:{port}/" in "".join(lines)
        logs = {path.stem for path in (tmp_path / "log").iterdir()}
        assert logs == {"broker", "web", "worker", "worker-slow", "beat"}
        assert not is_free("127.0.0.1", port)
        children = _children(process.pid)
        assert len(children) == 5

        second = desk.run("up", "--port", str(_free_port()))

        assert second.returncode == 5
        assert f"already runs from this folder (process {process.pid})" in second.stderr
    finally:
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)

    assert process.returncode == 0
    assert output.splitlines()[-2:] == ["Stopping …", "Stopped."]
    assert errors == ""
    assert not any(_is_alive(pid) for pid in children)
    assert is_free("127.0.0.1", port)


def _children(pid: int) -> list[int]:
    """The processes whose parent it is (the fourth word of their stat file)."""
    stats = {
        int(path.parent.name): path.read_text().rpartition(")")[2].split()
        for path in Path("/proc").glob("[0-9]*/stat")
    }
    return [child for child, words in stats.items() if int(words[1]) == pid]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
