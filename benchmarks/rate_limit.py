"""How near to the platform's limit several processes get, and that they stay below it.

Four processes work on two shops as fast as the shared limiter lets them. Prints, for
each shop, calls a second against the limit and the fullest second of all. Uses
REDIS_URL, else the bundled Valkey.

    .venv/bin/python benchmarks/rate_limit.py [seconds]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import redis

from config import embedded

LIMIT = 50
PROCESSES = 4
CALLER = """
import sys, time
import redis
from apps.platforms.services.rate_limit import Pace, SharedLimiter
url, seconds, limit = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
connection = redis.Redis.from_url(url)
limiters = {
    shop: SharedLimiter(connection, {shop: Pace.below(limit), "app": Pace.below(400)})
    for shop in "ab"
}
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + seconds
calls = []
while time.monotonic() < end:
    for shop, limiter in limiters.items():
        limiter.wait()
        calls.append(f"{shop} {time.monotonic()}")
print(" ".join(calls), flush=True)
"""


def main() -> None:
    seconds = sys.argv[1] if len(sys.argv) > 1 else "8"
    with server_url() as url:
        command = [sys.executable, "-c", CALLER, url, seconds, str(LIMIT)]
        processes = [
            subprocess.Popen(  # noqa: S603
                command,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(PROCESSES)
        ]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        outputs = [process.communicate("go\n")[0].split() for process in processes]
    for shop in "ab":
        calls = sorted(
            float(at)
            for output in outputs
            for name, at in zip(output[::2], output[1::2], strict=True)
            if name == shop
        )
        reached = len(calls) / (calls[-1] - calls[0])
        fullest = max(
            sum(1 for later in calls[i : i + 200] if later < call + 1)
            for i, call in enumerate(calls)
        )
        print(
            f"shop {shop}: {reached:.1f} calls/s, {reached / LIMIT:.2f} of the limit; "
            f"the fullest second had {fullest} of {LIMIT}"
        )


@contextmanager
def server_url() -> Iterator[str]:
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    binary = embedded.server_binary()
    assert binary is not None, "no Valkey or Redis here"
    with tempfile.TemporaryDirectory() as folder:
        url = embedded.redis_url(Path(folder))
        process = subprocess.Popen(  # noqa: S603
            embedded.server_command(binary, Path(folder)), stdout=subprocess.DEVNULL
        )
        try:
            while True:
                try:
                    redis.Redis.from_url(url).ping()
                    break
                except redis.RedisError:
                    time.sleep(0.05)
            yield url
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
