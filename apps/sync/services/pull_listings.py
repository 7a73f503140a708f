"""Read single listings again: after a notice of the platform, or because somebody asks.

As listing_details does within a run, but of listings that are named, without a run."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.core.storing import portions
from apps.integrations.contracts import PlatformClient, RemoteListing, Source
from apps.integrations.errors import MalformedReply, NotFound, RequestRefused
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for
from apps.platforms.services.scopes import PRODUCTS
from apps.products.services.ingest import IngestResult, ingest_listings, note_gone
from apps.sync.models import SyncRun
from apps.sync.services.ledger import WAITED_FOR
from apps.sync.services.listing_details import AT_ONCE


@dataclass(slots=True)
class PulledListings:
    """What reading listings again brought; `gone` are those the shop does not have, of
    which we may never have had one either."""

    result: IngestResult = field(default_factory=IngestResult)
    gone: list[str] = field(default_factory=list)


def pull_listings(
    shop: Shop,
    remote_ids: Sequence[str],
    *,
    trigger: SyncRun.Trigger = SyncRun.Trigger.ACTION,
    client: PlatformClient | None = None,
) -> PulledListings:
    """Store these listings, whole, as the platform has them now. Repeating it changes
    nothing. No run is noted, so that the sweep keeps its time.

    Raises ReconnectNeeded and PlatformError; what was read before is kept.
    """
    pulled = PulledListings()
    ids = list(dict.fromkeys(remote_ids))
    if not ids:
        return pulled
    asked = client or client_for(shop, PRODUCTS, urgent=trigger in WAITED_FOR)
    for some in portions(ids, AT_ONCE):
        found: list[RemoteListing] = []
        gone: list[str] = []
        try:
            for remote_id in some:
                try:
                    found.append(asked.get_listing(remote_id))
                except NotFound:
                    gone.append(remote_id)
                except (MalformedReply, RequestRefused) as error:
                    pulled.result.refused.append((remote_id, str(error)))
        finally:
            pulled.result += ingest_listings(shop, found, Source.API)
            if gone:
                note_gone(shop, gone)
            pulled.gone += gone
    return pulled
