"""Decisions about listing SKUs, with the order lines linked in the same transaction.

Each is about one shop and gives an Outcome whose batch can be undone. Who may decide
is the caller's question; that what is chosen is the same client's is asked here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.db.models import Count

from apps.core.storing import portions
from apps.inventory.services.news import tell_of
from apps.orders.models import Order, OrderLine, OrderQuerySet
from apps.orders.models.questions import waiting_to_ship
from apps.orders.services.relink import relink
from apps.orders.services.stock import book_due_orders
from apps.platforms.models import Shop
from apps.products.models import (
    Listing,
    ListingSku,
    MappingBatch,
    MappingChange,
    Product,
    Variant,
)
from apps.products.services import mapping, mapping_plans, product_from_listing
from apps.products.services.mapping import Decision, Left, Plan
from apps.products.services.telling_apart import tell_apart
from apps.users.services import audit
from apps.users.services.audit import By as By

# More than this is accepted in the background, piece by piece.
AT_ONCE = 500
Deed = MappingBatch.Deed


@dataclass(slots=True)
class Outcome(Decision):
    """`lines` were linked to another variant than before; of all lines of the SKUs
    that changed, `waiting` are in orders that wait for shipment."""

    lines: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What hangs on listing SKUs: their order lines, how many of these are in orders
    that wait for shipment, and how many orders those are."""

    lines: int = 0
    waiting_lines: int = 0
    waiting_orders: int = 0


def effect(listing_skus: Sequence[int]) -> Effect:
    """Of listing SKUs by their keys."""
    lines = waiting = 0
    orders: set[int] = set()
    for keys in portions(listing_skus):
        of_these = OrderLine.objects.filter(listing_sku__in=keys)
        lines += of_these.count()
        here = of_these.filter(order__in=_waiting())
        orders_here = here.order_by().values_list("order").annotate(Count("pk"))
        for order, count in orders_here:
            orders.add(order)
            waiting += count
    return Effect(lines, waiting, len(orders))


def accept(shop: Shop, pairs: Mapping[int, int], by: By) -> Outcome:
    """{listing SKU: variant} as suggested and shown; what is no longer suggested, or
    was decided meanwhile, is left and named."""
    plan = mapping_plans.accepting(shop.client, pairs)
    return _decide(shop, list(pairs), plan, Deed.ACCEPT, by)


def choose(
    shop: Shop,
    pairs: Mapping[int, int],
    by: By,
    *,
    seen: Mapping[int, int | None] | None = None,
) -> Outcome:
    """{listing SKU: variant or bundle} whatever is suggested. `seen` is what each was
    matched to when the person looked; where that has changed it is left and named."""
    plan = mapping_plans.choosing(shop.client, pairs, seen=seen)
    return _decide(shop, list(pairs), plan, Deed.CHOOSE, by)


def choose_product(listing: Listing, product: Product, by: By) -> Outcome:
    """Match the undecided SKUs of a listing to the variants of a product, as SKU,
    barcode and option words tell; those that are not clear are left and named."""
    shop = listing.shop
    skus = list(listing.skus.open().order_by("position", "pk"))
    variants = list(
        Variant.objects.filter(product=product, client=shop.client_id, is_active=True)
    )
    pairs = tell_apart(skus, variants)
    outcome = choose(shop, pairs, by, seen=dict.fromkeys(pairs))
    outcome.left += [
        Left(sku.pk, str(sku), "which variant it is cannot be told; choose one.")
        for sku in skus
        if sku.pk not in pairs
    ]
    return outcome


@transaction.atomic
def create_product(listing: Listing, by: By) -> tuple[Product, Outcome]:
    """A product of ours with a variant for each undecided SKU of a listing, matched.

    Raises MappingRefused where a SKU is taken (the message says by what), or nothing
    is undecided.
    """
    shop = listing.shop
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    product, pairs = product_from_listing.create(
        listing, actor=by.user, address=by.address
    )
    plan = mapping_plans.choosing(shop.client, pairs, reason=ListingSku.Reason.CREATED)
    return product, _decide(shop, list(pairs), plan, Deed.CREATE, by)


def ignore(shop: Shop, keys: Sequence[int], by: By) -> Outcome:
    """Listing SKUs that are to have no variant; they are not suggested anything."""
    return _decide(shop, keys, mapping_plans.ignoring, Deed.IGNORE, by)


def unlink(
    shop: Shop,
    keys: Sequence[int],
    by: By,
    *,
    seen: Mapping[int, int | None] | None = None,
) -> Outcome:
    """Back to undecided; `seen` as with `choose`."""
    plan = mapping_plans.unlinking(seen)
    return _decide(shop, keys, plan, Deed.UNLINK, by)


