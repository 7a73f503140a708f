"""What is particular to each kind: one table."""

from dataclasses import dataclass

from apps.alerts.models import Code, Delivery
from apps.alerts.rules.life_cycle import AT_ONCE, Patience


@dataclass(frozen=True, slots=True)
class Kind:
    """`delivery` is how people hear of it who chose nothing, `unit` what its value and
    threshold count: minutes (shown as days where days says so), share, or things."""

    about: str
    delivery: Delivery = Delivery.DIGEST
    patience: Patience = AT_ONCE
    unit: str = ""


KINDS: dict[str, Kind] = {
    Code.RECONNECT: Kind(
        "The seller took the access back, or it ended: nothing is pulled or pushed.",
        Delivery.NOW,
    ),
    Code.ACCESS: Kind(
        "Less than a quarter of an access token's life is left, at most 7 days.",
        Delivery.NOW,
        unit="minutes",
    ),
    Code.REFRESH: Kind(
        "Less than half of a seller's authorization is left, at most 30 days.",
        Delivery.NOW,
        unit="minutes",
    ),
    Code.SYNC_FAILURES: Kind(
        "More than 3 syncs of one kind in a row failed.", Delivery.NOW
    ),
    Code.ORDER_DELAY: Kind(
        "Orders are more than 30 minutes late, or than two of their intervals.",
        Delivery.NOW,
        unit="minutes",
    ),
    Code.API_ERRORS: Kind(
        "More than 5 % of the calls of the last hour failed, of 20 at least.",
        patience=Patience(firings=2, clears=3),
        unit="share",
    ),
    Code.WEBHOOK_FAILURES: Kind(
        "Webhooks were given up, or more than 5 % of the last hour's failed."
    ),
    Code.WEBHOOKS_SILENT: Kind(
        "No webhook has come for longer than is usual for the shop."
    ),
    Code.ORDER_CONFLICTS: Kind(
        "Sources contradict each other about orders, and nobody has decided."
    ),
    Code.SYNC_GAPS: Kind("A recount found orders that are not the same on TikTok."),
    Code.MONEY_OFF: Kind(
        "Statements, their lines or payments do not come to what they consist of."
    ),
    Code.MONEY_LATE: Kind(
        "A statement was not paid in the days that are set on the page of payouts."
    ),
    Code.STOCK_CRITICAL: Kind(
        "Something was sold that is not there, or is live and sold out."
    ),
    Code.LIVE_LOW: Kind("A session had less than half of the usual viewers."),
    Code.AFFILIATE_LOW: Kind("Clicks of creators become half as many orders."),
    Code.CHECKS_STOPPED: Kind(
        "Nothing has been looked at for 20 minutes, so nothing here is sure.",
        Delivery.NOW,
        unit="minutes",
    ),
}
