"""Orders under fire: all runs as by `make run`, and all is broken at random.

While buyers order, cancel and are sent things, the platform answers with errors,
refuses, hangs up and cuts its answers; deliveries are lost, doubled, forged and
shuffled; workers, web processes and the broker are killed, the broker emptied and, with
RESTART given, the database restarted. Then all of that ends, and without a hand
everything must come out as the platform has it. Prints what differs, and exits with 1
if anything does.

    python -m benchmarks.chaos [orders]

Uses an SQLite file, or DATABASE_URL, whose tables are taken as they are: give it a
database of its own. RESTART is a shell command that restarts the database.
"""

import os
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
    "LOG_LEVEL": "WARNING",
    "DEMO_PASSWORD": "nobody signs in here",
}
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER / 'desk.sqlite3'}")

import django

django.setup()

from benchmarks.chaos.desk import running_desk
from benchmarks.chaos.trial import Trial

ORDERS = 10_000


def main() -> int:
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    with running_desk(FOLDER) as desk:
        return Trial(desk, orders).run()


if __name__ == "__main__":
    sys.exit(main())
