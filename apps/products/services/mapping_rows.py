"""What the rows of a mapping file come to, against what is stored; nothing is written.

A row is new, changed, same or refused, and why. What holds is a list of changes that
can be applied later: each says what it was based on.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from apps.platforms.models import Shop
from apps.products.models import ListingSku, Variant
from apps.products.services.mapping import (
    BATCH,
    IGNORED,
    OPEN,
    Plan,
    State,
    Target,
    open_states,
)
from apps.products.services.mapping_files import FileRow, names_of
from apps.products.services.mapping_plans import usable_variants
from apps.users.models import Client

_RUINED = re.compile(r"\d([.,]\d+)?[eE]\+?\d{1,3}", re.ASCII)
IGNORE, IS_IGNORED = "ignore", "ignored"


class Result(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """A listing SKU is to become something else than it was when it was looked at."""

    key: int
    mapping: str
    variant_id: int | None
    seen_mapping: str
    seen_variant_id: int | None

    @property
    def is_new(self) -> bool:
        """It had no variant before."""
        return self.variant_id is not None and self.seen_variant_id is None


@dataclass(frozen=True, slots=True)
class RowResult:
    """`said` is what becomes of the SKU, or why the row is refused."""

    row: FileRow
    result: Result
    said: str
    shop: Shop | None = None
    change: Change | None = None


@dataclass(slots=True)
class Examined:
    rows: list[RowResult] = field(default_factory=list)

    def count(self, result: Result) -> int:
        return sum(row.result == result for row in self.rows)

    @property
    def counts(self) -> dict[str, int]:
        return {result.value: self.count(result) for result in Result}

    def changes(self) -> dict[Shop, list[Change]]:
        """By shop, in the order of the file."""
        found: dict[Shop, list[Change]] = {}
        for each in self.rows:
            if each.change is not None and each.shop is not None:
                found.setdefault(each.shop, []).append(each.change)
        return found


def examine(
    rows: Sequence[FileRow],
    shops: Sequence[Shop],
    *,
    unlink_blank: bool = False,
) -> Examined:
    """`shops` are all that the rows may speak of; where it is one, rows need not name
    it."""
    reader = _Reader(rows, shops, unlink_blank=unlink_blank)
    return Examined([reader.read(row) for row in rows])


def planned(changes: Iterable[Change], client: Client) -> Plan:
    """Changes as a plan: SKUs that are no longer as they were then are left."""
    wanted = {change.key: change for change in changes}

    def plan(skus: Sequence[ListingSku]) -> dict[int, Target | str]:
        named = [w.variant_id for w in wanted.values() if w.variant_id is not None]
        usable = usable_variants(client, named)
        states = open_states([sku.pk for sku in skus])
        return {sku.pk: of(sku, usable, states[sku.pk]) for sku in skus}

    def of(sku: ListingSku, usable: set[int], open_state: State) -> Target | str:
        change = wanted[sku.pk]
        if sku.variant_id is not None and sku.variant_id == change.variant_id:
            return Target(State.MATCHED, sku.variant_id)
        if change.variant_id is None and (
            sku.mapping == change.mapping
            or (sku.mapping in OPEN and change.mapping in OPEN)
        ):
            return Target(State(sku.mapping))
        was_open = change.seen_mapping in OPEN
        is_as_seen = sku.variant_id == change.seen_variant_id and (
            sku.mapping in OPEN if was_open else sku.mapping == change.seen_mapping
        )
        if not is_as_seen:
            return "it was decided anew meanwhile."
        if change.mapping == State.IGNORED:
            return IGNORED
        if change.variant_id is None:
            return Target(open_state)
        if change.variant_id not in usable:
            return "there is no such variant, or it is no longer sold."
        return Target.matched(change.variant_id, ListingSku.Reason.FILE)

    return plan


class Refused(Exception):
    """Why a row cannot be used."""


class _Reader:
    """Knows all that the rows name, loaded with a few statements."""

    def __init__(
        self, rows: Sequence[FileRow], shops: Sequence[Shop], *, unlink_blank: bool
    ) -> None:
        self.unlink_blank = unlink_blank
        self.shops = list(shops)
        self.names: dict[str, list[Shop]] = defaultdict(list)
        for shop in shops:
            for name in names_of(shop):
                self.names[name].append(shop)
        self.by_id: dict[tuple[int, str], ListingSku] = {}
        self.by_seller_sku: dict[tuple[int, str], list[ListingSku]] = {}
        self.variants: dict[int, dict[str, list[Variant]]] = {}
        self.first: dict[int, tuple[int, FileRow]] = {}
        self._load(rows)

    def read(self, row: FileRow) -> RowResult:
        shop = None
        try:
            shop = self._shop(row)
            sku = self._sku(shop, row)
            self._check_twice(sku, row)
            return self._compare(shop, sku, row, self._target(shop, sku, row))
        except Refused as error:
            return RowResult(row, Result.REFUSED, str(error), shop)

    def _load(self, rows: Sequence[FileRow]) -> None:
        asked: dict[int, tuple[set[str], set[str]]] = defaultdict(
            lambda: (set(), set())
        )
        for row in rows:
            for shop in self._named(row):
                ids, seller_skus = asked[shop.pk]
                (ids if row.sku_id else seller_skus).add(row.sku_id or row.seller_sku)
        for shop_id, (ids, seller_skus) in asked.items():
            self._load_skus(shop_id, ids, seller_skus - {""})
        for client_id in {shop.client_id for shop in self.shops if shop.pk in asked}:
            self._load_variants(client_id)

    def _load_skus(self, shop_id: int, ids: set[str], seller_skus: set[str]) -> None:
        rows = ListingSku.objects.filter(shop=shop_id).select_related("variant")
        for part in _parts(ids):
            for sku in rows.filter(remote_id__in=part):
                self.by_id[shop_id, sku.remote_id] = sku
        for part in _parts(seller_skus):
            for sku in rows.present().filter(seller_sku__in=part).order_by("pk"):
                key = (shop_id, sku.seller_sku)
                self.by_seller_sku.setdefault(key, []).append(sku)

    def _load_variants(self, client_id: int) -> None:
        index: dict[str, list[Variant]] = defaultdict(list)
        own = Variant.objects.filter(client=client_id).select_related("product")
        for variant in own.only("sku", "is_active", "product__is_active"):
            index[variant.sku.lower()].append(variant)
        self.variants[client_id] = index

    def _named(self, row: FileRow) -> list[Shop]:
        if not row.shop and len(self.shops) == 1:
            return self.shops
        return self.names.get(row.shop.casefold(), [])

    def _shop(self, row: FileRow) -> Shop:
        shops = self._named(row)
        if not row.shop and not shops:
            raise Refused("The row names no shop.")
        if not shops:
            raise Refused(f"There is no shop “{row.shop}” here.")
        if len(shops) > 1:
            known = ", ".join(f"{shop} is {shop.pk}" for shop in shops)
            raise Refused(f"“{row.shop}” names several shops: {known}.")
        return shops[0]

    def _sku(self, shop: Shop, row: FileRow) -> ListingSku:
        if _RUINED.fullmatch(row.sku_id):
            raise Refused(
                f"A spreadsheet turned the SKU ID into {row.sku_id}: its last digits "
                "are lost. Format the column as text, or go by seller SKU."
            )
        if row.sku_id:
            sku = self.by_id.get((shop.pk, row.sku_id))
            if sku is None:
                raise Refused(f"{shop} has no SKU ID {row.sku_id}.")
            return sku
        if not row.seller_sku:
            raise Refused("The row names neither a SKU ID nor a seller SKU.")
        found = self.by_seller_sku.get((shop.pk, row.seller_sku), [])
        if not found:
            raise Refused(f"{shop} has no SKU whose seller SKU is {row.seller_sku}.")
        if len(found) > 1:
            raise Refused(
                f"{len(found)} SKUs of {shop} have the seller SKU {row.seller_sku}. "
                "Say which by SKU ID."
            )
        return found[0]

    def _check_twice(self, sku: ListingSku, row: FileRow) -> None:
        line, first = self.first.setdefault(sku.pk, (row.line, row))
        if first is not row and _wish(first) != _wish(row):
            raise Refused(f"Line {line} says something else of the same SKU.")

    def _target(self, shop: Shop, sku: ListingSku, row: FileRow) -> Target:
        state = row.state.casefold()
        variant = self._variant(shop, row.our_sku) if row.our_sku else None
        if variant is not None:
            if state == IGNORE:
                raise Refused("The row names our SKU and says “ignore”: it is one.")
            if sku.variant_id != variant.pk and not (
                variant.is_active and variant.product.is_active
            ):
                raise Refused(f"{variant.sku} is no longer sold.")
            return Target(State.MATCHED, variant.pk)
        if state in (IGNORE, IS_IGNORED) or row.our_sku.casefold() == IGNORE:
            return IGNORED
        if row.our_sku:
            raise Refused(f"There is no SKU “{row.our_sku}” in the catalogue.")
        if self.unlink_blank and sku.mapping == State.MATCHED:
            return Target(State.UNMATCHED)
        return Target(State(sku.mapping), sku.variant_id)

    def _variant(self, shop: Shop, text: str) -> Variant | None:
        found = self.variants[shop.client_id].get(text.lower(), [])
        exact = [variant for variant in found if variant.sku == text] or found
        if len(exact) > 1:  # databases differ in which letters are the same
            skus = ", ".join(sorted(variant.sku for variant in exact))
            raise Refused(f"“{text}” may be {skus}. Write it as the catalogue does.")
        return exact[0] if exact else None

    def _compare(
        self, shop: Shop, sku: ListingSku, row: FileRow, target: Target
    ) -> RowResult:
        if (sku.mapping, sku.variant_id) == (target.mapping, target.variant_id) or (
            self.first[sku.pk][1] is not row
        ):
            return RowResult(row, Result.SAME, "", shop)
        change = Change(
            sku.pk, target.mapping, target.variant_id, sku.mapping, sku.variant_id
        )
        was = f", was {sku.variant.sku}" if sku.variant else ""
        if target.mapping == State.MATCHED:
            is_new = sku.variant_id is None
            result = Result.NEW if is_new else Result.CHANGED
            return RowResult(row, result, f"{row.our_sku}{was}", shop, change)
        word = "ignored" if target.mapping == State.IGNORED else "unlinked"
        return RowResult(row, Result.CHANGED, f"{word}{was}", shop, change)


def _wish(row: FileRow) -> tuple[str, str]:
    return row.our_sku.lower(), row.state.casefold()


def _parts(values: Iterable[str]) -> Iterable[Sequence[str]]:
    ordered = sorted(values)
    return (ordered[n : n + BATCH] for n in range(0, len(ordered), BATCH))
