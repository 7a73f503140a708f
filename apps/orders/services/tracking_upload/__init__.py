"""Carriers and numbers of many orders, pasted or from a CSV file.

`reading` makes rows of the text, `carriers` finds whom a row names, `judging` says what
would become of each row; `upload` asks for it.
"""

from apps.orders.services.tracking_upload.judging import (
    Judged,
    Result,
    preview,
)
from apps.orders.services.tracking_upload.reading import MOST_ROWS, Row, read_rows
from apps.orders.services.tracking_upload.uploading import (
    RESULT_HEADER,
    Upload,
    result_rows,
    upload,
)

__all__ = [
    "MOST_ROWS",
    "RESULT_HEADER",
    "Judged",
    "Result",
    "Row",
    "Upload",
    "preview",
    "read_rows",
    "result_rows",
    "upload",
]
