"""Orders under fire: all runs as by `make run`, and all is broken at random.

While buyers order, cancel and are sent things, the platform answers with errors,
refuses, hangs up and cuts its answers; deliveries are lost, doubled, forged and
shuffled; one shop is refused for a while; workers, web processes and the broker are
killed, the broker emptied; the database takes nothing for half a minute and, with
--restart, is restarted. Then all of that ends, and without a hand everything must come
out as the platform has it.

With `--faults withheld` nothing is broken but that no delivery is made at all: orders
must be here in time all the same.

Prints what differs and how long things took. Exits with 1 if anything differs, else
with 3 if something took longer than it should, which on a busy machine means little.

Uses an SQLite file, or DATABASE_URL, whose tables are taken as they are: give it a
database of its own.
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="chaos-"))
os.environ |= {
    "SHOPDESK_ENV_FILE": "",
    "DJANGO_SETTINGS_MODULE": "config.settings.dev",
    "SECRET_KEY": "chaos signs nothing of value",
    "FERNET_KEYS": "a key for chaos only",
    "VAR_DIR": str(FOLDER),
    "LOG_LEVEL": "INFO",
    "DEMO_PASSWORD": "nobody signs in here",
}
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER / 'desk.sqlite3'}")
for name in ("REDIS_URL", "CELERY_BROKER_URL"):
    os.environ.pop(name, None)  # a broker of its own, to be killed

import django

django.setup()

from benchmarks.chaos.breaking import FAULTS, WITHHELD
from benchmarks.chaos.desk import running_desk
from benchmarks.chaos.trial import Trial

ORDERS = 10_000


def main() -> int:
    wanted = _parser().parse_args()
    faults = [each for each in wanted.faults.split(",") if each]
    if wrong := set(faults) - {*FAULTS, WITHHELD}:
        raise SystemExit(
            f"There is no fault {', '.join(sorted(wrong))}. There are: "
            f"{', '.join((*FAULTS, WITHHELD))}."
        )
    if wanted.restart:
        os.environ["RESTART"] = wanted.restart
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends what it started
    with running_desk(FOLDER) as desk:
        return Trial(desk, wanted.orders, faults).run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("orders", type=int, nargs="?", default=ORDERS)
    names = ",".join(FAULTS)
    parser.add_argument(
        "--faults", default=names, help=f"which, with commas between: {names}"
    )
    parser.add_argument(
        "--restart",
        default=os.environ.get("RESTART", ""),
        metavar="COMMAND",
        help="a shell command that restarts the database",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
