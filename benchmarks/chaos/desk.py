"""All of Shopdesk and the simulator as one process tree, to kill parts of."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Desk:
    """`process` is `manage.py up`, which starts again what falls."""

    process: "subprocess.Popen[str]"
    folder: Path
    url: str
    simulator: str

    def control(self, path: str, fields: Any = None, method: str = "") -> Any:
        """Ask the simulator from behind the stage."""
        verb = method or ("GET" if fields is None else "POST")
        url = f"{self.simulator}/control/{path}"
        answer = requests.request(verb, url, json=fields, timeout=60)
        return answer.json() if answer.ok else None

    def parts(self, word: str) -> list[int]:
        """The process IDs of what has this word in its command."""
        return [
            pid for pid, command in _descendants(self.process.pid) if word in command
        ]


@contextmanager
def running_desk(folder: Path) -> Iterator[Desk]:
    port, simulator = _free_port(), _free_port()
    with (folder / "up.log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "manage.py", "up", "--demo"),
                *("--port", str(port), "--simulator-port", str(simulator)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        address = "http://127.0.0.1"
        desk = Desk(process, folder, f"{address}:{port}", f"{address}:{simulator}")
        try:
            _await_start(process)
            yield desk
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _await_start(process: "subprocess.Popen[str]") -> None:
    assert process.stdout
    for line in process.stdout:
        print(line, end="")
        if line.startswith("Ctrl-C"):
            return
    raise SystemExit("It did not start.")


def _descendants(root: int) -> list[tuple[int, str]]:
    """(process ID, command) of all below it; the parent is a stat file's 4th word."""
    parents: dict[int, int] = {}
    commands: dict[int, str] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
            command = (path.parent / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue  # it has ended
        parents[int(path.parent.name)] = int(words[1])
        commands[int(path.parent.name)] = command
    found: list[tuple[int, str]] = []
    level = {root}
    while level:
        level = {pid for pid, parent in parents.items() if parent in level}
        found += [(pid, commands[pid]) for pid in sorted(level)]
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
