"""Wishes written down, for a worker to send."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from django.db import models, transaction

from apps.core.storing import portions
from apps.orders.errors import ActionRefused
from apps.orders.models import ActionRun, Cancellation, Order, OrderAction, Return
from apps.orders.services.actions.facts import facts_of
from apps.orders.services.actions.objections import chosen, judged
from apps.orders.services.actions.runs import begin_run, settle_runs
from apps.orders.services.actions.taking import Taking, own_key
from apps.orders.services.actions.wishes import Wish, completed, target_of
from apps.orders.services.order_settings import settings_of
from apps.platforms.models import Shop
from apps.users.services.audit import By

Row = TypeVar("Row", bound=models.Model)
MOST = 10_000
SOURCES = ("page", "api", "file", "rule")


@dataclass(slots=True)
class Asked:
    """`actions` in the order of the wishes taken: new ones, and those that were open
    already. `refused` are (wish, why). `run` where several were asked for.

    Where the same key was given before, what it gave then: a run keeps its own
    `refused_rows`.
    """

    actions: list[OrderAction] = field(default_factory=list)
    refused: list[tuple[Wish, str]] = field(default_factory=list)
    run: ActionRun | None = None


@transaction.atomic
def ask(
    shop: Shop,
    wishes: Sequence[Wish],
    by: By,
    *,
    source: str = "page",
    title: str = "",
    key: str = "",
    held: bool | None = None,
    group: str = "",
) -> Asked:
    """Write wishes of one shop down, in one transaction; several are a run.

    Of a kind and target one is open at a time: what was not sent yet takes the new
    details, what was is given back as it is, or the wish is refused where it differs.
    The same `key` (of a shop) gives what it gave before. `source` is "page", "api",
    "file" or "rule"; `held` None: as the shop's settings say for that source.
    `group` binds the runs of several shops together.

    Raises ActionRefused for no wishes, too many, or an order of another shop.
    """
    _refuse_unfit(shop, wishes, source)
    # As whoever stores news does: what is known does not change while it is judged.
    shop = (
        Shop.objects.select_for_update(of=["self"], no_key=True)
        .select_related("client")
        .get(pk=shop.pk)
    )
    if key and (before := _asked_before(shop, key)):
        return before
    own = own_key(shop, key) if key and len(wishes) == 1 else ""
    taking = Taking(shop, by, source, settings_of(shop), held, own)
    asked = Asked()
    for wish, target in _judged(_as_they_are_now(wishes), taking, asked):
        try:
            asked.actions.append(taking.take(wish, target))
        except ActionRefused as error:
            asked.refused.append((wish, str(error)))
    if len(wishes) > 1:
        asked.run = begin_run(
            shop, wishes, by, source=source, title=title, key=key, group=group
        )
        taking.join(asked.run, asked.refused)
    taking.write(asked.run)
    if asked.run is not None:
        settle_runs([asked.run.pk])
        asked.run.refresh_from_db()
    return asked


def _refuse_unfit(shop: Shop, wishes: Sequence[Wish], source: str) -> None:
    if source not in SOURCES:
        raise ValueError(f"{source!r} is no source of actions.")
    if not wishes:
        raise ActionRefused("Choose at least one order.")
    if len(wishes) > MOST:
        raise ActionRefused(f"At most {MOST:,} can be asked for at once.")
    if any(wish.order.shop_id != shop.pk for wish in wishes):
        raise ActionRefused("There is no such order in this shop.")


def _asked_before(shop: Shop, key: str) -> Asked | None:
    run = ActionRun.objects.filter(shop=shop, key=key[:80]).first()
    if run is not None:
        actions = run.actions.select_related("order", "package").order_by("row", "pk")
        return Asked(list(actions), run=run)
    found = OrderAction.objects.filter(idempotency_key=own_key(shop, key))
    actions = found.select_related("order", "package")
    return Asked(list(actions)) if actions else None


def _judged(
    wishes: Sequence[Wish], taking: Taking, asked: Asked
) -> list[tuple[Wish, str]]:
    """Those against which nothing stands, complete, with their targets; the others are
    refused."""
    facts = facts_of(list({wish.order.pk: wish.order for wish in wishes}.values()))
    found: list[tuple[Wish, str]] = []
    for wish in wishes:
        known = facts[wish.order.pk]
        try:
            whole = chosen(completed(wish), known)
            why_not = judged(whole, known)
        except ActionRefused as error:
            whole, why_not = wish, str(error)
        if why_not:
            asked.refused.append((whole, why_not))
        else:
            found.append((whole, target_of(whole)))
    taking.look_for([(wish.kind, target) for wish, target in found])
    return found


def _as_they_are_now(wishes: Sequence[Wish]) -> list[Wish]:
    """With their orders and requests as stored, read under the shop's lock."""
    orders = _stored(Order, (wish.order for wish in wishes))
    cancellations = _stored(Cancellation, (wish.cancellation for wish in wishes))
    returns = _stored(Return, (wish.order_return for wish in wishes))
    return [
        replace(
            wish,
            order=orders.get(wish.order.pk, wish.order),
            cancellation=wish.cancellation and cancellations.get(wish.cancellation.pk),
            order_return=wish.order_return and returns.get(wish.order_return.pk),
        )
        for wish in wishes
    ]


def _stored(model: type[Row], rows: Iterable[Row | None]) -> dict[int, Row]:
    found: dict[int, Row] = {}
    for some in portions(sorted({row.pk for row in rows if row is not None})):
        found |= model._default_manager.in_bulk(some)
    return found