def apply_file(shop: Shop, keys: Sequence[int], plan: Plan, by: By) -> Outcome:
    """What a mapping file says of a shop's SKUs, as one batch."""
    return _decide(shop, keys, plan, Deed.FILE, by)


@transaction.atomic
def undo(batch: MappingBatch, by: By) -> Outcome:
    """Take a batch back where nothing newer was decided; the rest is left and named.
    Repeating changes nothing.

    Raises MappingRefused while it is still running.
    """
    outcome = _with_lines(mapping.undo(batch, user=by.user))
    if outcome.changed:
        _record("took back a mapping", batch, outcome, by)
    return outcome


@transaction.atomic
def start_accepting(shop: Shop, pairs: Mapping[int, int], by: By) -> MappingBatch:
    """Note many suggestions for `accept_some`, which a task calls until all is done."""
    return MappingBatch.objects.create(
        shop=shop,
        deed=Deed.ACCEPT,
        user=by.user,
        total=len(pairs),
        is_running=True,
        pending=[list(pair) for pair in sorted(pairs.items())],
    )


@transaction.atomic
def accept_some(batch_id: int) -> bool:
    """Accept the next piece of a batch in the background; whether there is more.

    What is done is taken off the list in the same transaction, so that it can be
    called by anybody, at any time.
    """
    batch = MappingBatch.objects.filter(pk=batch_id, is_running=True).first()
    if batch is None:
        return False
    shop = Shop.objects.select_for_update(no_key=True).get(pk=batch.shop_id)
    batch = MappingBatch.objects.select_for_update(no_key=True).get(pk=batch_id)
    if not batch.is_running:
        return False
    pairs = dict(islice(batch.pending, AT_ONCE))
    by = By(batch.user, process="accept_suggestions")
    plan = mapping_plans.accepting(shop.client, pairs)
    outcome = _with_lines(
        mapping.decide(
            shop, list(pairs), plan, deed=Deed.ACCEPT, user=by.user, batch=batch
        )
    )
    batch.pending = batch.pending[AT_ONCE:]
    batch.is_running = bool(batch.pending)
    batch.lines_relinked += outcome.lines
    batch.save(update_fields=["pending", "is_running", "lines_relinked"])
    if not batch.is_running:
        changed = batch.changes.count()
        _write_down(_VERBS[Deed.ACCEPT], batch, by, changed, batch.lines_relinked)
    return batch.is_running


@transaction.atomic
def _decide(
    shop: Shop, keys: Sequence[int], plan: Plan, deed: MappingBatch.Deed, by: By
) -> Outcome:
    outcome = _with_lines(mapping.decide(shop, keys, plan, deed=deed, user=by.user))
    if outcome.batch is not None:
        if outcome.lines:
            outcome.batch.lines_relinked = outcome.lines
            outcome.batch.save(update_fields=["lines_relinked"])
        _record(_VERBS[deed], outcome.batch, outcome, by)
    return outcome


_VERBS = {
    Deed.ACCEPT: "accepted mappings",
    Deed.CHOOSE: "chose mappings",
    Deed.CREATE: "created a product from a listing",
    Deed.IGNORE: "ignored listing SKUs",
    Deed.UNLINK: "unlinked listing SKUs",
    Deed.FILE: "imported mappings",
}


def _with_lines(decision: Decision) -> Outcome:
    outcome = Outcome(decision.batch, decision.changed, decision.same, decision.left)
    outcome.lines = relink(outcome.changed)
    _tell_of_stock(outcome)
    if outcome.lines and outcome.batch is not None:
        # What waits longest for a person comes first; a sweep books the rest.
        book_due_orders(outcome.batch.shop, AT_ONCE)
    outcome.waiting = sum(
        OrderLine.objects.filter(listing_sku__in=keys, order__in=_waiting()).count()
        for keys in portions(outcome.changed)
    )
    return outcome


def _tell_of_stock(outcome: Outcome) -> None:
    """Shops are told other figures of SKUs that stand for something else now."""
    for keys in portions(outcome.changed):
        changes = MappingChange.objects.filter(
            batch=outcome.batch, listing_sku__in=keys
        )
        pairs = changes.values_list("variant_before", "variant_after")
        tell_of(key for pair in pairs for key in pair if key is not None)


def _waiting() -> OrderQuerySet:
    return Order.objects.filter(waiting_to_ship())


def _record(verb: str, batch: MappingBatch, outcome: Outcome, by: By) -> None:
    _write_down(verb, batch, by, len(outcome.changed), outcome.lines)


def _write_down(verb: str, batch: MappingBatch, by: By, skus: int, lines: int) -> None:
    audit.record(
        verb,
        batch,
        client=batch.shop.client,
        actor=by.user,
        address=by.address,
        process=by.process,
        skus=skus,
        lines=lines,
    )
