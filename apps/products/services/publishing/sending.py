"""One item, or twenty that go in one call: claimed, sent, and the outcome noted."""

from collections.abc import Callable, Sequence

from apps.core.errors import DomainError
from apps.integrations.errors import (
    ConsentNeeded,
    PlatformError,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
    TokenExpired,
)
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.products.models import PublishItem, PublishRun
from apps.products.services.publishing import outcomes, pictures, statuses
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.creating import send_creation
from apps.products.services.publishing.editing import send_edition_of
from apps.products.services.publishing.pricing import send_prices

Kind = PublishRun.Kind
_ONE_BY_ONE: dict[str, Callable[[PublishItem, Channel], None]] = {
    Kind.CREATE: send_creation,
    Kind.EDIT: send_edition_of,
    Kind.PRICE: send_prices,
}
# Nothing goes on after these; the items wait.
CONSENT_GONE = (ConsentNeeded, ReconnectNeeded)
LATER = (RateLimited, PlatformUnavailable, TokenExpired, RefreshInProgress)


def send_item(item: PublishItem, channel: Channel | None = None) -> PublishItem:
    """Send one item of a run, whatever its kind, and note what became of it.

    State "sending" is committed before anything is called. After a crash call it
    again: a creation is repeated with its key, everything else is compared with what
    the platform has first. A refusal is the item's outcome; raises what concerns the
    whole shop (CONSENT_GONE, LATER), with the item waiting as before.
    """
    return send_items([item], channel or Channel(item.run.shop))[0]


def send_items(items: Sequence[PublishItem], channel: Channel) -> list[PublishItem]:
    """The same for items of one run that go together: one, or up to 20 statuses."""
    claimed = [outcomes.claim(item) for item in items]
    try:
        if (send := _ONE_BY_ONE.get(claimed[0].run.kind)) is not None:
            send(claimed[0], channel)
        else:
            statuses.send_statuses(claimed, channel)
    except (*CONSENT_GONE, *LATER) as error:
        outcomes.put_back(_unfinished(claimed), error)
        raise
    except RequestRefused as error:
        if error.code in pictures.LOST:
            pictures.forget(channel, [item.request for item in claimed])
        for item in _unfinished(claimed):
            outcomes.refused_by(item, error)
    except PlatformError as error:  # our fault, or an answer nobody understands
        for item in _unfinished(claimed):
            outcomes.failed(item, error)
    except DomainError as error:
        for item in _unfinished(claimed):
            outcomes.refused(item, str(error))
    return claimed


def _unfinished(items: Sequence[PublishItem]) -> list[PublishItem]:
    return [item for item in items if item.state == PublishItem.State.SENDING]


def size_of_portion(kind: str) -> int:
    """How many items of a kind go in one call."""
    return 1 if kind in _ONE_BY_ONE else statuses.LARGEST_BATCH
