"""How actions speak to a shop: its clients, made when first needed."""

from dataclasses import dataclass, field

from apps.integrations.contracts import PlatformClient
from apps.integrations.http import Timeouts
from apps.integrations.tiktok.retries import RetryPolicy
from apps.platforms.models import Shop
from apps.platforms.services import scopes
from apps.platforms.services.clients import client_at_page, client_for

# Rather tried anew by the next sweep than repeated for a minute; and a call ends well
# before its worker is taken to be gone.
_PATIENCE = RetryPolicy(tries=2, base_seconds=0.5, jitter_seconds=0.5, cap_seconds=5.0)
_TIMEOUTS = Timeouts(connect=5.0, read=20.0)


@dataclass(slots=True)
class Line:
    """`urgent` where a page waits. `client`, if given, serves all calls. `scope` is the
    permission last asked for: what a refusal for want of consent is about."""

    shop: Shop
    urgent: bool = False
    client: PlatformClient | None = None
    scope: str = scopes.ORDERS
    _clients: dict[str, PlatformClient] = field(default_factory=dict)

    def to(self, scope: str) -> PlatformClient:
        """Raises ReconnectNeeded where nobody granted the scope."""
        self.scope = scope
        if self.client is not None:
            return self.client
        if scope not in self._clients:
            self._clients[scope] = (
                client_at_page(self.shop, scope)
                if self.urgent
                else client_for(self.shop, scope, retries=_PATIENCE, timeouts=_TIMEOUTS)
            )
        return self._clients[scope]
