"""RemoteReturn → rows."""

from collections.abc import Sequence

from apps.integrations.contracts import RemoteReturn, Source
from apps.orders.services.request_sorts import RETURNS
from apps.orders.services.requests import ingest_requests, preview_requests
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop


def ingest_returns(
    shop: Shop, remotes: Sequence[RemoteReturn], source: Source
) -> IngestResult:
    """Store returns, refunds, replacements and exchanges of a shop, and what follows
    for the orders; repeating a call changes nothing and says so."""
    return ingest_requests(shop, remotes, source, RETURNS)


def preview_returns(
    shop: Shop, remotes: Sequence[RemoteReturn], source: Source
) -> IngestResult:
    """What `ingest_returns` would do, with nothing written."""
    return preview_requests(shop, remotes, source, RETURNS)
