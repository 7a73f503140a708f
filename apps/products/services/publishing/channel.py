"""How one run, or one page, speaks to a shop: its clients, made when first needed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from apps.integrations.contracts import AuditStatus, PlatformClient, RemoteListing
from apps.integrations.errors import NotFound
from apps.platforms.models import ApiApp, Shop
from apps.platforms.services import scopes
from apps.platforms.services.clients import client_at_page, client_for
from apps.platforms.services.seller_types import note_seller_types


def _no_beat() -> None:
    return


@dataclass(slots=True)
class Channel:
    """`urgent` where a page waits. `beat` is called between calls, so that a long
    deed shows that it is alive; it may raise to end it."""

    shop: Shop
    urgent: bool = False
    beat: Callable[[], None] = _no_beat
    clients: dict[str, PlatformClient] = field(default_factory=dict)
    _has_asked: bool = False

    def client(self, scope: str) -> PlatformClient:
        """Raises ReconnectNeeded where nobody granted the scope."""
        if scope not in self.clients:
            client = client_at_page if self.urgent else client_for
            self.clients[scope] = client(self.shop, scope)
        return self.clients[scope]

    @property
    def reads(self) -> PlatformClient:
        return self.client(scopes.PRODUCTS)

    @property
    def writes(self) -> PlatformClient:
        return self.client(scopes.PRODUCT_WRITE)

    @property
    def deletes(self) -> PlatformClient:
        return self.client(scopes.PRODUCT_DELETE)

    @property
    def api_app(self) -> ApiApp:
        """The app that writes: pictures belong to the app that sent them."""
        return scopes.credential_for(self.shop, scopes.PRODUCT_WRITE).api_app

    @property
    def is_cross_border(self) -> bool:
        """Whether the seller sells from abroad, where prices are sent in another way.

        Where connecting did not tell, the platform is asked when a price is about to be
        sent: one taken for the other would cost buyers the tax as well.
        """
        if not self.shop.seller_type and not self._has_asked:
            note_seller_types(self.shop.platform, self.reads.authorized_shops())
            self.shop.refresh_from_db(fields=["seller_type"])
            self._has_asked = True
        return self.shop.seller_type == Shop.SellerType.CROSS_BORDER

    def newest(self, remote_id: str) -> RemoteListing:
        """The version an edit starts from: the one under review if there is one, else
        the one buyers see. An edit of the latter would undo the former.

        Raises NotFound.
        """
        live = self.reads.get_listing(remote_id)
        if live.audit != AuditStatus.AUDITING:
            return live
        try:
            return self.reads.get_listing(remote_id, version="under_review")
        except NotFound:  # its review ended in between, or it has but one version
            return live
