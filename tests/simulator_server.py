"""The simulator as a process of its own, for tests that talk to it over HTTP.

with run_simulator(orders=200) as server:
    code = server.approve(seller_id=server.sellers()[0]["id"])["code"]
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

ROOT = Path(__file__).resolve().parents[1]
REDIRECT_URL = "https://shopdesk.example.com/connect/callback"
_PATIENCE_SECONDS = 30


@dataclass
class SimulatorServer:
    url: str
    process: "subprocess.Popen[bytes]"
    output: Path

    def control(
        self, path: str, payload: dict[str, Any] | None = None, *, method: str = ""
    ) -> Any:
        """GET without a payload, POST with one; raises for anything but 200."""
        method = method or ("GET" if payload is None else "POST")
        url = f"{self.url}/control/{path.removeprefix('/control/').lstrip('/')}"
        reply = requests.request(method, url, json=payload, timeout=30)
        if reply.status_code != 200:
            raise AssertionError(f"{method} {url}: {reply.status_code} {reply.text}")
        return reply.json()

    def apps(self) -> list[dict[str, Any]]:
        return list(self.control("apps"))

    def sellers(self) -> list[dict[str, Any]]:
        return list(self.control("sellers"))

    def approve(
        self,
        *,
        seller_id: str,
        app_key: str = "",
        state: str | None = "a-state",
        scopes: Sequence[str] | None = None,
    ) -> dict[str, str]:
        """Consent as the seller would; the query of the redirect that follows.

        The first app unless `app_key` says otherwise; all its scopes unless `scopes`
        names fewer.
        """
        fields: dict[str, Any] = {
            "app_key": app_key or self.apps()[0]["app_key"],
            "seller": seller_id,
            "decision": "approve",
        }
        if state is not None:
            fields["state"] = state
        if scopes is not None:
            fields |= {"choose": "1", "scopes": list(scopes)}
        reply = requests.post(
            f"{self.url}/open/authorize", fields, allow_redirects=False, timeout=30
        )
        assert reply.status_code == 302, reply.text
        return dict(parse_qsl(urlsplit(reply.headers["location"]).query))

    def tokens(
        self,
        *,
        seller_id: str,
        app_key: str = "",
        scopes: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """Consent and exchange the code: the `data` of the token reply."""
        apps = self.apps()
        app = next((a for a in apps if a["app_key"] == app_key), apps[0])
        code = self.approve(seller_id=seller_id, app_key=app["app_key"], scopes=scopes)[
            "code"
        ]
        reply = requests.get(
            f"{self.url}/api/v2/token/get",
            {
                "app_key": app["app_key"],
                "app_secret": app["app_secret"],
                "auth_code": code,
                "grant_type": "authorized_code",
            },
            timeout=30,
        ).json()
        assert reply["code"] == 0, reply
        return dict(reply["data"])


@contextmanager
def run_simulator(
    *,
    orders: int = 200,
    seed: int = 7,
    state_path: str | Path | None = None,
    redirect_url: str = REDIRECT_URL,
    allow_loopback_webhooks: bool = True,
) -> Iterator[SimulatorServer]:
    """Start it on a free port, wait until it answers, end it afterwards."""
    port = _free_port()
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "DJANGO_SETTINGS_MODULE": "config.settings.simulator",
        "SIMULATOR_ORDERS": str(orders),
        "SIMULATOR_SEED": str(seed),
        "SIMULATOR_STATE": str(state_path or ""),
        "SIMULATOR_REDIRECT_URL": redirect_url,
        "SIMULATOR_ALLOW_LOOPBACK_WEBHOOKS": "1" if allow_loopback_webhooks else "",
    }
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "simulator.log"
        with output.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603
                [
                    *(sys.executable, "-m", "gunicorn", "config.wsgi"),
                    *("--workers", "1", "--threads", "16", "--worker-class", "gthread"),
                    *("--bind", f"127.0.0.1:{port}", "--graceful-timeout", "1"),
                    *("--worker-tmp-dir", folder, "--no-control-socket"),
                ],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        server = SimulatorServer(f"http://127.0.0.1:{port}", process, output)
        try:
            _wait_for(server)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(server: SimulatorServer) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            if requests.get(f"{server.url}/control/clock", timeout=20).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError(f"the simulator did not start:\n{server.output.read_text()}")
