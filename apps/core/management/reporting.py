"""How commands talk: one redrawn line for people, plain lines for cron, exit codes."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, TextIO

from django.core.management.base import OutputWrapper

BAR = 12


class ExitCode(IntEnum):
    """What a command tells the shell that called it."""

    DONE = 0
    CRASHED = 1
    USAGE = 2
    PARTLY = 3
    NEEDS_PERSON = 4
    ALREADY_RUNNING = 5
    INTERRUPTED = 130


_WORST_FIRST = (
    ExitCode.CRASHED,
    ExitCode.NEEDS_PERSON,
    ExitCode.PARTLY,
    ExitCode.ALREADY_RUNNING,
    ExitCode.DONE,
)


def worst(codes: Sequence[ExitCode]) -> ExitCode:
    """One shop failing never stops the others; the worst of their codes wins."""
    return min(codes, key=_WORST_FIRST.index, default=ExitCode.DONE)


class Progress:
    """Tells how far a long job is, on stderr.

    A terminal gets one redrawn line, at most five times a second; anything else a
    line at the start, at each tenth or 30 seconds, and at the end.
    """

    def __init__(
        self, command: str, subject: str, out: TextIO | OutputWrapper, *, quiet: bool
    ) -> None:
        self.command, self.subject, self.out = command, subject, out
        self.quiet = quiet
        self.is_terminal = bool(getattr(out, "isatty", lambda: False)())
        self.started = time.monotonic()
        self._last_drawn = 0.0
        self._last_tenth = -1
        self._width = 0

    def show(
        self,
        done: int,
        total: int | None,
        counts: dict[str, int],
        state: str = "running",
    ) -> None:
        """`counts` are named figures beside the total, e.g. new, updated, failed."""
        if self.quiet:
            return
        now = time.monotonic()
        if self.is_terminal:
            if state == "running" and now - self._last_drawn < 0.2:
                return
            self._draw(done, total, counts)
        else:
            tenth = done * 10 // total if total else 0
            if state == "running" and total and done >= total:
                return  # the closing line says it
            due = tenth != self._last_tenth or now - self._last_drawn >= 30
            if state == "running" and not due:
                return
            self._last_tenth = tenth
            self._line(done, total, counts, state)
        self._last_drawn = now

    def finish(self, done: int, total: int | None, counts: dict[str, int]) -> None:
        self.show(done, total, counts, "done")
        if self.is_terminal and not self.quiet:
            self._write("")

    def _draw(self, done: int, total: int | None, counts: dict[str, int]) -> None:
        share = min(done / total, 1.0) if total else 0.0
        full = round(share * BAR)
        figures = "  ".join(f"{name} {value:,}" for name, value in counts.items())
        text = (
            f"{self.subject}  {'█' * full}{'░' * (BAR - full)} {share:4.0%}  "
            f"{done:,}/{total or 0:,}  {figures}{self._eta(share)}"
        )
        self._write(f"\r{text:<{self._width}}", ending="")
        self.out.flush()
        self._width = len(text)

    def _eta(self, share: float) -> str:
        elapsed = time.monotonic() - self.started
        if share <= 0.02 or share >= 1:
            return ""
        left = timedelta(seconds=int(elapsed / share - elapsed))
        return f"  ETA {str(left)[2:] if left < timedelta(hours=1) else left}"

    def _line(
        self, done: int, total: int | None, counts: dict[str, int], state: str
    ) -> None:
        now = datetime.now(UTC)
        figures = " ".join(f"{name}={value}" for name, value in counts.items())
        self._write(
            f"{now:%Y-%m-%dT%H:%M:%SZ} {self.command} {self.subject} state={state} "
            f"done={done} total={total if total is not None else 'unknown'} {figures}"
        )

    def _write(self, text: str, ending: str = "\n") -> None:
        if isinstance(self.out, OutputWrapper):
            # A command's stderr would paint everything as an error.
            self.out.write(text, style_func=str, ending=ending)
        else:
            self.out.write(text + ending)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns parted by bars, text left and numbers right."""
    cells = [[str(cell) for cell in header]]
    cells += [[f"{c:,}" if isinstance(c, int) else str(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for index, row in enumerate(cells):
        source = rows[index - 1] if index else header
        lines.append(
            " | ".join(
                cell.rjust(width) if isinstance(value, int) else cell.ljust(width)
                for cell, width, value in zip(row, widths, source, strict=True)
            ).rstrip()
        )
    return "\n".join(lines)


def grouped(errors: Sequence[str], shown: int = 5) -> list[str]:
    """The most frequent errors with their counts, and how many more there are."""
    counts: dict[str, int] = {}
    for error in errors:
        counts[error] = counts.get(error, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    lines = [f"{count}x {error}" for error, count in ranked[:shown]]
    if len(ranked) > shown:
        lines.append(f"… and {len(ranked) - shown} more")
    return lines


def json_line(**fields: Any) -> str:
    """One object a line, for programs."""
    return json.dumps(fields, default=str, ensure_ascii=False)
