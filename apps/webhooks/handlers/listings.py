"""Listings: read again, whole, as the platform has them now."""

from collections.abc import Sequence

from apps.integrations.contracts import PlatformClient
from apps.platforms.models import Shop
from apps.products.services.ingest import Outcome as Change
from apps.sync.models import SyncRun
from apps.sync.services.pull_listings import pull_listings
from apps.webhooks.handlers.news import News, Outcome, Outcomes, words_of

_WORDS = {
    Change.NEW: "is new",
    Change.UPDATED: "updated",
    Change.SAME: "no change",
}


def read_listings(
    shop: Shop, news: Sequence[News], client: PlatformClient | None
) -> Outcomes:
    ids = [key for each in news for key in each.notice.product_ids]
    pulled = pull_listings(
        shop,
        ids,
        trigger=SyncRun.Trigger.WEBHOOK,
        client=client,
    )
    words = {
        key: f"Listing {key}: {_WORDS[change]}"
        for key, change in pulled.result.outcomes.items()
    }
    words |= {key: f"TikTok has no listing {key}" for key in pulled.gone}
    words |= {key: f"Listing {key}: {why}" for key, why in pulled.result.refused}
    return {
        each.event.pk: Outcome(
            words_of(each.notice.product_ids, words, "It names no product.")
        )
        for each in news
    }
