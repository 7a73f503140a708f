"""Whatever happens to stock, in whatever order it becomes known, the ledger adds up and
agrees with a model that never saw it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from apps.integrations.contracts import (
    CancellationStage,
    OrderStatus,
    RemoteOrder,
    RemoteReturn,
    ReturnKind,
    ReturnStatus,
    Source,
)
from apps.inventory.errors import OutOfStock, StockRefuses
from apps.inventory.models import OversellIncident, StockDocument, StockLevel
from apps.inventory.services.documents import send_out, take_back
from apps.inventory.services.verifying import verify
from apps.orders.models import Order
from apps.orders.services import mapping
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.inspecting import inspect, take_back_inspection
from apps.orders.services.returns import ingest_returns
from apps.orders.services.stock import book_all_due, mark_outdated_bundles
from apps.orders.services.stock_proof import differing_orders
from apps.orders.services.warehouses import map_warehouse
from apps.products.models import BundleComponent
from tests.factories.aftersales import make_remote_return, make_request_line
from tests.factories.inventory import (
    NOBODY,
    make_document,
    make_shop_warehouse,
    make_warehouse,
)
from tests.factories.orders import make_remote_line, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_listing_sku, make_variant
from tests.factories.users import make_client
from tests.orders.stock_model import DocumentTruth, OrderTruth, Truth

START = datetime(2026, 9, 1, tzinfo=UTC)
# What is sent out is sent out now, which is after all that happens here.
NOW = datetime(2126, 1, 1, tzinfo=UTC)
Kind = StockDocument.Kind
Status = OrderStatus
BY = mapping.By(process="tests")
SKUS = ("s1", "s2", "t1")  # two of one shop, one of the other
VARIANTS = ("lamp", "shade")
KINDS = [kind for kind in ReturnKind if kind is not ReturnKind.NOT_UNDERSTOOD]
STATUSES = [each for each in ReturnStatus if each is not ReturnStatus.NOT_UNDERSTOOD]
units = st.integers(1, 4)
moments = st.floats(0, 1)


class World:
    """A client with two shops, in the database."""

    def __init__(self) -> None:
        self.client = make_client()
        self.shops = {letter: make_shop(self.client) for letter in "st"}
        self.variants = {
            name: make_variant(client=self.client, sku=name) for name in VARIANTS
        }
        components = dict(zip(self.variants.values(), (2, 1), strict=True))
        self.variants["bundle"] = make_bundle(components, "bundle")
        self.warehouses = {
            "main": make_warehouse(self.client, "main", is_default=True),
            "other": make_warehouse(self.client, "other"),
        }
        self.skus = {
            name: make_listing_sku(shop=self.shops[name[0]], remote_id=name)
            for name in SKUS
        }
        self.place = make_shop_warehouse(self.shops["s"], None, "W2", name="Klang")

    def hear(self, sku: str, remote: Any, source: Source) -> None:
        shop = self.shops[sku[0]]
        if isinstance(remote, RemoteReturn):
            ingest_returns(shop, [remote], source)
        else:
            ingest_orders(shop, [remote], source)

    def match(self, sku: str, name: str | None) -> None:
        shop, key = self.shops[sku[0]], self.skus[sku].pk
        if name is None:
            mapping.unlink(shop, [key], BY)
        elif name == "ignored":
            mapping.ignore(shop, [key], BY)
        else:
            mapping.choose(shop, {key: self.variants[name].pk}, BY)

    def match_place(self, name: str | None) -> None:
        map_warehouse(self.place, self.warehouses[name] if name else None, NOBODY)

    def write(self, kind: Kind, variant: str, amount: int, place: str, **rest: Any):
        if "to" in rest:
            rest["to_warehouse"] = self.warehouses[rest.pop("to")]
        units = {self.variants[variant]: amount}
        return make_document(kind, units, self.warehouses[place], **rest)

    def catch_up(self) -> None:
        mark_outdated_bundles()
        book_all_due()

    def balances(self) -> dict[tuple[str, str], tuple[int, ...]]:
        rows = StockLevel.objects.filter(warehouse__client=self.client)
        found = {
            (row.variant.sku, row.warehouse.name): (
                row.on_hand,
                row.reserved,
                row.expected_back,
                row.quarantined,
            )
            for row in rows.select_related("variant", "warehouse")
        }
        return {place: figures for place, figures in found.items() if any(figures)}


@dataclass
class Script:
    """An order's life so far: what the platform would say of it, version by version."""

    sku: str
    truth: OrderTruth
    versions: list[RemoteOrder] = field(default_factory=list)
    returns: dict[str, RemoteReturn] = field(default_factory=dict)
    finished: str = ""


