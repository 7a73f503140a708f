"""One command: broker, migrations, web, worker, Beat and, for the demo, a simulator."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import redis
import requests
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import ExitCode
from apps.core.management.supervisor import Child, Supervisor, is_free
from config import embedded, queues


class Stopped(Exception):
    """Somebody asked us to end."""


class Command(BaseCommand):
    help = "Start everything and keep it running until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--workers",
            type=int,
            default=2,
            help="task processes for what is urgent or new; as many for what is slow",
        )
        parser.add_argument(
            "--demo",
            action="store_true",
            help="also start the simulator and connect its shops",
        )
        parser.add_argument("--simulator-port", type=int, default=8001)

    def handle(self, **options: Any) -> None:
        host, port = options["host"], options["port"]
        simulator_port = options["simulator_port"]
        self._require_port(host, port, "PORT")
        if options["demo"]:
            self._require_port(host, simulator_port, "SIMULATOR_PORT")
        self.var = Path(settings.VAR_DIR)
        self.var.mkdir(parents=True, exist_ok=True)
        self.address = f"http://{host}:{port}"
        self.environment = {
            "PUBLIC_URL": self.address,
            "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        }
        if options["demo"]:
            self.environment["SIMULATOR_URL"] = f"http://{host}:{simulator_port}"
        lock = self._lock()
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        supervisor = Supervisor(self._say)
        try:
            self._start(supervisor, options)
            while True:
                supervisor.watch()
                time.sleep(1)
        except (Stopped, KeyboardInterrupt):
            self._say("Stopping …")
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            supervisor.stop()
            lock.close()
        self._say("Stopped.")

    def _start(self, supervisor: Supervisor, options: dict[str, Any]) -> None:
        if embedded.redis_url(self.var) == settings.REDIS_URL:
            supervisor.start(self._broker())
            self._await("The broker", supervisor.children[-1], _redis_answers)
        self._say("Database …")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("seed_schedule", stdout=_Silent())
        host = options["host"]
        if options["demo"]:
            port = options["simulator_port"]
            simulator = self._gunicorn("simulator", host, port, workers=1, threads=16)
            simulator.environment = {
                "DJANGO_SETTINGS_MODULE": "config.settings.simulator",
                "SIMULATOR_STATE": str(self.var / "simulator.jsonl"),
                "SIMULATOR_ALLOW_LOOPBACK_WEBHOOKS": "1",
            }
            supervisor.start(simulator)
        supervisor.start(
            self._gunicorn("web", host, options["port"], workers=2, threads=4)
        )
        names = ("worker", "worker-slow")
        for name, consumed in zip(names, worker_queues(), strict=True):
            places = ("-c", str(options["workers"]), "-Q", ",".join(consumed))
            node = ("-n", f"{name}@%h", "-Ofair")
            supervisor.start(self._celery(name, "worker", *places, *node))
        supervisor.start(self._celery("beat", "beat", "--pidfile="))
        children = {child.name: child for child in supervisor.children}
        self._await(
            "The web server", children["web"], _answers(f"{self.address}/health/")
        )
        if options["demo"]:
            root = f"{self.environment['SIMULATOR_URL']}/control/apps"
            self._await("The simulator", children["simulator"], _answers(root))
            self._connect_demo(supervisor)
        self._say(f"Shopdesk is at {self.address}/  (logs in {self.var / 'log'})")
        self._say("Ctrl-C ends it.")

    def _connect_demo(self, supervisor: Supervisor) -> None:
        command = [sys.executable, "manage.py", "connect_demo", self.address]
        process = subprocess.Popen(  # noqa: S603
            command, cwd=settings.BASE_DIR, env={**os.environ, **self.environment}
        )
        try:
            while process.poll() is None:
                supervisor.watch()
                time.sleep(0.2)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if process.returncode:
            self._say("The demo shops are not all connected; see above. Going on.")

    def _broker(self) -> Child:
        binary = embedded.server_binary()
        if binary is None:
            raise CommandError(
                "No Valkey or Redis server here. Install one, or set REDIS_URL.",
                returncode=ExitCode.USAGE,
            )
        command = embedded.server_command(binary, self.var)
        return Child("broker", command, {}, self._log("broker"))

    def _gunicorn(
        self, name: str, host: str, port: int, *, workers: int, threads: int
    ) -> Child:
        command = [
            *(sys.executable, "-m", "gunicorn", "config.wsgi"),
            *("-b", f"{host}:{port}", "-k", "gthread", "--no-control-socket"),
            *("-w", str(workers), "--threads", str(threads), "--timeout", "60"),
        ]
        return Child(name, command, self.environment, self._log(name))

    def _celery(self, name: str, *arguments: str) -> Child:
        command = [
            *(sys.executable, "-m", "celery", "-A", "config"),
            *arguments,
            *("--loglevel", "INFO"),
        ]
        return Child(name, command, self.environment, self._log(name))

    def _log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def _await(self, what: str, child: Child, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not answers():
            if not child.is_running or time.monotonic() > deadline:
                raise CommandError(
                    f"{what} did not start. The end of {child.log}:\n"
                    f"{child.last_words()}"
                )
            time.sleep(0.1)

    def _require_port(self, host: str, port: int, variable: str) -> None:
        if not is_free(host, port):
            raise CommandError(
                f"Port {port} is taken: stop the program that uses it, or choose "
                f"another with `make run {variable}={port + 10}`.",
                returncode=ExitCode.USAGE,
            )

    def _lock(self) -> IO[str]:
        """One `up` per data folder: two would start two brokers on one socket."""
        handle = (self.var / "up.lock").open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            other = handle.read().strip() or "another process"
            raise CommandError(
                f"Shopdesk already runs from this folder (process {other}). Stop it "
                "first, or set VAR_DIR to another folder.",
                returncode=ExitCode.ALREADY_RUNNING,
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        return handle

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def worker_queues() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What each of the two workers consumes, the most urgent first."""
    return queues.QUICK_WORKER, queues.SLOW_WORKER


class _Silent:
    """Swallows what a sub-command prints."""

    def write(self, text: str) -> None:
        return None


def _stop(number: int, frame: object) -> None:
    raise Stopped


def _redis_answers() -> bool:
    try:
        return bool(redis.Redis.from_url(settings.REDIS_URL).ping())
    except redis.RedisError:
        return False


def _answers(url: str) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            return requests.get(url, timeout=2).ok
        except requests.RequestException:
            return False

    return answers
