"""Compare what each shop shows with what it is to show: all its matched SKUs.

A difference is no drift yet. Orders that we have not heard of may be behind it, so they
are asked for, and what differs is looked at a second time; only what shows the same
number then, with nothing on its way to it, is judged. The rest has its turn next time.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.core.storing import portions
from apps.integrations.contracts import PlatformClient
from apps.integrations.errors import ConsentNeeded, PlatformError, ScopeMissing
from apps.inventory.models import ShopWarehouse
from apps.inventory.services.settings import settings_of
from apps.orders.services.warehouses import learn_warehouses
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for, note_consent_gone
from apps.platforms.services.scopes import PRODUCTS
from apps.sync.errors import AlreadyRunning
from apps.sync.models import Resource, SyncRun
from apps.sync.services.ledger import WAITED_FOR, Ledger
from apps.sync.services.orders import pull_orders
from apps.sync.services.runs import recorded_run
from apps.sync.services.stock_drift_rows import (
    Judged,
    close_drifts,
    close_moot_drifts,
    note_drifts,
)
from apps.sync.services.stock_judging import Mover
from apps.sync.services.stock_looks import (
    Page,
    Seen,
    Sku,
    note,
    read_page,
    skus_to_compare,
    take_heard,
)
from apps.sync.services.stock_push.noting import drain, force, recompute
from apps.sync.services.stock_push.noting import note as look_anew
from apps.sync.services.stock_surroundings import Surroundings
from apps.sync.services.windows import position_of

logger = logging.getLogger(__name__)

AT_ONCE = 600


def compare_stock(
    shop: Shop,
    *,
    trigger: SyncRun.Trigger,
    only: Collection[int] | None = None,
    limit: int | None = None,
    dry_run: bool = False,
    client: PlatformClient | None = None,
    on_page: Callable[[SyncRun], None] | None = None,
) -> SyncRun:
    """Look at a shop's warehouses, then at the stock of its matched SKUs (`only`: of
    these listing SKUs), note what it shows and judge where that differs.

    In the run, `new` were never looked at before, `same` show what they are to or were
    told, `updated` show another number, `failed` were not shown or cannot be read.
    `dry_run` writes nothing but the run. Each page is a transaction, so a comparison
    that ends in the middle keeps what it found.

    Raises AlreadyRunning, ReconnectNeeded and PlatformError, and ShopRefuses where
    somebody paused or disconnected the shop meanwhile; the run keeps the reason.
    """
    with recorded_run(shop, Resource.STOCK, trigger=trigger) as run:
        ledger = Ledger(shop, run, limit, on_page or (lambda _: None))
        try:
            asked = client or client_for(shop, PRODUCTS, urgent=trigger in WAITED_FOR)
            comparison = _Comparison(asked, ledger, dry_run, orders=client)
            if only is None and not dry_run:
                comparison.prepare()
            comparison.look_at(skus_to_compare(shop, only))
            if not dry_run:
                comparison.look_again()
                if only is None:
                    close_moot_drifts(shop, timezone.now())
        except ScopeMissing:
            raise  # the run says so; orders may well be permitted and go on
        except (ConsentNeeded, ReconnectNeeded) as error:
            note_consent_gone(shop, error, PRODUCTS)
            raise
    return run


@dataclass(slots=True)
class _Comparison:
    """`suspects` is {listing SKU: what it was found to show, which is another number}.
    `orders` is a client to be used for orders, too, should one have been given."""

    client: PlatformClient
    ledger: Ledger
    dry_run: bool
    orders: PlatformClient | None = None
    suspects: dict[int, Seen] = field(default_factory=dict)

    @property
    def shop(self) -> Shop:
        return self.ledger.shop

    def prepare(self) -> None:
        """What it is to show hangs on the warehouses."""
        try:
            learn_warehouses(self.shop, self.client.warehouses())
        except ScopeMissing as error:
            self.ledger.save([("", f"Its warehouses cannot be read. {error}")])
        drain()
        recompute(self.shop)

    def look_at(self, skus: Sequence[Sku]) -> None:
        run = self.ledger.run
        some = skus if self.ledger.limit is None else skus[: self.ledger.limit]
        run.expected = len(some)
        self.ledger.save()
        self.ledger.on_page(run)
        for page in portions(some, AT_ONCE):
            self._look_at_page(page)

    def look_again(self) -> None:
        """At what differed, once all orders are known."""
        if not self.suspects:
            return
        has_heard = self._hear_of_orders()
        skus = [seen.sku for seen in self.suspects.values()]
        for page in portions(skus, AT_ONCE):
            self._judge_page(page, has_heard=has_heard)

    def _look_at_page(self, skus: Sequence[Sku]) -> None:
        run = self.ledger.run
        with self._answer(skus) as (page, at):
            differing = [seen for seen in page.seen if seen.differs]
            new = sum(seen.is_news for seen in page.seen if not seen.differs)
            run.pages += 1
            run.read += len(skus)
            run.new += new
            run.updated += len(differing)
            run.same += len(page.seen) - len(differing) - new
            if not self.dry_run:
                note(page.seen, at)
                look_anew(take_heard(page.seen, at))
                close_drifts(page.seen, self._places(), at)
            self.ledger.save(page.refused)
        self.suspects |= {seen.sku.pk: seen for seen in differing}
        self.ledger.on_page(run)

    def _judge_page(self, skus: Sequence[Sku], *, has_heard: bool) -> None:
        run = self.ledger.run
        with self._answer(skus) as (page, at):
            note(page.seen, at)
            places = self._places()
            close_drifts(page.seen, places, at)
            steady = [seen for seen in page.seen if self._is_certain(seen)]
            around = Surroundings.of(self.shop, places, [one.sku.pk for one in steady])
            found = [each for seen in steady for each in around.judge(seen, at)]
            judged = [each for each in found if _is_sure(each, has_heard=has_heard)]
            setting = settings_of(self.shop).drift
            force(note_drifts(self.shop, judged, setting, at))
            in_step = sum(seen.is_in_step for seen in page.seen)
            run.updated -= in_step
            run.same += in_step
            self.ledger.save(self._complaints(len(found) - len(judged)))
        self.ledger.on_page(run)

    @contextmanager
    def _answer(self, skus: Sequence[Sku]) -> Iterator[tuple[Page, datetime]]:
        """What the shop shows of these, in a transaction of their rows."""
        asked_at = timezone.now()
        answer = self.client.search_stock(sku_ids=[sku.remote_id for sku in skus])
        with transaction.atomic():
            self.ledger.stop_if_told()
            yield read_page(self.shop, skus, answer, asked_at), timezone.now()

    def _is_certain(self, seen: Seen) -> bool:
        """It shows what it showed a moment ago, and nothing is on its way to it."""
        return seen.differs and seen.found == self.suspects[seen.sku.pk].found

    def _places(self) -> dict[str, ShopWarehouse]:
        rows = ShopWarehouse.objects.filter(shop=self.shop)
        return {row.remote_id: row for row in rows}

    def _hear_of_orders(self) -> bool:
        """Whether all orders placed until now are known, and what follows from them."""
        if position_of(self.shop, Resource.ORDERS) is None:
            return False
        try:
            pull_orders(
                self.shop,
                trigger=SyncRun.Trigger(self.ledger.run.trigger),
                client=self.orders,
            )
        except (
            AlreadyRunning,
            PlatformError,
            ReconnectNeeded,
            RefreshInProgress,
        ) as error:
            logger.info("orders not heard of shop=%s error=%s", self.shop.pk, error)
            return False
        drain()
        return True

    def _complaints(self, unsure: int) -> list[tuple[str, str]]:
        if not unsure:
            return []
        what = "1 SKU shows" if unsure == 1 else f"{unsure:,} SKUs show"
        words = f"{what} another number, but new orders could not be read."
        return [("", f"{words} Who moved it is asked next time.")]


def _is_sure(each: Judged, *, has_heard: bool) -> bool:
    return has_heard or each.verdict.mover != Mover.SOMEBODY
