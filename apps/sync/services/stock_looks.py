"""What shops were found to show, noted beside what they are to show."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from apps.integrations.contracts import RemoteStock, StockAnswer
from apps.inventory.models import StockNews
from apps.inventory.services.news import tell_of
from apps.platforms.models import Shop
from apps.products.models import BundleComponent, Listing, ListingSku
from apps.sync.models import StockPush

State = StockPush.State
UNSAID = "TikTok does not say how many there are."


@dataclass(frozen=True, slots=True)
class Sku:
    """A matched SKU of a live listing."""

    pk: int
    remote_id: str
    variant_id: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a shop shows of a SKU, {warehouse ID: pieces}, with the row it is noted in.

    `is_news`: it was never looked at before. `is_open`: that may be judged, because
    nothing is on its way to it and nothing has changed since we asked. `is_lost`: it is
    what we sent and never heard of.
    """

    sku: Sku
    push: StockPush
    stock: RemoteStock
    found: dict[str, int]
    is_news: bool
    is_open: bool
    is_lost: bool

    @property
    def differs(self) -> bool:
        """From what it is to show and from what it was told, and may be judged."""
        is_alike = self.found.keys() == self.push.wanted.keys()
        return self.is_open and is_alike and not self.is_in_step

    @property
    def is_in_step(self) -> bool:
        return self.found in (self.push.wanted, self.push.accepted)

    @property
    def is_told(self) -> bool:
        return self.push.state != State.UNKNOWN


@dataclass(slots=True)
class Page:
    """`refused` are (SKU ID, why it cannot be compared)."""

    seen: list[Seen] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def skus_to_compare(shop: Shop, only: Collection[int] | None = None) -> list[Sku]:
    """The matched SKUs of a shop's live listings, or those of them in `only`."""
    rows = ListingSku.objects.filter(
        shop=shop, variant__isnull=False, listing__status=Listing.Status.LIVE
    ).present()
    if only is not None:
        rows = rows.filter(pk__in=only)
    named = rows.order_by("pk").values_list("pk", "remote_id", "variant")
    return [
        Sku(pk, remote_id, variant)
        for pk, remote_id, variant in named
        if variant is not None
    ]


def read_page(
    shop: Shop, skus: Sequence[Sku], answer: StockAnswer, asked_at: datetime
) -> Page:
    """Put an answer beside the rows, without writing. To be called in a transaction,
    before `note`: it locks them, in one order."""
    by_id = {sku.remote_id: sku for sku in skus}
    page = Page(refused=_refused(by_id, answer))
    pushes = _pushes(by_id.values())
    changing = _changing({sku.variant_id for sku in by_id.values()})
    for stock in answer.stock:
        sku = by_id.get(stock.remote_sku_id)
        if sku is None:
            continue
        found = figures_of(stock)
        if found is None:
            page.refused.append((sku.remote_id, UNSAID))
            continue
        push = pushes.get(sku.pk) or StockPush(listing_sku_id=sku.pk, shop=shop)
        is_still = not _is_changed_since(push, asked_at)
        is_settled = is_still and push.state in (State.IN_STEP, State.BLOCKED)
        page.seen.append(
            Seen(
                sku,
                push,
                stock,
                found,
                is_news=push.found_at is None,
                is_open=is_settled and sku.variant_id not in changing,
                is_lost=is_still and _is_lost(push, found),
            )
        )
    return page


def note(seen: Iterable[Seen], at: datetime) -> None:
    """Write down what was found. Where a SKU is held in other warehouses than before,
    what it is to show is looked at anew."""
    rows = list(seen)
    changed = [
        row for row in rows if row.push.pk is None or row.push.found != row.found
    ]
    same = [row.push.pk for row in rows if row.push.pk and row.push.found == row.found]
    moved = [row.sku.variant_id for row in changed if _is_held_elsewhere(row)]
    for row in changed:
        row.push.found, row.push.found_total = row.found, sum(row.found.values())
        row.push.found_at = row.push.modified_at = at
    _write([row.push for row in changed if row.push.pk], "id")
    _write([row.push for row in changed if not row.push.pk], "listing_sku")
    if same:
        StockPush.objects.filter(pk__in=same).update(found_at=at)
    tell_of(moved)


def _write(pushes: list[StockPush], key: str) -> None:
    StockPush.objects.bulk_create(
        pushes,
        update_conflicts=True,
        unique_fields=[key],
        update_fields=["found", "found_total", "found_at", "modified_at"],
    )


def take_heard(seen: Iterable[Seen], at: datetime) -> list[int]:
    """Where the shop shows what we sent without ever hearing that it was taken, it was:
    the listing SKUs whose pushes are to be looked at anew."""
    lost = [row.push for row in seen if row.is_lost]
    for push in lost:
        push.accepted, push.accepted_at, push.sent = push.sent, at, {}
        push.accepted_total = sum(push.accepted.values())
        push.save(update_fields=["accepted", "accepted_at", "accepted_total", "sent"])
    return [push.listing_sku_id for push in lost]


def figures_of(stock: RemoteStock) -> dict[str, int] | None:
    """{warehouse ID: pieces that can be sold}; None where one is not said."""
    found: dict[str, int] = {}
    for row in stock.by_warehouse:
        if row.available is None:
            return None
        found[row.remote_warehouse_id] = row.available
    return found or None


def _is_changed_since(push: StockPush, asked_at: datetime) -> bool:
    """Whether a push went out, or came to an end, after we asked what is shown."""
    moments = (push.sending_since, push.accepted_at)
    return any(moment is not None and moment >= asked_at for moment in moments)


def _is_lost(push: StockPush, found: Mapping[str, int]) -> bool:
    is_unheard = push.state in (State.FAILED, State.BLOCKED)
    return is_unheard and push.sent == found and push.sent != push.accepted


def _is_held_elsewhere(row: Seen) -> bool:
    """Than was known when what it is to show was reckoned."""
    known = row.push.found or row.push.wanted
    return bool(known) and set(known) != set(row.found)


def _refused(by_id: Mapping[str, Sku], answer: StockAnswer) -> list[tuple[str, str]]:
    shown = {stock.remote_sku_id for stock in answer.stock}
    said = dict(answer.malformed)
    refused = [(key, f"Its stock cannot be read: {why}.") for key, why in said.items()]
    refused += [
        (key, "TikTok shows no stock of it.")
        for key in by_id
        if key not in shown and key not in said
    ]
    return refused


def _pushes(skus: Iterable[Sku]) -> dict[int, StockPush]:
    rows = StockPush.objects.filter(listing_sku__in=[sku.pk for sku in skus])
    locked = rows.select_for_update(no_key=True).order_by("listing_sku_id")
    return {row.listing_sku_id: row for row in locked}


def _changing(variants: Collection[int]) -> set[int]:
    """Those of which, or of a part of which, news has not been looked at yet."""
    named = Q(component__in=StockNews.objects.values("variant"))
    bundles = BundleComponent.objects.filter(named, bundle__in=variants)
    single = StockNews.objects.filter(variant__in=variants).order_by()
    return {
        *single.values_list("variant", flat=True),
        *bundles.order_by().values_list("bundle", flat=True),
    }
