"""Calls about a listing's papers: who answers for it, size charts, documents.

All of them speak of the seller, not of a shop, and so take no cipher.
"""

from collections.abc import Callable
from typing import Any

from apps.integrations.contracts import PartyPage, SizeChartPage, UploadedFile
from apps.integrations.errors import RequestRefused
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.products.papers import (
    file_from_json,
    party_page_from_json,
    size_chart_page_from_json,
)
from apps.integrations.tiktok.reading import JsonObject

MANUFACTURERS = Operation(
    "POST",
    "/product/202501/compliance/manufacturers/search",
    needs_cipher=False,
    is_safe=True,
)
RESPONSIBLE_PERSONS = Operation(
    "POST",
    "/product/202501/compliance/responsible_persons/search",
    needs_cipher=False,
    is_safe=True,
)
SIZE_CHARTS = Operation(
    "POST", "/product/202407/sizecharts/search", needs_cipher=False, is_safe=True
)
# As with a picture: a file that was sent twice is kept twice, and nobody minds.
UPLOAD_FILE = Operation(
    "POST", "/product/202309/files/upload", needs_cipher=False, is_safe=True
)

LARGEST_PAGE = 100
LARGEST_DOCUMENT = 10 * 1024 * 1024
DOCUMENT = "PDF"


class PaperCalls:
    """The part of a client that speaks of papers; raises PlatformError."""

    _call: Callable[..., JsonObject]
    _upload: Callable[..., JsonObject]

    def manufacturers(self, *, keyword: str = "", page_token: str = "") -> PartyPage:
        """One page of those registered. Source: "Search Manufacturers"."""
        data = self._search(MANUFACTURERS, keyword, page_token)
        return party_page_from_json(data, "manufacturer")

    def responsible_persons(
        self, *, keyword: str = "", page_token: str = ""
    ) -> PartyPage:
        """One page of those registered. Source: "Search Responsible Persons"."""
        data = self._search(RESPONSIBLE_PERSONS, keyword, page_token)
        return party_page_from_json(data, "responsible_person")

    def size_charts(self, *, keyword: str = "", page_token: str = "") -> SizeChartPage:
        """One page of the templates kept. Source: "Search Size Charts"."""
        return size_chart_page_from_json(self._search(SIZE_CHARTS, keyword, page_token))

    def upload_document(self, content: bytes, *, name: str) -> UploadedFile:
        """Have the platform keep a PDF. Source: "Upload Product File".

        Raises RequestRefused for one that is too big, without sending it.
        """
        if len(content) > LARGEST_DOCUMENT:
            raise RequestRefused(
                "The PDF has more than 10 MB. Make it smaller, then try again."
            )
        data = self._upload(
            UPLOAD_FILE, content, filename="document.pdf", fields={"name": name}
        )
        return file_from_json(data, name=name, kind=DOCUMENT)

    def _search(
        self, operation: Operation, keyword: str, page_token: str
    ) -> JsonObject:
        """Paging goes in the query, what is looked for in the body."""
        params = {"page_size": str(LARGEST_PAGE)}
        if page_token:
            params["page_token"] = page_token
        body: dict[str, Any] = {"keyword": keyword} if keyword else {}
        return self._call(operation, params, body)
