"""Beginning runs, repeating what did not go well, stopping them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.core.money import Money
from apps.platforms.models import Shop
from apps.products.errors import RunRefuses
from apps.products.models import (
    Listing,
    ListingDraft,
    ListingSku,
    PublishItem,
    PublishRun,
)
from apps.products.services.publishing.pricing import amounts_for
from apps.users.models import User
from apps.users.services import audit

Kind = PublishRun.Kind
State = PublishRun.State
_LIVE = (State.WAITING, State.RUNNING)
MOST_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class GivenPrices:
    """Prices somebody typed for one listing: {SKU ID: price}."""

    listing: Listing
    prices: Mapping[str, Money]


Subject = Listing | ListingDraft | GivenPrices


@transaction.atomic
def start_run(
    shop: Shop,
    kind: PublishRun.Kind,
    subjects: Sequence[Subject],
    user: User | None,
    *,
    address: str | None = None,
) -> PublishRun:
    """Put a deed on many listings of one shop in line; `work` does it.

    Subjects are drafts to create or edit, listings for all else, or GivenPrices in the
    place of planned ones. Each counts once. Whether the user may is the caller's
    question. Raises RunRefuses for nothing to do, for what is another shop's, for
    drafts that are closed or under way, and for a shop that is not connected.
    """
    shop = (
        Shop.objects.select_for_update(of=["self"], no_key=True)
        .select_related("client")
        .get(pk=shop.pk)
    )
    if shop.state != Shop.State.CONNECTED:
        raise RunRefuses(f"{shop} is {shop.get_state_display().lower()}. Connect it.")
    items = _items(shop, Kind(kind), subjects)
    return _begin(shop, Kind(kind), items, user, address)


@transaction.atomic
def retry_failed(
    run: PublishRun, user: User | None, *, address: str | None = None
) -> PublishRun:
    """A new run of what an ended one did not get done; raises RunRefuses."""
    run = (
        PublishRun.objects.select_for_update(of=["self"])
        .select_related("shop__client")
        .get(pk=run.pk)
    )
    if run.state in _LIVE:
        raise RunRefuses("This run has not ended yet. Stop it, or wait for its end.")
    left = [
        item
        for item in run.items.select_related("draft", "listing").exclude(
            state=PublishItem.State.DONE
        )
        if _can_be_repeated(item)
    ]
    if not left:
        raise RunRefuses("Nothing of this run is left to be repeated.")
    if again := run.retries.first():
        raise RunRefuses(f"It was repeated before. Go on from run {again.pk}.")
    _refuse_under_way([item.draft for item in left if item.draft])
    items = [
        # What was sent and not answered is looked for before it is sent again.
        PublishItem(
            listing=item.listing,
            draft=item.draft,
            request=item.request,
            sent_at=item.sent_at,
        )
        for item in left
    ]
    return _begin(run.shop, Kind(run.kind), items, user, address, retry_of=run)


@transaction.atomic
def stop(
    run: PublishRun, user: User | None = None, *, address: str | None = None
) -> PublishRun:
    """End a run after the item it is at; one that waits ends now. Raises RunRefuses."""
    run = PublishRun.objects.select_for_update(of=["self"]).get(pk=run.pk)
    if run.state not in _LIVE:
        raise RunRefuses("This run has ended already.")
    if run.state == State.WAITING:
        end_stopped(run)
    else:
        run.is_stop_asked = True
        run.save(update_fields=["is_stop_asked"])
    audit.record(
        "stopped publishing",
        run,
        client=run.shop.client,
        actor=user,
        address=address,
    )
    return run


def end_stopped(run: PublishRun) -> None:
    """What waits of it waits no longer; nothing of it was sent."""
    now = timezone.now()
    run.items.filter(state=PublishItem.State.WAITING).update(
        state=PublishItem.State.STOPPED, ended_at=now
    )
    run.state, run.ended_at, run.is_stop_asked = State.STOPPED, now, True
    run.save(update_fields=["state", "ended_at", "is_stop_asked"])


def _begin(
    shop: Shop,
    kind: PublishRun.Kind,
    items: list[PublishItem],
    user: User | None,
    address: str | None,
    retry_of: PublishRun | None = None,
) -> PublishRun:
    run = PublishRun.objects.create(shop=shop, kind=kind, user=user, retry_of=retry_of)
    for position, item in enumerate(items):
        item.run, item.position = run, position
    PublishItem.objects.bulk_create(items, batch_size=500)
    audit.record(
        "started publishing",
        run,
        client=shop.client,
        actor=user,
        address=address,
        kind=kind.value,
        items=len(items),
    )
    return run


def _items(
    shop: Shop, kind: PublishRun.Kind, subjects: Sequence[Subject]
) -> list[PublishItem]:
    if not subjects:
        raise RunRefuses("Choose at least one listing.")
    if len(subjects) > MOST_ITEMS:
        raise RunRefuses(f"A run takes at most {MOST_ITEMS:,} listings.")
    states = dict(
        ListingDraft.objects.filter(
            pk__in=[each.pk for each in subjects if isinstance(each, ListingDraft)]
        ).values_list("pk", "state")
    )
    sku_ids = _sku_ids(
        [each.listing for each in subjects if isinstance(each, GivenPrices)]
    )
    by_subject: dict[tuple[str, int], PublishItem] = {}
    for subject in subjects:
        if _shop_of(subject) != shop.pk:
            raise RunRefuses("There is no such listing in this shop.")
        if isinstance(subject, ListingDraft):
            item = _of_draft(kind, subject, states.get(subject.pk, ""))
        elif isinstance(subject, GivenPrices):
            item = _of_prices(kind, subject, shop, sku_ids[subject.listing.pk])
        else:
            item = _of_listing(kind, subject)
        key = ("draft", item.draft_id or 0), ("listing", item.listing_id or 0)
        by_subject.setdefault(key[0] if item.draft_id else key[1], item)
    items = list(by_subject.values())
    _refuse_under_way([item.draft for item in items if item.draft])
    return items


def _shop_of(subject: Subject) -> int:
    if isinstance(subject, GivenPrices):
        return subject.listing.shop_id
    return subject.shop_id


def _sku_ids(listings: Sequence[Listing]) -> dict[int, set[str]]:
    """{key of listing: IDs of the SKUs it has}; one query."""
    found: dict[int, set[str]] = {listing.pk: set() for listing in listings}
    rows = ListingSku.objects.present().filter(listing__in=found)
    for key, remote_id in rows.values_list("listing", "remote_id"):
        found[key].add(remote_id)
    return found


def _of_draft(kind: PublishRun.Kind, draft: ListingDraft, state: str) -> PublishItem:
    wanted = Kind.CREATE if draft.listing_id is None else Kind.EDIT
    if kind != wanted:
        raise RunRefuses(
            f"“{draft}” is a draft to {wanted.label.lower()}, "
            f"not to {Kind(kind).label.lower()}."
        )
    if state != ListingDraft.State.OPEN:
        raise RunRefuses(f"The draft “{draft}” is closed. Begin a new one.")
    return PublishItem(draft=draft, listing_id=draft.listing_id)


def _of_listing(kind: PublishRun.Kind, listing: Listing) -> PublishItem:
    if kind in (Kind.CREATE, Kind.EDIT):
        raise RunRefuses("Listings are created and edited from drafts.")
    return PublishItem(listing=listing)


def _of_prices(
    kind: PublishRun.Kind, given: GivenPrices, shop: Shop, known: set[str]
) -> PublishItem:
    if kind != Kind.PRICE:
        raise RunRefuses("Prices are for a run that changes prices.")
    amounts = _checked(given, shop, known)
    return PublishItem(listing=given.listing, request={"amounts": amounts})


def _checked(given: GivenPrices, shop: Shop, known: set[str]) -> dict[str, str]:
    amounts: dict[str, Decimal] = {}
    for remote_id, price in given.prices.items():
        if remote_id not in known:
            raise RunRefuses(f"“{given.listing}” has no SKU {remote_id}.")
        if price.currency != shop.currency:
            raise RunRefuses(f"{shop} sells in {shop.currency}, not {price.currency}.")
        if price.rounded().amount <= 0:
            raise RunRefuses(f"A price must be more than nothing, not {price}.")
        amounts[remote_id] = price.rounded().amount
    if not amounts:
        raise RunRefuses(f"No price is given for “{given.listing}”.")
    return amounts_for(amounts)


def _refuse_under_way(drafts: Iterable[ListingDraft]) -> None:
    busy = PublishItem.objects.filter(
        draft__in=[draft.pk for draft in drafts], run__state__in=_LIVE
    ).select_related("draft")
    if item := busy.first():
        raise RunRefuses(f"“{item.draft}” is being sent already.")


def _can_be_repeated(item: PublishItem) -> bool:
    if item.draft is not None:
        return item.draft.state == ListingDraft.State.OPEN
    return item.listing is not None
