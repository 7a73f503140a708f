"""Find or make the buyers of a batch of orders, and join what two sources name."""

from collections.abc import Iterable

from apps.integrations.contracts import RemoteBuyer
from apps.orders.models import Buyer, Order


def ingest_buyers(
    shop_id: int, pairs: Iterable[tuple[Order, RemoteBuyer]]
) -> dict[str, Buyer]:
    """{order's remote_id: Buyer} for the orders whose source names a buyer.

    The API gives a user id, a file the username. An order known from both tells that
    they are one person, so their rows become one. Call it under the shop's lock.
    """
    named = [(o, b) for o, b in pairs if b.remote_id or b.username]
    by_id = _existing(shop_id, "remote_id", {b.remote_id for _, b in named})
    by_name = _existing(shop_id, "username", {b.username for _, b in named})
    for order, remote in named:
        if order.buyer is not None:
            _learn(order.buyer, remote, by_id, by_name)
    _create_missing(shop_id, named, by_id, by_name)
    return {
        order.remote_id: order.buyer
        or (by_id.get(remote.remote_id) or by_name[remote.username])
        for order, remote in named
    }


def _existing(shop_id: int, field: str, handles: set[str]) -> dict[str, Buyer]:
    rows = Buyer.objects.filter(
        shop_id=shop_id, **{f"{field}__in": sorted(handles - {""})}
    )
    return {getattr(row, field): row for row in rows}


def _learn(
    buyer: Buyer,
    remote: RemoteBuyer,
    by_id: dict[str, Buyer],
    by_name: dict[str, Buyer],
) -> None:
    """Give the order's buyer the handle that the other source knows them by."""
    for field, handle, known in (
        ("remote_id", remote.remote_id, by_id),
        ("username", remote.username, by_name),
    ):
        if not handle or getattr(buyer, field):
            continue
        twin = known.get(handle)
        if twin is not None and twin.pk != buyer.pk:
            if (field == "remote_id" and twin.username) or (
                field == "username" and twin.remote_id
            ):
                continue  # two people after all: both carry the other handle already
            Order.objects.filter(buyer=twin).update(buyer=buyer)
            twin.delete()
        setattr(buyer, field, handle)
        buyer.save(update_fields=[field, "modified_at"])
        known[handle] = buyer


def _create_missing(
    shop_id: int,
    named: list[tuple[Order, RemoteBuyer]],
    by_id: dict[str, Buyer],
    by_name: dict[str, Buyer],
) -> None:
    fresh: list[Buyer] = []
    for order, remote in named:
        if order.buyer is not None:
            continue
        if remote.remote_id in by_id or remote.username in by_name:
            continue
        buyer = Buyer(
            shop_id=shop_id, remote_id=remote.remote_id, username=remote.username
        )
        fresh.append(buyer)
        if remote.remote_id:
            by_id[remote.remote_id] = buyer
        if remote.username:
            by_name[remote.username] = buyer
    Buyer.objects.bulk_create(fresh)
