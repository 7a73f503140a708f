"""Kept papers of many packages, to the printer as one file."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse

from apps.orders.admin.base import by_whom
from apps.orders.models import ShippingDocument
from apps.orders.services import papers


def print_out(
    request: HttpRequest, documents: Sequence[ShippingDocument]
) -> HttpResponse:
    """The file itself. As it shows who bought, that it was taken is written down.

    Raises ActionRefused where they cannot be one file.
    """
    file = papers.merged(documents)
    papers.note_printed(documents, by_whom(request))
    return HttpResponse(
        file.content,
        content_type=file.content_type,
        headers={
            "Content-Disposition": f'inline; filename="{file.file_name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
