"""RemoteCancellation → rows."""

from collections.abc import Sequence

from apps.integrations.contracts import RemoteCancellation, Source
from apps.orders.services.request_sorts import CANCELLATIONS
from apps.orders.services.requests import ingest_requests, preview_requests
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop


def ingest_cancellations(
    shop: Shop, remotes: Sequence[RemoteCancellation], source: Source
) -> IngestResult:
    """Store wishes to cancel orders of a shop, and what follows for the orders;
    repeating a call changes nothing and says so."""
    return ingest_requests(shop, remotes, source, CANCELLATIONS)


def preview_cancellations(
    shop: Shop, remotes: Sequence[RemoteCancellation], source: Source
) -> IngestResult:
    """What `ingest_cancellations` would do, with nothing written."""
    return preview_requests(shop, remotes, source, CANCELLATIONS)
