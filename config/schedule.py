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
        "Mail invitations that wait",
        "apps.platforms.tasks.mail_waiting_invitations",
        300,
        "Each is mailed at once; this follows up where a worker or the mail host was "
        "away.",
    ),
    Job(
        "Let old data go",
        "apps.backoffice.tasks.apply_retention",
        86_400,
        "Each kind is kept as long as the page “Data retention” says; once a day is "
        "enough for rules in days.",
    ),
]
