"""A server that takes what the simulator posts, and keeps it to be handed on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.factories.webhooks import ADDRESS
from tests.simulator_server import SimulatorServer


@dataclass
class Receiver:
    """`received` are (Authorization, body), as they came."""

    url: str = ""
    received: list[tuple[str, bytes]] = field(default_factory=list)

    def wait_until_quiet(self, simulator: SimulatorServer, least: int = 1) -> None:
        """Until all that has happened was posted."""
        deadline = time.monotonic() + 15
        count = -1
        while count != len(self.received) or count < least:
            assert time.monotonic() < deadline, "nothing comes"
            count = len(self.received)
            time.sleep(0.5)
            simulator.control("webhooks/release", {})

    def hand_on(self, client: Any, *places: int) -> list[int]:
        """Post those to us, in this order, again as often as named; the statuses."""
        statuses = []
        for place in places:
            signature, body = self.received[place]
            answer = client.post(
                ADDRESS,
                body,
                content_type="application/json",
                headers={"authorization": signature},
            )
            statuses.append(answer.status_code)
        return statuses


@contextmanager
def receiving(simulator: SimulatorServer) -> Iterator[Receiver]:
    """All apps' deliveries come here; in the meantime nothing is lost."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.received.append((self.headers["authorization"], body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}{ADDRESS}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    key = simulator.apps()[0]["app_key"]
    simulator.control(f"apps/{key}", {"webhook_url": receiver.url})
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
