"""An order that hears news, without a database."""

from apps.core.storing import content_hash, storable
from apps.integrations.contracts import RemoteOrder, Source
from apps.orders.models import Order, OrderLine
from apps.orders.services.merge import apply_news, new_order, news_of
from apps.orders.services.order_fields import shown_of
from apps.orders.services.voices import PLATFORM, News


def told(remote: RemoteOrder, source: Source = Source.API) -> News:
    return news_of(remote, source, content_hash(storable(remote.raw)))


def hear(
    order: Order,
    remote: RemoteOrder,
    source: Source = Source.API,
    *,
    preferred: str = PLATFORM,
) -> bool:
    """Whether a column changed; the order's lines are kept beside it."""
    before = shown_of(order)
    lines = apply_news(order, [told(remote, source)], preferred, lines_of(order))
    order.__dict__["heard_lines"] = {
        key: OrderLine(key=key, **columns) for key, columns in lines.items()
    }
    return shown_of(order) != before


def lines_of(order: Order) -> dict[str, OrderLine]:
    lines: dict[str, OrderLine] = order.__dict__.get("heard_lines", {})
    return lines


def folded(
    *news: RemoteOrder, source: Source = Source.API, preferred: str = PLATFORM
) -> Order:
    """The order after these pieces of news, in this order of arrival."""
    order = new_order(1, news[0])
    for remote in news:
        hear(order, remote, source, preferred=preferred)
    return order
