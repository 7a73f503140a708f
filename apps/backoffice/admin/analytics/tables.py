"""The page's tables as data: the page and the files show the same rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from apps.core.money import Money

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Kind(StrEnum):
    """How a value is shown. BASE is an amount in the currency of all sums, OWN is a
    Money, WORDS are words about a number."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    BASE = "base"
    OWN = "own"
    PART = "part"
    RATE = "rate"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Column:
    """`name` heads it in a file, `label` on the page; without one of them it is only
    in the other."""

    name: str
    label: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Line:
    values: Sequence[Any]
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    title: str
    base: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    words: str = ""

    @property
    def shown_columns(self) -> list[Column]:
        return [column for column in self.columns if column.label]

    @property
    def shown(self) -> list[dict[str, Any]]:
        """Rows of the page: {href, note, cells}; a cell is (text, whether it is a
        number)."""
        return [
            {
                "href": line.href,
                "note": line.note,
                "cells": [
                    (shown(value, column.kind, self.base), column.kind != Kind.TEXT)
                    for column, value in zip(self.columns, line.values, strict=True)
                    if column.label
                ],
            }
            for line in self.lines
        ]

    @property
    def header(self) -> list[str]:
        """Of the file; what is in the currency of all sums says so."""
        suffix = f"_{self.base.lower()}"
        return [
            f"{column.name}{suffix if column.kind == Kind.BASE else ''}"
            for column in self.columns
            if column.name
        ]

    def rows(self) -> Iterable[list[Any]]:
        """Of the file: plain numbers with the decimals of their currency."""
        for line in self.lines:
            row: list[Any] = []
            for column, value in zip(self.columns, line.values, strict=True):
                if not column.name:
                    continue
                if column.kind == Kind.OWN:
                    row.append(plain(value.amount, value.currency))
                elif column.kind == Kind.BASE:
                    row.append(plain(value, self.base))
                elif column.kind in (Kind.PART, Kind.RATE):
                    row.append("" if value is None else significant(value))
                else:
                    row.append("" if value is None else value)
            yield row


def shown(value: Any, kind: Kind, base: str) -> str:
    """As people read it; what there is not is a dash."""
    if value is None:
        return "—"
    if kind == Kind.DAY:
        return f"{value:%d %b %Y}"
    if kind == Kind.COUNT:
        return f"{value:,}"
    if kind == Kind.BASE:
        return grouped(value, base)
    if kind == Kind.PART:
        return f"{100 * value:.1f} %"
    if kind == Kind.RATE:
        return significant(value)
    return str(value)


def grouped(amount: Decimal, currency: str) -> str:
    """With the decimals usual for the currency, without its name."""
    return f"{Money(amount, currency).rounded().amount:,}"


def plain(amount: Decimal | None, currency: str) -> Decimal | str:
    """A number for a file."""
    return "" if amount is None else Money(amount, currency).rounded().amount


def significant(value: Decimal) -> str:
    """Six significant figures, never as a power of ten."""
    if not value:
        return "0"
    step = Decimal(1).scaleb(value.adjusted() - 5)
    return f"{value.quantize(step, ROUND_HALF_UP).normalize():f}"


def day_words(days: Sequence[date]) -> str:
    """“3 Dec”, “3 and 4 Dec 2026”, or from when to when and how many."""
    if len(days) == 1:
        return f"{days[0].day} {days[0]:%b %Y}"
    if len(days) == 2:
        return f"{days[0].day} {days[0]:%b} and {days[1].day} {days[1]:%b %Y}"
    ends = f"{days[0].day} {days[0]:%b} to {days[-1].day} {days[-1]:%b %Y}"
    return f"{len(days)} days from {ends}"