class StockMachine(RuleBasedStateMachine):
    orders = Bundle("orders")
    documents = Bundle("documents")

    @initialize()
    def begin(self) -> None:
        self.world, self.truth, self.clock = World(), Truth(), START
        self.truth.bundle = {"lamp": 2, "shade": 1}
        self.truth.mapping = dict.fromkeys(SKUS)
        self.scripts: list[Script] = []
        self.heard: list[tuple[str, Any, Source]] = []
        self.written: list[tuple[tuple[Any, ...], dict[str, Any], StockDocument]] = []
        self.inspections: list[tuple[Script, int, str, StockDocument]] = []
        self.is_repeatable = True

    def now(self) -> datetime:
        self.clock += timedelta(minutes=1)
        return self.clock

    # Orders

    @rule(
        target=orders,
        sku=st.sampled_from(SKUS),
        quantity=units,
        place=st.sampled_from(["", "W2"]),
        status=st.sampled_from([Status.UNPAID, Status.ON_HOLD, Status.TO_SHIP]),
        source=st.sampled_from([*Source, None]),
    )
    def place_order(self, sku, quantity, place, status, source) -> Script:
        at = self.now()
        script = Script(sku, OrderTruth(sku, at, quantity, place))
        if sku[0] == "t":
            script.truth.place = ""  # the other shop's place is nobody's
        self.scripts.append(script)
        self.truth.orders[id(script)] = script.truth
        script.versions.append(
            make_remote_order(
                f"58{len(self.scripts):016}",
                status=status,
                placed_at=at,
                updated_at=at,
                warehouse=place,
                lines=(make_remote_line(sku, quantity=quantity),),
            )
        )
        self._tell(script, source)
        return script

    @rule(order=orders, source=st.sampled_from([*Source, None]), quantity=units)
    def change_quantity(self, order, source, quantity) -> None:
        if order.truth.state == "open" and not order.truth.gone:
            order.truth.quantity = quantity
            self._go_on(order, source)

    @rule(order=orders, source=st.sampled_from([*Source, None]), amount=units)
    def ship_a_part(self, order, source, amount) -> None:
        truth = order.truth
        if truth.state != "open" or truth.gone + amount >= truth.quantity:
            return
        truth.gone += amount
        truth.left_at = self.now()
        changes = {"ready_to_ship_at": truth.left_at}
        self._go_on(order, source, status=Status.PARTLY_SHIPPED, **changes)

    @rule(order=orders, source=st.sampled_from([*Source, None]))
    def ship(self, order, source) -> None:
        if order.truth.state == "open":
            order.truth.state, order.truth.left_at = "left", self.now()
            changes = {"shipped_at": order.truth.left_at}
            self._go_on(order, source, status=Status.IN_TRANSIT, **changes)

    @rule(
        order=orders,
        source=st.sampled_from([*Source, None]),
        reason=st.sampled_from(["Package rejected", "Package damaged", "Paket hilang"]),
    )
    def cancel(self, order, source, reason) -> None:
        truth = order.truth
        is_parted = truth.state == "open" and truth.gone
        if order.finished or is_parted or truth.state not in ("open", "left"):
            return
        order.finished = "cancelled"
        stage = CancellationStage.BEFORE_SHIPPING
        if truth.state == "left":
            truth.state, stage = "failed", CancellationStage.FAILED_DELIVERY
            truth.back = truth.quantity if reason == "Package rejected" else 0
        else:
            truth.state, reason = "cancelled", "Out of stock"
        self._go_on(
            order,
            source,
            status=Status.CANCELLED,
            cancelled_at=self.now(),
            cancellation_stage=stage,
            cancel_reason=reason,
        )

    @rule(order=orders, source=st.sampled_from([*Source, None]))
    def complete(self, order, source) -> None:
        if order.truth.state == "left" and not order.finished:
            order.finished = "completed"
            self._go_on(order, source, status=Status.COMPLETED)

    @rule(order=orders, source=st.sampled_from([*Source, None]))
    def return_one(self, order, source) -> None:
        truth = order.truth
        if order.finished == "completed" and truth.told_back < truth.quantity:
            truth.told_back += 1
            self._go_on(order, source)

    @rule(
        order=orders,
        number=st.sampled_from("123"),
        kind=st.sampled_from(KINDS),
        status=st.sampled_from(STATUSES),
        keeps_goods=st.booleans(),
        is_told=st.booleans(),
    )
    def hear_of_a_return(
        self, order, number, kind, status, keeps_goods, is_told
    ) -> None:
        """Of one unit, in whatever state, one after the other."""
        remote_id = f"{order.versions[-1].remote_id}{number}"
        line = make_request_line("", remote_id="1", remote_sku_id=order.sku)
        remote = make_remote_return(
            remote_id[-18:],
            order_id=order.versions[-1].remote_id,
            kind=kind,
            status=status,
            keeps_goods=keeps_goods,
            tracking_number="RT1",
            updated_at=self.now(),
            lines=(line,),
        )
        order.returns[number] = remote
        order.truth.returns[number] = comes_back(remote)
        if is_told:
            self._hear_return(order, remote)

    def _hear_return(self, order: Script, remote: RemoteReturn) -> None:
        self.heard.append((order.sku, remote, Source.API))
        self.world.hear(order.sku, remote, Source.API)

    @rule(order=orders, which=moments, source=st.sampled_from(list(Source)))
    def hear_old_news(self, order, which, source) -> None:
        self._hear(order, round(which * (len(order.versions) - 1)), source)

    def _go_on(self, order: Script, source: Source | None, **changes: Any) -> None:
        last = order.versions[-1]
        kept = {
            name: getattr(last, name)
            for name in (
                "status",
                "placed_at",
                "ready_to_ship_at",
                "shipped_at",
                "cancelled_at",
                "cancellation_stage",
                "cancel_reason",
                "warehouse",
            )
        }
        truth = order.truth
        back = truth.told_back if order.finished == "completed" else None
        line = make_remote_line(
            order.sku,
            quantity=truth.quantity,
            returned_quantity=back,
            shipped_quantity=truth.has_left,
        )
        values = kept | changes | {"updated_at": self.now(), "lines": (line,)}
        order.versions.append(make_remote_order(last.remote_id, **values))
        self._tell(order, source)

    def _tell(self, order: Script, source: Source | None) -> None:
        if source is not None:
            self._hear(order, len(order.versions) - 1, source)

    def _hear(self, order: Script, version: int, source: Source) -> None:
        remote = _as_told_by(source, order.versions[version])
        self.heard.append((order.sku, remote, source))
        self.world.hear(order.sku, remote, source)

    # Decisions

    @rule(
        sku=st.sampled_from(SKUS),
        name=st.sampled_from([*VARIANTS, "bundle", None, "ignored"]),
    )
    def match(self, sku, name) -> None:
        self.world.match(sku, name)
        if name == "ignored" and self.truth.mapping[sku] is not None:
            return  # what is matched has to be unlinked first
        wanted = None if name == "ignored" else name
        if self.truth.mapping[sku] != wanted:
            for order in self.truth.orders.values():
                if order.sku == sku:
                    order.parts = None
        self.truth.mapping[sku] = wanted

    @rule(name=st.sampled_from(["main", "other", None]))
    def match_place(self, name) -> None:
        self.world.match_place(name)
        self.truth.places = {"W2": name} if name else {}

    @rule(lamps=units)
    def make_bundle_otherwise(self, lamps) -> None:
        """What left as it was made before stays so, where that is known."""
        self._hear_all()
        self.world.catch_up()
        for order in self.truth.orders.values():
            is_bundle = self.truth.mapping[order.sku] == "bundle"
            if is_bundle and order.has_left:
                order.parts = order.parts or dict(self.truth.bundle)
        self.truth.bundle = {"lamp": lamps, "shade": 1}
        self.is_repeatable = False
        rows = BundleComponent.objects.filter(bundle=self.world.variants["bundle"])
        rows.filter(component__sku="lamp").update(quantity=lamps)

    @rule()
    def catch_up(self) -> None:
        self.world.catch_up()

    # Documents

    @rule(
        target=documents,
        kind=st.sampled_from([Kind.RECEIPT, Kind.ADJUSTMENT, Kind.QUARANTINE]),
        variant=st.sampled_from(VARIANTS),
        amount=st.integers(1, 12),
        is_less=st.booleans(),
        place=st.sampled_from(["main", "other"]),
        when=moments,
    )
    def book(self, kind, variant, amount, is_less, place, when):
        amount = -amount if is_less and kind == Kind.ADJUSTMENT else amount
        moved = (-amount, 0, amount) if kind == Kind.QUARANTINE else (amount, 0, 0)
        return self._write(
            kind,
            variant,
            amount,
            place,
            {(variant, place): moved},
            self._some_time(when),
            opens=kind != Kind.QUARANTINE,
        )

    @rule(
        target=documents,
        variant=st.sampled_from(VARIANTS),
        amount=units,
        place=st.sampled_from(["main", "other"]),
        when=moments,
    )
    def transfer(self, variant, amount, place, when):
        to = "other" if place == "main" else "main"
        moves = {(variant, place): (-amount, 0, 0), (variant, to): (amount, 0, 0)}
        at = self._some_time(when)
        return self._write(
            Kind.TRANSFER, variant, amount, place, moves, at, opens=True, to=to
        )

    @rule(
        target=documents,
        variant=st.sampled_from(VARIANTS),
        amount=units,
        place=st.sampled_from(["main", "other"]),
    )
    def hold(self, variant, amount, place):
        moves = {(variant, place): (0, amount, 0)}
        return self._write(Kind.HOLD, variant, amount, place, moves, self.now())

    @rule(document=documents)
    def send_out(self, document) -> None:
        if document is None or document[1].kind != Kind.HOLD or not document[0].is_live:
            return
        truth, row = document
        send_out(row, NOBODY)
        truth.at = NOW
        truth.moves = {
            place: (-max(held, -on_hand), 0, 0)
            for place, (on_hand, held, _) in truth.moves.items()
        }

    @rule(document=documents)
    def take_back(self, document) -> None:
        if document is None:
            return
        truth, row = document
        before = self.world.balances()
        try:
            take_back(row, NOBODY)
        except StockRefuses:
            assert self.world.balances() == before
        else:
            truth.is_live = False

    def _write(self, kind, variant, amount, place, moves, at, *, opens=False, **rest):
        options = rest | {"effective_at": at}
        if kind == Kind.ADJUSTMENT:
            options["reason"] = StockDocument.Reason.FOUND
        before = self.world.balances()
        try:
            row = self.world.write(kind, variant, amount, place, **options)
        except OutOfStock:
            assert self.world.balances() == before
            return None
        truth = DocumentTruth(moves, at, at, opens=opens)
        self.truth.documents.append(truth)
        self.written.append(((kind, variant, amount, place), options, row))
        return truth, row

    def _some_time(self, when: float) -> datetime:
        """Now or before; no two at the same moment."""
        self.now()
        at = START + (self.clock - START) * when
        return at.replace(microsecond=0) + timedelta(microseconds=len(self.written) + 1)

    # Stock takes

    @rule(
        variant=st.sampled_from(VARIANTS),
        place=st.sampled_from(["main", "other"]),
        quantity=st.integers(0, 9),
        when=st.one_of(st.just(1.0), moments),
        is_kept=st.booleans(),
    )
    def count(self, variant, place, quantity, when, is_kept) -> None:
        at = self._some_time(when) + timedelta(milliseconds=500)
        row = self.world.write(Kind.COUNT, variant, quantity, place, effective_at=at)
        self.written.append(
            ((Kind.COUNT, variant, quantity, place), {"effective_at": at}, row)
        )
        if is_kept:
            self.truth.counts[variant, place][at] = quantity
        else:
            take_back(row, NOBODY)

    @rule(which=moments)
    def take_back_a_count(self, which) -> None:
        counts = [
            (row, (args[1], args[3]), options["effective_at"])
            for args, options, row in self.written
            if args[0] == Kind.COUNT
        ]
        if counts:
            row, place, at = counts[round(which * (len(counts) - 1))]
            take_back(row, NOBODY)
            self.truth.counts[place].pop(at, None)

    # Inspections

    @rule(
        order=orders,
        outcome=st.sampled_from(["sellable", "quarantined", "written_off"]),
        place=st.sampled_from(["main", "other"]),
        is_kept=st.booleans(),
    )
    def inspect(self, order, outcome, place, is_kept) -> None:
        parts = self.truth.parts_of(order.truth)
        if order.truth.expected < 1 or not parts:
            return
        self._hear(order, len(order.versions) - 1, Source.API)
        self.world.catch_up()
        row = Order.objects.get(
            shop=self.world.shops[order.sku[0]], remote_id=order.versions[-1].remote_id
        )
        key = row.lines.get().key
        try:
            document = inspect(
                row, {key: {outcome: 1}}, self.world.warehouses[place], NOBODY
            )
        except StockRefuses:
            return  # all of it was looked at
        if not is_kept:
            take_back_inspection(document, NOBODY)
            return
        self.is_repeatable = False
        figures = {"sellable": (1, 0), "quarantined": (0, 1), "written_off": (0, 0)}
        on_hand, apart = figures[outcome]
        moves = {
            (variant, place): (on_hand * count, 0, apart * count)
            for variant, count in parts.items()
        }
        inspects = (id(order), 1)
        self.truth.documents.append(DocumentTruth(moves, NOW, NOW, inspects))

    # What always holds

    @invariant()
    def it_adds_up(self) -> None:
        if hasattr(self, "world"):
            assert verify(self.world.client).differences == []

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self._hear_all()
        self.world.catch_up()
        assert self.world.balances() == self.truth.balances()
        self._check_losers()
        for shop in self.world.shops.values():
            assert list(differing_orders(shop)) == []
        assert verify(self.world.client).differences == []
        if self.is_repeatable:
            self._live_through_it_again()

    def _hear_all(self) -> None:
        """The latest news of each order, which a sync brings sooner or later."""
        for order in self.scripts:
            for source in (Source.FILE, Source.API):
                self._hear(order, len(order.versions) - 1, source)
            for remote in order.returns.values():
                self._hear_return(order, remote)

    def _check_losers(self) -> None:
        rows = OversellIncident.objects.open().filter(
            level__warehouse__client=self.world.client, booking__reserved__gt=0
        )
        told: dict[Any, int] = {}
        for row in rows.select_related("level__variant", "level__warehouse", "booking"):
            place = row.level.variant.sku, row.level.warehouse.name
            key = place, row.booking.claimed_at
            told[key] = told.get(key, 0) + row.quantity
        assert told == self.truth.losers()

    def _live_through_it_again(self) -> None:
        """Everything once more, shuffled, for a client that knows nothing of it."""
        dice = random.Random(len(self.heard))  # the same each time
        world = World()
        deeds: list[Callable[[], object]]
        deeds = [partial(world.hear, *news) for news in self.heard * 2]
        for sku, name in self.truth.mapping.items():
            deeds.append(partial(world.match, sku, name))
        place = self.truth.places.get("W2")
        deeds.append(partial(world.match_place, place))
        for args, options, row in self.written:
            row.refresh_from_db()
            deeds.append(partial(_again, world, args, options, row))
        spare = [
            world.write(Kind.RECEIPT, variant, 1_000, place, effective_at=None)
            for variant in VARIANTS
            for place in ("main", "other")
        ]
        dice.shuffle(deeds)
        for deed in deeds:
            deed()
        for document in spare:
            take_back(document, NOBODY)
        world.catch_up()
        assert world.balances() == self.world.balances()
        assert verify(world.client).differences == []


