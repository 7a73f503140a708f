"""Cells of a catalogue file, and what its rows come to."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from apps.products.models import Product
from apps.products.services.catalogue_files import SIZE_COLUMNS, CatalogueFile, Row
from apps.products.services.checks import Bad, VariantInput

_COMMAS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")
_YES, _NO = ("yes", "true", "1", "y", "active"), ("no", "false", "0", "n", "inactive")
_RUINED = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)


class Kind(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(slots=True)
class RowResult:
    """What a row comes to; `problems` are (column, sentence)."""

    row: Row
    kind: Kind = Kind.SAME
    changes: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, column: str, message: str) -> None:
        self.kind = Kind.REFUSED
        self.problems.append((column, message))

    @property
    def error(self) -> str:
        return " ".join(
            f"{name}: {told}" if name else told for name, told in self.problems
        )


@dataclass(slots=True)
class Group:
    """Rows of one product: they are written together, or none of them is."""

    product: Product | None
    results: list[RowResult] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    category_path: str | None = None
    variants: list[VariantInput] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return any(each.kind is Kind.REFUSED for each in self.results)

    @property
    def is_to_write(self) -> bool:
        return not self.is_refused and any(
            each.kind is not Kind.SAME for each in self.results
        )

    @property
    def has_bundles(self) -> bool:
        return any(each.components for each in self.variants)


@dataclass(slots=True)
class Comparison:
    """All rows of the file in its order, and the products they make."""

    file: CatalogueFile
    results: list[RowResult]
    groups: list[Group]
    new_categories: list[str]

    def count(self, kind: Kind) -> int:
        return sum(each.kind is kind for each in self.results)

    @property
    def refused(self) -> list[RowResult]:
        return [each for each in self.results if each.kind is Kind.REFUSED]


def number(cell: str) -> Decimal:
    plain = cell.replace(",", "") if _COMMAS.fullmatch(cell) else cell
    if not _NUMBER.fullmatch(plain):
        raise Bad(f"“{cell[:40]}” is no number; write it as 1234.50.")
    return Decimal(plain)


def barcode(cell: str) -> str:
    if _RUINED.fullmatch(cell):
        raise Bad(
            f"“{cell}” is what a spreadsheet made of the barcode. Give the column the "
            "format Text and type it again."
        )
    return cell


def is_active(cell: str) -> bool:
    if cell.casefold() in _YES:
        return True
    if cell.casefold() in _NO:
        return False
    raise Bad(f"“{cell[:40]}” is neither yes nor no.")


READERS: dict[str, Callable[[str], Any]] = {
    "variant": str,
    "barcode": barcode,
    "cost": number,
    "cost_currency": str,
    "active": is_active,
    **dict.fromkeys(SIZE_COLUMNS, number),
}
