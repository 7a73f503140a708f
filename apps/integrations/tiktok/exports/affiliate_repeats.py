"""Rows of a file of affiliate orders that tell of the same thing more than once.

A file that was pasted together has copies, and rows that were right earlier. What is
further on its way to the money counts; two that are equally far and differ contradict
each other, and neither is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.integrations.contracts.affiliate import RemoteAffiliateSku

Key = tuple[str, str, str]


def key_of(sku: RemoteAffiliateSku) -> Key:
    """Order, SKU (or product) and content (or creator): what a row is known by."""
    item = sku.sku_id or f"p{sku.product_id}"
    return sku.order_id, item, sku.content_id or f"@{sku.creator_username.lower()}"


@dataclass(frozen=True, slots=True)
class _Seen:
    line: int
    step: int
    print: int


class Repeats:
    """`copied` and `older` are lines that are left out; `contradicting` is {line:
    another that tells otherwise}. Known once all rows were seen and judged."""

    def __init__(self) -> None:
        self.copied: set[int] = set()
        self.older: set[int] = set()
        self.contradicting: dict[int, int] = {}
        self._rows: dict[Key, list[_Seen]] = {}

    def see(self, line: int, cells: Sequence[str], sku: RemoteAffiliateSku) -> None:
        """A row that can be read."""
        told = hash(tuple(cell.strip() for cell in cells))
        rows = self._rows.setdefault(key_of(sku), [])
        rows.append(_Seen(line, sku.settlement.step, told))

    def judge(self) -> None:
        for rows in self._rows.values():
            if len(rows) > 1:
                self._judge(rows)
        self._rows = {}

    def _judge(self, rows: Sequence[_Seen]) -> None:
        furthest = max(row.step for row in rows)
        first: dict[int, int] = {}
        left: list[int] = []
        for row in rows:
            if first.setdefault(row.print, row.line) != row.line:
                self.copied.add(row.line)
            elif row.step < furthest:
                self.older.add(row.line)
            else:
                left.append(row.line)
        if len(left) > 1:
            self.contradicting |= dict.fromkeys(left[1:], left[0]) | {left[0]: left[1]}

    def takes(self, line: int) -> bool:
        is_left_out = line in self.copied or line in self.older
        return not is_left_out and line not in self.contradicting
