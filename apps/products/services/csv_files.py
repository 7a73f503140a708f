"""CSV files as people save them: which letters, and which separator."""

import csv
import io
from collections.abc import Callable

from apps.products.errors import FileUnusable

LARGEST_FILE = 10 * 1024 * 1024


def named_columns(text: str, separator: str, column_of: Callable[[str], str]) -> int:
    """How many columns the file's first lines name, parted like this; `column_of` gives
    the column a heading means, or nothing."""
    head = "\n".join(text[:20_000].splitlines()[:3])
    rows = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    try:
        return max((len({column_of(c) for c in row} - {""}) for row in rows), default=0)
    except csv.Error:
        return 0


def decoded(data: bytes) -> str:
    """The text of an uploaded file; raises FileUnusable for what is no CSV."""
    if len(data) > LARGEST_FILE:
        raise FileUnusable("The file is larger than 10 MB. Cut it into several.")
    if data.startswith(b"PK"):
        raise FileUnusable("This is a workbook. Save it as “CSV UTF-8” and try again.")
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeError as error:
        raise FileUnusable(
            "The file's letters cannot be read. Save it as “CSV UTF-8” and try again."
        ) from error
    if "\x00" in text:
        raise FileUnusable("This is no CSV file. Save it as “CSV UTF-8” and try again.")
    return text
