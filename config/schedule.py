"""What Beat does, and when. Seeds the database scheduler; people may change it there.

How often one shop is synced is not decided here: the sweep runs each minute and finds
the shops that are due.
"""

from typing import NamedTuple


class Job(NamedTuple):
    """One line of the schedule; `seconds` between two starts."""

    name: str
    task: str
    seconds: int
    reason: str


SCHEDULE = [
    Job(
        "Sync orders that are due",
        "apps.sync.tasks.sweep_orders",
        60,
        "Each shop is due 15 minutes after its last run; asking each minute keeps a "
        "shop from waiting for the others.",
    ),
    Job(
        "Refresh tokens before they expire",
        "apps.platforms.tasks.refresh_expiring_tokens",
        600,
        "Access tokens live 7 days and are renewed at half life; asking often leaves "
        "days to recover from an outage.",
    ),
    Job(
        "Forget connections nobody finished",
        "apps.platforms.tasks.forget_unfinished_connections",
        900,
        "A consent left half-way holds a code or tokens; they are wiped when its time "
        "is over.",
    ),
    Job(
        "Prune the log of API calls",
        "apps.platforms.tasks.prune_calls",
        3600,
        "Calls older than API_CALLS_KEPT_DAYS go; hourly keeps each round short.",
    ),
]
