"""News of stock into what each shop is to be told. Nothing is sent here.

News is written by whoever changes what is available. What lies below the ledger and
writes none (SKUs matched by publishing, listings put on sale, bundles made of something
else) is found by looking at the rows: `catch_up`.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.core.storing import portions
from apps.integrations.contracts import StockFault
from apps.inventory.models import StockNews
from apps.inventory.services.telling import WhyNot, figures_of
from apps.platforms.models import Shop
from apps.products.models import BundleComponent, Listing, ListingSku
from apps.sync.models import StockPush
from apps.sync.services.stock_push.own_sales import moved_by_own_orders
from apps.sync.services.stock_push.rows import locked, refusing_zero, written
from apps.sync.services.stock_push.standing import renew

State = StockPush.State
# News of so many changes is taken in at once, and so many SKUs are noted at once: what
# holds the locks is over in a moment.
BATCH = 1_000
# A bundle that was changed is looked at for this long: once will do, a few do no harm.
LATELY = timedelta(minutes=10)
_REREAD = [StockFault.STATUS, StockFault.GONE]


def drain(most: int = 20_000) -> int:
    """Take news that waits into account: how many there were.

    In batches; each is a transaction that deletes the news and brings the pushes up to
    date, so nothing is lost, and several processes may drain at once.
    """
    taken = 0
    while taken < most and StockNews.objects.exists():
        if not (count := _drain_some()):
            break  # another process has the rest
        taken += count
    return taken


def note(listing_sku_ids: Collection[int], *, is_forced: bool = False) -> int:
    """Bring the pushes of these SKUs up to date: how many are due now. Repeating it
    changes nothing, unless `is_forced`: then what was accepted is sent again, and what
    waits for a person or for its time goes now."""
    return sum(
        _note_some(keys, is_forced=is_forced)
        for keys in portions(sorted(set(listing_sku_ids)), BATCH)
    )


def force(listing_sku_ids: Collection[int]) -> int:
    """Tell shops these SKUs again whatever they were told: how many are due now."""
    return note(listing_sku_ids, is_forced=True)


def recompute(shop: Shop, *, is_forced: bool = False) -> int:
    """Bring all pushes of a shop up to date: how many are due now."""
    matched = ListingSku.objects.listed().filter(shop=shop, variant__isnull=False)
    pushes = StockPush.objects.filter(shop=shop)
    keys = set(matched.values_list("pk", flat=True))
    return note(
        keys | set(pushes.values_list("listing_sku", flat=True)), is_forced=is_forced
    )


def catch_up() -> int:
    """Note the SKUs whose push does not say what is known of them otherwise: how many
    there were. Also those blocked ones whose time has come."""
    StockPush.objects.filter(_is_read_anew()).update(next_try_at=None)
    keys = _put_on_sale_by_others()
    keys |= set(_without_push().values_list("pk", flat=True)[: 20 * BATCH])
    pushes = StockPush.objects.filter(_is_outdated()).order_by()
    keys |= set(pushes.values_list("listing_sku", flat=True)[: 20 * BATCH])
    note(keys)
    return len(keys)


@transaction.atomic
def _drain_some() -> int:
    # Elsewhere there is one writer at a time anyway.
    skips = connection.features.has_select_for_update_skip_locked
    rows = StockNews.objects.select_for_update(skip_locked=skips).order_by("pk")
    news = dict(rows.values_list("pk", "variant")[:BATCH])
    if news:
        StockNews.objects.filter(pk__in=list(news)).delete()
        keys = _told_of(set(news.values()))
        note(keys)
        for some in portions(sorted(keys)):
            force(moved_by_own_orders(some))
    return len(news)


def _told_of(variants: Collection[int]) -> set[int]:
    """The listing SKUs that stand for these variants, or for bundles of them; and those
    that were told and stand for none any more."""
    bundles = BundleComponent.objects.filter(component__in=variants)
    ours = set(variants) | set(bundles.values_list("bundle", flat=True))
    keys: set[int] = set()
    for some in portions(sorted(ours)):
        skus = ListingSku.objects.filter(variant__in=some).order_by()
        keys.update(skus.values_list("pk", flat=True))
    left = StockPush.objects.exclude(state=State.UNKNOWN).filter(
        listing_sku__variant__isnull=True, shop__client__variants__in=variants
    )
    return keys | set(left.order_by().values_list("listing_sku", flat=True))


@transaction.atomic
def _note_some(keys: Sequence[int], *, is_forced: bool) -> int:
    _make_missing(keys)
    # Locked before the figures are read: whoever comes later reads later ones.
    pushes = locked(keys)
    now = timezone.now()
    told = figures_of([push.listing_sku_id for push in pushes])
    refusing = refusing_zero({push.shop_id for push in pushes}, now)
    with written(pushes):
        for push in pushes:
            renew(
                push,
                told[push.listing_sku_id],
                now,
                is_zero_refused=push.shop_id in refusing,
                is_forced=is_forced,
            )
    return sum(push.state == State.DUE for push in pushes)


def _make_missing(keys: Sequence[int]) -> None:
    """Pushes of SKUs that have none, in shops that are told."""
    has_one = StockPush.objects.filter(listing_sku=OuterRef("pk"))
    skus = _told_skus().filter(~Exists(has_one), pk__in=keys).order_by("pk")
    StockPush.objects.bulk_create(
        (
            StockPush(listing_sku_id=key, shop_id=shop_id)
            for key, shop_id in skus.values_list("pk", "shop")
        ),
        ignore_conflicts=True,
    )


def _told_skus() -> "QuerySet[ListingSku]":
    return ListingSku.objects.listed().filter(
        variant__isnull=False, shop__stock_settings__is_pushed=True
    )


def _without_push() -> "QuerySet[ListingSku]":
    has_one = StockPush.objects.filter(listing_sku=OuterRef("pk"))
    return _told_skus().filter(~Exists(has_one)).order_by()


def _put_on_sale_by_others() -> set[int]:
    """The SKUs of listings that we took off sale and somebody has put back."""
    back = StockPush.objects.filter(
        is_taken_off_sale=True,
        listing_sku__listing__status=Listing.Status.LIVE,
        listing_sku__listing__status_learnt_at__gt=F("modified_at"),
    )
    keys = set(back.order_by().values_list("listing_sku", flat=True))
    if keys:
        StockPush.objects.filter(listing_sku__in=keys).update(is_taken_off_sale=False)
    return keys


def _is_read_anew() -> Q:
    """Of pushes that wait for their listing to be read: it was."""
    return Q(
        state=State.BLOCKED,
        fault__in=_REREAD,
        next_try_at__isnull=False,
        listing_sku__listing__status_learnt_at__gt=F("modified_at"),
    )


def _is_outdated() -> Q:
    """Of pushes in shops that are told: those that other rows contradict."""
    is_live = Q(listing_sku__listing__status=Listing.Status.LIVE)
    is_matched = Q(listing_sku__variant__isnull=False)
    is_listed = Q(listing_sku__removed_at__isnull=True)
    is_silent = Q(state=State.UNKNOWN)
    now = timezone.now()
    return Q(shop__stock_settings__is_pushed=True) & (
        (is_silent & Q(fault=WhyNot.NOT_LIVE) & is_live)
        | (is_silent & Q(fault=WhyNot.NOT_MATCHED) & is_matched)
        | (is_silent & Q(fault=WhyNot.NOT_LISTED) & is_listed & is_live)
        | (is_silent & Q(fault=WhyNot.SWITCHED_OFF))
        | (
            ~is_silent
            & ~(is_live & is_matched & is_listed)
            & Q(is_taken_off_sale=False)
        )
        | Q(state=State.BLOCKED, next_try_at__lte=now)
        | Q(state=State.BLOCKED, fault__in=_REREAD, next_try_at__isnull=True)
        | Q(listing_sku__variant__modified_at__gte=now - LATELY)
    )