def _again(world: World, args: Any, options: Any, was: StockDocument) -> None:
    if args[0] == Kind.COUNT and was.state == StockDocument.State.REVERSED:
        return  # the moment may have been counted again
    row = world.write(*args, **options)
    if was.state == StockDocument.State.SHIPPED:
        send_out(row, NOBODY)
    elif was.state == StockDocument.State.REVERSED:
        take_back(row, NOBODY)


def comes_back(remote: RemoteReturn) -> bool:
    """Whether its one unit does; each was given to a carrier, if it came to that."""
    is_sent = remote.status in (
        ReturnStatus.AWAITING_BUYER_SHIP,
        ReturnStatus.BUYER_SHIPPED,
        ReturnStatus.SUCCESS,
        ReturnStatus.COMPLETE,
        ReturnStatus.REFUNDED_INSTEAD,
    )
    return is_sent and remote.kind is not ReturnKind.REFUND and not remote.keeps_goods


def _as_told_by(source: Source, remote: RemoteOrder) -> RemoteOrder:
    """A file has no version; of units that came back, only it knows."""
    (line,) = remote.lines
    values = {
        name: getattr(remote, name)
        for name in remote.__dataclass_fields__
        if name != "raw"
    }
    if source is Source.FILE:
        values["updated_at"] = None
    else:
        line = make_remote_line(
            line.remote_sku_id,
            quantity=line.quantity,
            shipped_quantity=line.shipped_quantity,
        )
    return make_remote_order(**values | {"lines": (line,)})


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        StockMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            # To make a failure shorter takes minutes; whoever looks into one adds it.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_stock_balances_whatever_happens_in_whatever_order():
    run(examples=12, steps=30)
