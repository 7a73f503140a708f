"""Orders, and what hangs on them: read again as the platform has them now."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Max

from apps.integrations.contracts import PlatformClient, Source
from apps.orders.models import Cancellation, Order, Package, Return
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.sync.services.aftersales import pull_returns
from apps.sync.services.pull_some import Pulled, pull_some
from apps.webhooks.handlers.news import News, Outcome, Outcomes, words_of

NO_ORDER = "It names no order."
NOT_PERMITTED = (
    "The shop's apps may not read returns and cancellations. Grant them “Return and "
    "refund” in Partner Center and connect the shop again; it is tried again then."
)
_REQUESTS = {Resource.CANCELLATIONS, Resource.RETURNS}


def read_orders(
    shop: Shop, news: Sequence[News], client: PlatformClient | None
) -> Outcomes:
    """The orders named, once each, with all they have."""
    words, _ = _read(shop, news, client)
    return {
        each.event.pk: Outcome(words_of(each.notice.order_ids, words, NO_ORDER))
        for each in news
    }


def read_requests(
    shop: Shop, news: Sequence[News], client: PlatformClient | None
) -> Outcomes:
    """As read_orders; it fails where the request behind it may not be read."""
    words, pulled = _read(shop, news, client)
    if _REQUESTS & set(pulled.not_permitted):
        return {each.event.pk: Outcome(NOT_PERMITTED, is_failed=True) for each in news}
    return {
        each.event.pk: Outcome(words_of(each.notice.order_ids, words, NO_ORDER))
        for each in news
    }


def read_returns(
    shop: Shop, news: Sequence[News], client: PlatformClient | None
) -> Outcomes:
    """Returns changed since last time: these events name none that we could ask for.

    Raises AlreadyRunning, besides what the platform says.
    """
    has_orders = SyncCursor.objects.filter(shop=shop, resource=Resource.ORDERS)
    if not has_orders.exists():
        words = "The shop's first pull is still to come, and brings it."
    else:
        run = pull_returns(shop, trigger=SyncRun.Trigger.WEBHOOK, client=client)
        found = [f"{run.new} new"] * bool(run.new)
        found += [f"{run.updated} changed"] * bool(run.updated)
        words = f"Returns: {', '.join(found) or 'no change'}"
    return {each.event.pk: Outcome(words) for each in news}


def _read(
    shop: Shop, news: Sequence[News], client: PlatformClient | None
) -> tuple[dict[str, str], Pulled]:
    """{order ID: what changed}."""
    ids = list(dict.fromkeys(key for each in news for key in each.notice.order_ids))
    before = _versions(shop, ids)
    pulled = pull_some(
        shop,
        ids,
        source=Source.WEBHOOK,
        trigger=SyncRun.Trigger.WEBHOOK,
        client=client,
    )
    after = _versions(shop, ids)
    words = {key: _change(key, before.get(key), after.get(key)) for key in ids}
    words |= {key: f"TikTok has no order {key}" for key in pulled.missing}
    words |= {
        key: f"Order {key} refused: {why}" for key, why in pulled.orders.refused if key
    }
    return words, pulled


_Version = tuple[datetime, ...]


def _versions(shop: Shop, ids: Collection[str]) -> dict[str, _Version]:
    """When each order, and what hangs on it, was last written."""
    own = Order.objects.filter(shop=shop, remote_id__in=ids)
    found: dict[str, _Version] = {
        remote_id: (at,)
        for remote_id, at in own.values_list("remote_id", "modified_at")
    }
    for model, path in (
        (Package, "orders__remote_id"),
        (Cancellation, "order__remote_id"),
        (Return, "order__remote_id"),
    ):
        rows = model._default_manager.filter(shop=shop, **{f"{path}__in": ids})
        latest = rows.order_by().values_list(path).annotate(Max("modified_at"))
        for remote_id, at in latest:
            found[remote_id] = (*found.get(remote_id, ()), at)
    return found


def _change(key: str, before: _Version | None, after: _Version | None) -> str:
    if before == after:
        return f"Order {key}: no change"
    return f"Order {key} {'updated' if before else 'is new'}"
