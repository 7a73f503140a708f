"""What is looked at. One line of LOOKS is one rule; to add one, add a line.

Each takes all shops at once and asks a number of questions that does not grow with
them. It says something of every shop it can say something of, also that all is well:
an alert of which nothing is said any more is over.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from apps.alerts.services.looks.calls import api_errors
from apps.alerts.services.looks.connection import reconnecting, tokens
from apps.alerts.services.looks.finding import Finding
from apps.alerts.services.looks.gaps import gaps
from apps.alerts.services.looks.money import payouts, settlements
from apps.alerts.services.looks.orders import conflicts
from apps.alerts.services.looks.stock import stock
from apps.alerts.services.looks.syncs import order_delays, sync_failures
from apps.alerts.services.looks.webhooks import silence, webhook_failures
from apps.platforms.models import Shop

Look = Callable[[Sequence[Shop], datetime], Iterator[Finding]]

LOOKS: tuple[Look, ...] = (
    reconnecting,
    tokens,
    sync_failures,
    order_delays,
    api_errors,
    webhook_failures,
    silence,
    conflicts,
    gaps,
    stock,
    settlements,
    payouts,
)
