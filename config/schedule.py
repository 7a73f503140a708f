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
        "Sync products that are due",
        "apps.sync.tasks.sweep_products",
        60,
        "Each shop is due an hour after its last run; asking each minute keeps a shop "
        "from waiting for the others.",
    ),
    Job(
        "Link order lines to what they sold",
        "apps.orders.tasks.link_order_lines",
        300,
        "Lines stored before their SKUs were known, or matched by publishing, are "
        "linked in batches; with none left it is a look at an index for each.",
    ),
    Job(
        "Suggest what listings are",
        "apps.products.tasks.sweep_suggestions",
        180,
        "Pulls and changes of the catalogue come in bursts; a few minutes merge them. "
        "Clients where nothing changed cost one look.",
    ),
    Job(
        "Go on with accepted suggestions",
        "apps.orders.tasks.sweep_mapping_batches",
        300,
        "Each is begun at once; this goes on with those whose worker was lost.",
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
        "Publish what waits",
        "apps.products.tasks.sweep_publish_runs",
        60,
        "Each run is woken at once; this goes on with those whose message got lost or "
        "whose process ended.",
    ),
    Job(
        "Let old data go",
        "apps.backoffice.tasks.apply_retention",
        86_400,
        "Each kind is kept as long as the page “Data retention” says; once a day is "
        "enough for rules in days.",
    ),
]
