"""Where a kind of alert is put right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from apps.alerts.models import Alert, Code
from apps.sync.models import Resource
from apps.users.models import AnyUser
from apps.users.roles import (
    VIEW_CALL,
    VIEW_FINANCE,
    VIEW_ORDER,
    VIEW_RUN,
    VIEW_SHOP,
    VIEW_STOCK,
    VIEW_WEBHOOK,
)


@dataclass(frozen=True, slots=True)
class Fix:
    """A page, for those who may open it."""

    words: str
    address: str


def fix_of(alert: Alert, user: AnyUser) -> Fix | None:
    """The first page that helps and is open to this person."""
    for permission, words, address in _PAGES.get(alert.code, ()):
        held = user.has_perm(permission, alert) if alert.shop else user.is_superuser
        if held and (found := address(alert)):
            return Fix(words, found)
    return None


def _shop(tab: str) -> Callable[[Alert], str]:
    return lambda alert: (
        f"{reverse('admin:platforms_shop_change', args=[alert.shop_id])}?tab={tab}"
    )


def _list(name: str, **query: Any) -> Callable[[Alert], str]:
    """A list of the shop's; a callable in the query is asked what the alert says."""

    def address(alert: Alert) -> str:
        told = {
            key: value(alert) if callable(value) else value
            for key, value in ({"shop": _shop_key} | query).items()
        }
        told = {key: value for key, value in told.items() if value}
        try:
            return f"{reverse(f'admin:{name}_changelist')}?{urlencode(told)}"
        except NoReverseMatch:
            return ""

    return address


def _shop_key(alert: Alert) -> Any:
    return alert.shop_id


def _client(alert: Alert) -> Any:
    return alert.shop.client_id if alert.shop else None


_CONNECTION = (VIEW_SHOP, "Open the connection", _shop("connection"))
_RUNS = _list("sync_syncrun", resource=lambda alert: alert.subject)
_ORDER_RUNS = _list("sync_syncrun", resource=Resource.ORDERS.value)
_PAGES: dict[str, tuple[tuple[str, str, Callable[[Alert], str]], ...]] = {
    Code.RECONNECT: (_CONNECTION,),
    Code.ACCESS: (_CONNECTION,),
    Code.REFRESH: (_CONNECTION,),
    Code.SYNC_FAILURES: ((VIEW_RUN, "Open the runs", _RUNS),),
    Code.ORDER_DELAY: ((VIEW_RUN, "Open the runs", _ORDER_RUNS),),
    Code.API_ERRORS: (
        (VIEW_CALL, "Open the API log", _list("platforms_apicall")),
        (VIEW_RUN, "Open the runs", _list("sync_syncrun")),
    ),
    Code.WEBHOOK_FAILURES: (
        (VIEW_WEBHOOK, "Open the webhooks", _list("webhooks_webhookevent")),
    ),
    Code.WEBHOOKS_SILENT: (_CONNECTION,),
    Code.ORDER_CONFLICTS: (
        (VIEW_ORDER, "Open the orders", _list("orders_order", tab="conflicts")),
    ),
    Code.MONEY_OFF: (
        (VIEW_FINANCE, "Open the settlements", _list("finance_statement", tab="off")),
    ),
    Code.MONEY_LATE: ((VIEW_FINANCE, "Open the payouts", _list("finance_payment")),),
    Code.SYNC_GAPS: ((VIEW_RUN, "Open the gaps", _list("sync_syncgap")),),
    Code.STOCK_CRITICAL: (
        (
            VIEW_STOCK,
            "Open the oversells",
            _list("inventory_oversellincident", shop="", client=_client),
        ),
    ),
    Code.CHECKS_STOPPED: (
        (
            "",
            "Open the schedule",
            _list("django_celery_beat_periodictask"),
        ),
    ),
}
