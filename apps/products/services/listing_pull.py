"""One listing asked for at once, because a person wants to see how it is now."""

from apps.integrations.contracts import Source
from apps.integrations.errors import NotFound
from apps.platforms.services.clients import client_at_page
from apps.platforms.services.scopes import PRODUCTS
from apps.products.models import Listing
from apps.products.services.ingest import Outcome, ingest_listings, note_gone


def pull_listing(listing: Listing) -> Outcome:
    """Store the listing as the platform shows it now; what that changed.

    One the platform no longer has is noted as deleted. Raises PlatformError.
    """
    client = client_at_page(listing.shop, PRODUCTS)
    try:
        found = client.get_listing(listing.remote_id)
    except NotFound:
        was_present = note_gone(listing.shop, [listing.remote_id])
        return Outcome.UPDATED if was_present else Outcome.SAME
    result = ingest_listings(listing.shop, [found], Source.API)
    return result.outcomes.get(listing.remote_id, Outcome.SAME)
