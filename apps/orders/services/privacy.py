"""A buyer asks what we hold about them, or to be forgotten."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Model, Q, QuerySet
from django.utils import timezone

from apps.orders.errors import ErasureRefused
from apps.orders.models import Buyer, Order, OrderPayload, OrderQuerySet
from apps.orders.services.forgetting import (
    FINISHED,
    forget_buyer_of,
    forget_handles,
)
from apps.platforms.models import Shop
from apps.users.models import User
from apps.users.services import audit

MOST_FOUND = 50
# What hangs on an order and may tell of its buyer.
_HELD = (
    "lines",
    "packages",
    "payloads",
    "notes",
    "tracking_steps",
    "cancellations",
    "returns",
    "actions",
)
_REQUESTS = ("cancellations", "returns")
# What another table is for.
_LINKS = {
    "shop_id",
    "buyer_id",
    "order_id",
    "package_id",
    "cancellation_id",
    "order_return_id",
    "run_id",
    "request_id",
    "order_line_id",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who bought in a shop: a buyer, or whoever placed the one order where
    no source named them."""

    shop: Shop
    buyer: Buyer | None = None
    order: Order | None = None

    @property
    def row(self) -> Buyer | Order:
        row = self.buyer or self.order
        assert row is not None
        return row

    @property
    def name(self) -> str:
        """What a person types to confirm: a handle, or the order's ID."""
        return (
            str(self.buyer) if self.buyer else str(self.order and self.order.remote_id)
        )

    @property
    def label(self) -> str:
        """For the trail, which must not say who it was."""
        if self.buyer is None:
            return f"The buyer of {self.order}"
        return f"Buyer {self.buyer.pk} of {self.shop}"

    @property
    def orders(self) -> OrderQuerySet:
        if self.buyer is not None:
            return Order.objects.filter(buyer=self.buyer)
        return Order.objects.filter(pk=self.row.pk)

    @property
    def is_erased(self) -> bool:
        if self.buyer is not None:
            return self.buyer.is_erased
        return self.order is not None and self.order.buyer_erased_at is not None


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much there is, for the question before the deed."""

    orders: int
    unfinished: int
    payloads: int

    def as_json(self) -> dict[str, int]:
        return {"orders": self.orders, "payloads": self.payloads}


def find_subjects(shops: QuerySet[Shop], text: str) -> list[Subject]:
    """Who goes by this handle, platform user ID or order ID in these shops."""
    text = text.strip()
    handle = text.removeprefix("@")
    if not handle or "\0" in text:
        return []
    ordered = Order.objects.filter(shop__in=shops, remote_id=text)
    named = Q(remote_id=handle) | Q(username=handle) | Q(pk__in=ordered.values("buyer"))
    buyers = Buyer.objects.filter(named, shop__in=shops).select_related("shop__client")
    nameless = ordered.filter(buyer=None).select_related("shop__client")
    return [
        *(Subject(row.shop, buyer=row) for row in buyers.order_by("pk")[:MOST_FOUND]),
        *(Subject(row.shop, order=row) for row in nameless[:MOST_FOUND]),
    ]


def subject_of(order: Order) -> Subject:
    """Who placed it."""
    if order.buyer is not None:
        return Subject(order.shop, buyer=order.buyer)
    return Subject(order.shop, order=order)


def holdings_of(subject: Subject) -> Holdings:
    """What erasing would blank. Two queries."""
    orders = subject.orders.filter(buyer_erased_at=None)
    counts = orders.aggregate(
        all=Count("pk"), unfinished=Count("pk", filter=~Q(status__in=FINISHED))
    )
    payloads = OrderPayload.objects.filter(order__in=orders, emptied_at=None)
    return Holdings(counts["all"], counts["unfinished"], payloads.count())


@transaction.atomic
def export_buyer(
    subject: Subject,
    *,
    actor: User | None = None,
    process: str = "system",
    address: str | None = None,
) -> dict[str, Any]:
    """Everything we hold about them, as plain values; the trail says it was taken."""
    lines = [f"{name}__lines" for name in _REQUESTS]
    orders = subject.orders.prefetch_related(*_HELD, *lines, "packages__documents")
    rows = [_order(order) for order in orders.order_by("placed_at", "pk")]
    _note("exported a buyer's data", subject, actor, process, address, len(rows))
    return {
        "exported_at": timezone.now(),
        "shop": {
            "name": subject.shop.name,
            "shop_id": subject.shop.remote_id,
            "region": subject.shop.region,
        },
        "buyer": _columns(subject.buyer, {"shop_id"}) if subject.buyer else None,
        "orders": rows,
    }


@transaction.atomic
def erase_buyer(
    subject: Subject,
    typed: str,
    *,
    actor: User | None = None,
    process: str = "system",
    address: str | None = None,
) -> Holdings:
    """Forget them for good; what was blanked. Later news of their orders adds nothing.

    Raises ErasureRefused unless `typed` is the subject's name. Repeating it changes
    nothing and leaves no second line in the trail.
    """
    Shop.objects.select_for_update(no_key=True).get(pk=subject.shop.pk)
    subject.row.refresh_from_db()
    if subject.is_erased:
        return Holdings(0, 0, 0)
    if typed.strip() != subject.name:
        raise ErasureRefused(f"Type “{subject.name}” to erase this buyer's data.")
    held = holdings_of(subject)
    keys = list(subject.orders.values_list("pk", flat=True))
    forget_buyer_of(subject.shop.pk, keys)
    if subject.buyer is not None:
        # One without orders, too, and one whose orders were forgotten before.
        forget_handles(Buyer.objects.filter(pk=subject.buyer.pk))
    subject.row.refresh_from_db()
    _note("erased a buyer's data", subject, actor, process, address, held.orders)
    return held


def _note(
    verb: str,
    subject: Subject,
    actor: User | None,
    process: str,
    address: str | None,
    orders: int,
) -> None:
    audit.record(
        verb,
        subject.row,
        target_text=subject.label,
        actor=actor,
        process=process,
        client=subject.shop.client,
        address=address,
        orders=orders,
    )


def _order(order: Order) -> dict[str, Any]:
    held = {
        name: [_columns(row, _LINKS) for row in getattr(order, name).all()]
        for name in _HELD
    }
    for name in _REQUESTS:
        rows = getattr(order, name).all()
        for told, row in zip(held[name], rows, strict=True):
            told["lines"] = [_columns(line, _LINKS) for line in row.lines.all()]
    papers = [row for each in order.packages.all() for row in each.documents.all()]
    # A paper is a picture of what stands here anyway.
    held["papers"] = [_columns(row, _LINKS | {"content"}) for row in papers]
    return _columns(order, _LINKS) | held


def _columns(row: Model, skip: Iterable[str]) -> dict[str, Any]:
    """All columns, also those to come; what another table is for is left out."""
    return {
        column.attname: getattr(row, column.attname)
        for column in row._meta.concrete_fields
        if column.attname not in skip
    }
