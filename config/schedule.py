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
        "Look for orders nobody told us of",
        "apps.sync.tasks.sweep_unannounced",
        20,
        "One call for each shop: where deliveries fail, orders are here within half a "
        "minute all the same.",
    ),
    Job(
        "Sync packages that are due",
        "apps.sync.tasks.sweep_packages",
        65,
        "Each shop is due 15 minutes after its last run, once its orders are here; a "
        "pace of its own keeps it from starting with the orders each time.",
    ),
    Job(
        "Sync cancellations that are due",
        "apps.sync.tasks.sweep_cancellations",
        70,
        "Each shop is due 15 minutes after its last run: a buyer's wish to cancel is "
        "granted by silence within a day or two.",
    ),
    Job(
        "Sync returns that are due",
        "apps.sync.tasks.sweep_returns",
        75,
        "Each shop is due 15 minutes after its last run: a return nobody answers is "
        "granted after two days.",
    ),
    Job(
        "Sync affiliate orders that are due",
        "apps.sync.tasks.sweep_affiliate",
        600,
        "Each shop is due a day after its last run, which asks for 90 days anew: "
        "commissions settle weeks after the order.",
    ),
    Job(
        "Sync creator accounts that are due",
        "apps.sync.tasks.sweep_creators",
        600,
        "Each account is due a day after its last run; a new one within ten minutes.",
    ),
    Job(
        "Sync products that are due",
        "apps.sync.tasks.sweep_products",
        60,
        "Each shop is due an hour after its last run; asking each minute keeps a shop "
        "from waiting for the others.",
    ),
    Job(
        "Sync settlements that are due",
        "apps.sync.tasks.sweep_finance",
        300,
        "Each shop is due twelve hours after its last run: a statement is made once a "
        "day, and paid some days later.",
    ),
    Job(
        "Link settlements with orders that came later",
        "apps.finance.tasks.link_settlements",
        600,
        "Most orders are here before they are settled; with nothing to link it is a "
        "look at two indexes.",
    ),
    Job(
        "Count orders on both sides where it is due",
        "apps.sync.tasks.sweep_gaps",
        600,
        "Each shop is counted in its own night, at three o'clock; a new shop once its "
        "orders are here.",
    ),
    Job(
        "Compare stock that is due",
        "apps.sync.tasks.sweep_stock_comparison",
        60,
        "Each shop with matched SKUs is due an hour after its last comparison, which "
        "shows who else has moved its stock.",
    ),
    Job(
        "Tell shops what stock there is",
        "apps.sync.tasks.sweep_stock",
        2,
        "A change is to reach the shops within seconds; what changes in one of these "
        "goes in one call. With nothing to tell it is a look at three indexes.",
    ),
    Job(
        "Act on what platforms told",
        "apps.webhooks.tasks.sweep_webhooks",
        2,
        "An order should be here seconds after its event; what comes in one of these "
        "is read in one call. With nothing to do it is a look at two indexes.",
    ),
    Job(
        "Settle events that wait for a shop or a permission",
        "apps.webhooks.tasks.settle_webhooks",
        30,
        "A shop that is being connected hears of its orders before it is there; what "
        "lacked a permission is taken up when somebody has given it.",
    ),
    Job(
        "Sum up days of webhooks",
        "apps.webhooks.tasks.sum_up_webhooks",
        1_800,
        "A day is summed up once, two days later; days whose events somebody replayed "
        "are counted anew.",
    ),
    Job(
        "Find stock that nobody gave news of",
        "apps.sync.tasks.catch_up_stock",
        60,
        "Listings put on sale, SKUs matched by publishing, bundles that changed and "
        "refusals whose time has come are seen by their rows.",
    ),
    Job(
        "Send what is asked of orders",
        "apps.sync.tasks.sweep_order_actions",
        10,
        "What people ask by a button is sent at once; this goes on with long runs, "
        "with what is tried again, and with what a lost worker left.",
    ),
    Job(
        "Read carriers and delivery options",
        "apps.orders.tasks.sweep_logistics",
        1_800,
        "Each shop is asked once a day; asking often spreads them, and finds a shop "
        "soon after it was connected.",
    ),
    Job(
        "Let old shipping papers go",
        "apps.orders.tasks.purge_papers",
        3_600,
        "They show who bought, and are kept only as many days as the shop has them.",
    ),
    Job(
        "Link order lines to what they sold",
        "apps.orders.tasks.link_order_lines",
        300,
        "Lines stored before their SKUs were known, or matched by publishing, are "
        "linked in batches; with none left it is a look at an index for each.",
    ),
    Job(
        "Book stock of orders that are due",
        "apps.orders.tasks.book_due_stock",
        20,
        "Orders are booked as they come in; a match, a bundle or a warehouse decided "
        "later moves many at once. Shops should hear of it within half a minute.",
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
        "Go on with uploaded files",
        "apps.imports.tasks.sweep_files",
        60,
        "Each file is begun at once; this goes on with those whose message got lost or "
        "whose worker ended.",
    ),
    Job(
        "Forget erased buyers in kept imports",
        "apps.imports.tasks.forget_erased_buyers",
        3600,
        "What is kept to undo an import holds orders as they were; erasing is rare, "
        "and what was erased should be gone within the hour.",
    ),
    Job(
        "Go on with stock files",
        "apps.imports.tasks.sweep_stock_files",
        60,
        "Each large file is begun at once; this goes on with those whose message got "
        "lost or whose worker ended.",
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
        "Score applicants whose shops have been read",
        "apps.sync.tasks.sweep_applicants",
        10,
        "The applicant waits at a page; with nobody waiting it is a look at a table.",
    ),
    Job(
        "Forget who bought from applicants",
        "apps.credit.tasks.minimise_applicants",
        600,
        "Scores need no buyers once they are hashed; nobody ships from these shops.",
    ),
    Job(
        "Score applicants whose data moved",
        "apps.credit.tasks.sweep_scores",
        900,
        "Each at most once a day; a sweep ends after two minutes and the next goes on.",
    ),
    Job(
        "Tell lenders",
        "apps.credit.tasks.tell_lenders",
        30,
        "Whoever lends waits for the score; tries again where their webhook is away.",
    ),
    Job(
        "Let applicants' data go",
        "apps.credit.tasks.let_applicants_go",
        86_400,
        "Each lender has said for how many days; once a day is enough.",
    ),
    Job(
        "Load exchange rates",
        "apps.finance.tasks.load_exchange_rates",
        10_800,
        "The ECB publishes once a working day, about 16:00 CET; with nothing missing "
        "it is a look at the newest rate.",
    ),
    Job(
        "Show orders as their shops prefer",
        "apps.orders.tasks.sweep_unshown_orders",
        300,
        "Done at once when a shop changes whose word counts; this goes on with those "
        "whose message got lost or whose worker ended.",
    ),
    Job(
        "Set priorities that wait",
        "apps.orders.tasks.sweep_priority_runs",
        60,
        "Each run is woken at once; this goes on with those whose message got lost or "
        "whose worker ended.",
    ),
    Job(
        "Look for what is wrong",
        "apps.alerts.tasks.check_alerts",
        300,
        "Alerts open, get worse and close by looks that are five minutes apart; after "
        "20 minutes without one, that is an alert.",
    ),
    Job(
        "Tell what is wrong",
        "apps.alerts.tasks.tell_alerts",
        60,
        "Mails several alerts at once, respects quiet hours, and tries again where a "
        "mail host or another tool is away.",
    ),
    Job(
        "Count what was sold",
        "apps.backoffice.tasks.count_all_sales",
        180,
        "Days whose orders changed are counted anew; with nothing to do it is a look "
        "at a few indexes for each shop.",
    ),
    Job(
        "Count what was settled",
        "apps.backoffice.tasks.count_all_settled",
        1_800,
        "Settlements come once a day; each shop's are summed up whole and compared.",
    ),
    Job(
        "Compare what was counted with the orders",
        "apps.backoffice.tasks.verify_sales",
        86_400,
        "Figures follow from orders; once a day the last weeks are read another way, "
        "and what differs is logged and counted anew.",
    ),
    Job(
        "Show that work is done",
        "apps.backoffice.tasks.sweep_heartbeats",
        30,
        "The health page tells by it whether Beat sends and each queue has a worker.",
    ),
    Job(
        "Look after where shops post their news",
        "apps.webhooks.tasks.sweep_subscriptions",
        600,
        "A shop is subscribed for when it is connected; this follows up where the "
        "message got lost, and looks at each shop once a day.",
    ),
    Job(
        "Let old data go",
        "apps.backoffice.tasks.apply_retention",
        86_400,
        "Each kind is kept as long as the page “Data retention” says; once a day is "
        "enough for rules in days.",
    ),
]
