"""Run several programs as one: start in order, restart what falls, stop in reverse."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """One program; its output goes to a file of its own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    falls: int = 0
    started_at: float = 0.0
    restart_at: float = 0.0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own commands)
                list(self.command),
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches us alone; we stop the children in order.
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.started_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, for an error message."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


@dataclass(slots=True)
class Supervisor:
    """Keeps children alive until told to stop."""

    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def start(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def watch(self) -> None:
        """Restart what has ended, with growing pauses. Call it about once a second."""
        now = time.monotonic()
        for child in self.children:
            if child.is_running:
                if child.falls and now - child.started_at > 60:
                    child.falls = 0
                continue
            if not child.restart_at:
                child.falls += 1
                pause = min(2.0 ** (child.falls - 1), LONGEST_PAUSE_SECONDS)
                child.restart_at = now + pause
                self.say(f"{child.name} ended; starting it again (see {child.log}).")
            elif now >= child.restart_at:
                child.restart_at = 0.0
                child.start()

    def stop(self) -> None:
        """Ask each to end, last started first; kill what does not listen."""
        for child in reversed(self.children):
            if child.process is None or not child.is_running:
                continue
            child.process.send_signal(signal.SIGTERM)
            try:
                child.process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _die_with_parent() -> None:
    """Even a killed supervisor leaves no children behind (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
