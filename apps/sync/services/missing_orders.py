"""Orders that something else names before they were pulled: asked for by their IDs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from apps.integrations.contracts import PlatformClient, Source
from apps.integrations.errors import MalformedReply, ScopeMissing
from apps.orders.models import Order
from apps.orders.services.ingest import ingest_orders
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop


@dataclass(slots=True)
class MissingOrders:
    """Brings them, each asked for once a pull. `client` is called when one is."""

    shop: Shop
    client: Callable[[], PlatformClient]
    source: Source = Source.API
    asked: set[str] = field(default_factory=set)

    def bring(self, order_ids: Iterable[str]) -> list[tuple[str, str]]:
        """Store those not known here yet; (order ID, why) of those that cannot be.

        What the shop does not have, or no app of it may read, is left out: whoever
        named it waits for it.
        """
        wanted = {key for key in order_ids if key} - self.asked
        if not wanted:
            return []
        known = Order.objects.filter(shop=self.shop, remote_id__in=wanted)
        missing = sorted(wanted - set(known.values_list("remote_id", flat=True)))
        self.asked |= wanted
        if not missing:
            return []
        try:
            orders = self.client().get_orders(missing)
        except MalformedReply as error:
            return [("", str(error))]
        except (ReconnectNeeded, ScopeMissing):
            return []  # the pull of orders says so
        return ingest_orders(self.shop, orders, self.source).refused
