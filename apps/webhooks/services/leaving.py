"""Let a shop go: end what the platform posts to us of it while its token still works,
then forget what opens it."""

from dataclasses import dataclass

from apps.platforms.models import Shop
from apps.platforms.services import shops
from apps.users.services.audit import By
from apps.webhooks.services import subscriptions
from apps.webhooks.services.subscriptions import ClientOf, Done


@dataclass(frozen=True, slots=True)
class Left:
    """The shop as it is now, and what became of its subscriptions."""

    shop: Shop
    done: Done

    @property
    def warning(self) -> str:
        """What is still posted to us, for all we know, and what that means; empty where
        nothing is."""
        if not self.done.failed:
            return ""
        why = " ".join(f"{what}: {why}" for what, why in self.done.failed)
        return (
            "Not all of its webhooks could be removed at TikTok, so some events may "
            "still come; they are kept and not acted on. They end when the seller "
            f"takes the consent back in Seller Center. {why}"
        )


def disconnect(
    shop: Shop, typed_name: str, by: By, *, client_of: ClientOf | None = None
) -> Left:
    """Remove the shop's webhooks, as far as that can be done, and disconnect it.

    Asks the platform, so no transaction may be open. Raises ShopRefuses unless
    `typed_name` is the shop's name. Repeating it changes nothing.
    """
    shops.check_name(shop, typed_name)
    done = Done()
    if shop.state != Shop.State.DISCONNECTED:
        done = subscriptions.let_go(shop, by, client_of=client_of)
    gone = shops.disconnect(shop, typed_name, actor=by.user, address=by.address)
    return Left(gone, done)
