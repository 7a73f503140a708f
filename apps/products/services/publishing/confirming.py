"""What the platform shows after a deed, taken in at once: the pull comes later."""

import logging
from collections.abc import Iterable

from apps.integrations.contracts import RemoteListing, Source
from apps.integrations.errors import NotFound, PlatformError
from apps.platforms.errors import ReconnectNeeded
from apps.products.models import Listing
from apps.products.services.ingest import ingest_listings, note_gone
from apps.products.services.publishing.channel import Channel

logger = logging.getLogger(__name__)


def confirm(channel: Channel, listings: Iterable[Listing]) -> None:
    """Fetch each listing and store it.

    The deed is done whatever comes of this: a listing that cannot be read now is
    brought by the next pull.
    """
    found: list[RemoteListing] = []
    for listing in listings:
        channel.beat()
        try:
            found.append(channel.reads.get_listing(listing.remote_id))
        except NotFound:
            note_gone(channel.shop, [listing.remote_id])
        except (PlatformError, ReconnectNeeded) as error:
            logger.warning(
                "listing not confirmed shop=%s listing=%s error=%s",
                channel.shop.pk,
                listing.remote_id,
                error,
            )
    ingest_listings(channel.shop, found, Source.API)
