"""Which SKUs and warehouses the rows of a stock file mean. Nothing is guessed."""

import difflib
import re
from collections import defaultdict
from collections.abc import Sequence

from apps.core.storing import portions
from apps.inventory.models import Warehouse
from apps.inventory.services.csv_rows import is_ruined
from apps.inventory.services.documents import bundle_words
from apps.inventory.services.places import default_warehouse
from apps.inventory.services.stock_rows import Mode, RowResult, still_open
from apps.products.models import Variant
from apps.products.services.skus import named
from apps.users.models import Client

MOST_GUESSES = 20


def name_warehouses(
    client: Client, rows: Sequence[RowResult], usual: Warehouse | None
) -> None:
    known = list(Warehouse.objects.filter(client=client))
    by_name = {" ".join(each.name.casefold().split()): each for each in known}
    for each in still_open(rows):
        text = each.row.cell("warehouse")
        if text:
            each.warehouse = by_name.get(" ".join(text.casefold().split()))
        else:
            usual = usual or default_warehouse(client.pk)
            each.warehouse = usual
        if each.warehouse is None:
            names = ", ".join(row.name for row in known if row.is_active)
            there = f"There are: {names}." if names else "There is none yet."
            each.refuse(f"There is no warehouse “{text}”. {there}")
        elif not each.warehouse.is_active:
            each.refuse(f"{each.warehouse} is closed.")


def name_variants(client: Client, rows: Sequence[RowResult]) -> None:
    rows = still_open(rows)
    found = _variants(client, {each.row.cell("sku") for each in rows})
    guesses = _Guesses(client)
    for each in rows:
        sku = each.row.cell("sku")
        each.variant = found.get(sku.lower())
        if each.variant is None and is_ruined(sku):
            each.refuse(
                f"“{sku}” is what a spreadsheet made of a number. Make the column a "
                "text column and enter the SKU anew."
            )
        elif each.variant is None:
            each.refuse(f"There is no SKU “{sku}”.{guesses.of(sku)}")
        elif each.variant.is_bundle and not _leaves_bundle(each):
            each.refuse(bundle_words(each.variant))


def _leaves_bundle(each: RowResult) -> bool:
    """What lay there before it was a bundle: out."""
    is_out = each.mode == Mode.ADJUST and each.units < 0
    return is_out or (each.mode == Mode.COUNT and each.units == 0)


def _variants(client: Client, skus: set[str]) -> dict[str, Variant]:
    """{SKU in small letters: variant}; most are written as they are, which is found
    faster."""
    found: dict[str, Variant] = {}
    for some in portions(sorted(skus)):
        for variant in Variant.objects.filter(client=client, sku__in=some):
            found[variant.sku.lower()] = variant
    others = sorted(sku for sku in skus if sku.lower() not in found)
    for some in portions(others, 500):
        for variant in named(client.pk, some):
            found[variant.sku.lower()] = variant
    return found


class _Guesses:
    """What an unknown SKU may be meant to be; only a few are looked for."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.left = MOST_GUESSES
        self.known: dict[str, str] = {}

    def of(self, sku: str) -> str:
        if not self.left:
            return ""
        self.left -= 1
        if not self.known:
            rows = Variant.objects.filter(client=self.client, is_bundle=False)
            skus = rows.order_by("sku").values_list("sku", flat=True)
            self.known = {_plain(each): each for each in skus}
        near = difflib.get_close_matches(_plain(sku), self.known, n=1, cutoff=0.75)
        return f" Do you mean {self.known[near[0]]}?" if near else ""


def _plain(sku: str) -> str:
    return re.sub(r"[^0-9a-z]+", "", sku.casefold()) or sku


def refuse_doubles(rows: Sequence[RowResult]) -> None:
    """Both, or all: which of them holds is not known here."""
    rows = still_open(rows)
    lines: dict[tuple[int, int], list[int]] = defaultdict(list)
    for each in rows:
        lines[each.place].append(each.row.line)
    for each in rows:
        same = [n for n in lines[each.place] if n != each.row.line]
        if same:
            told = ", ".join(map(str, same[:5]))
            each.refuse(
                f"{each.variant} in {each.warehouse} stands in line {told}, too. Keep "
                "one row of it."
            )
