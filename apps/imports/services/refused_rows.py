"""The refused rows of a run's file, to correct and upload again."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from apps.imports.models import ImportRun
from apps.imports.services.checking import as_problem
from apps.imports.services.kept import opened
from apps.imports.services.readers import READERS


@dataclass(frozen=True, slots=True)
class RefusedRows:
    """A CSV file with a last column `error`, under a plain name; `shows_buyers` of so
    many `items`, should its kind tell who bought."""

    name: str
    content: bytes
    items: int
    shows_buyers: bool


def refused_rows(run: ImportRun) -> RefusedRows:
    """Of a run of a kind that is read. Raises FileRefused where the file is gone."""
    assert run.shop is not None
    reader = READERS[run.kind]
    problems = [as_problem(run.kind, row) for row in run.problems.filter(is_error=True)]
    with tempfile.TemporaryDirectory(prefix="shopdesk-errors-") as folder:
        target = Path(folder) / "errors.csv"
        with opened(run) as path:
            reader.write_errors(run.shop, path, target, problems)
        content = target.read_bytes()
    plain = [c for c in run.file_name if c.isascii() and (c.isalnum() or c in "-_.")]
    return RefusedRows(
        f"{''.join(plain)[:80]}.errors.csv",
        content,
        len({each.order_id for each in problems}),
        reader.headings is not None and bool(reader.headings.private),
    )
