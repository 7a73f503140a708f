"""The shops a consent opens, as somebody picks from them."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.integrations.contracts import RemoteShop
from apps.platforms.models import ConnectAttempt, Shop
from apps.platforms.regions import Region, region_of
from apps.platforms.services.connecting.exchange import offered_shops

ANOTHER_SHOP = "This is not the shop you connected before"


@dataclass(frozen=True, slots=True)
class Offer:
    """`shop` is the account it is linked to already, be it ours or another client's."""

    remote: RemoteShop
    shop: Shop | None
    is_own: bool
    is_chosen: bool
    name: str

    @property
    def region(self) -> Region:
        return region_of(self.remote.region)

    @property
    def can_be_linked(self) -> bool:
        return self.shop is None or self.is_own

    @property
    def badge(self) -> str:
        """Whose account it is, only to those who may know."""
        if self.shop is None:
            return ""
        if self.is_own:
            return f"Already linked to {self.shop}"
        return "Already linked"


def offers_of(attempt: ConnectAttempt) -> list[Offer]:
    """In the platform's order, those that are likely meant chosen beforehand."""
    remotes = offered_shops(attempt)
    linked = {
        shop.remote_id: shop
        for shop in Shop.objects.filter(
            platform=attempt.api_app.platform,
            remote_id__in=[remote.remote_id for remote in remotes],
        )
    }
    named = _namesake(attempt, [r for r in remotes if r.remote_id not in linked])
    target = attempt.reconnects.remote_id if attempt.reconnects else ""
    found = []
    for remote in remotes:
        shop = linked.get(remote.remote_id)
        is_own = shop is not None and shop.client_id == attempt.client_id
        free = shop is None or is_own
        name = attempt.name if remote is named else remote.name
        chosen = remote.remote_id == target if target else free
        found.append(Offer(remote, shop, is_own, chosen and free, name[:120]))
    return found


def is_another_shop(attempt: ConnectAttempt) -> bool:
    """Whether somebody reconnects a shop and consented for others."""
    if attempt.reconnects is None:
        return False
    ids = {remote.remote_id for remote in offered_shops(attempt)}
    return attempt.reconnects.remote_id not in ids


def add_as_new(attempt: ConnectAttempt) -> None:
    """Whoever came to reconnect a shop wants these instead."""
    attempt.reconnects = None
    attempt.save(update_fields=["reconnects", "modified_at"])


def region_note(attempt: ConnectAttempt, codes: Iterable[str]) -> str:
    """What to say where TikTok's regions differ from the one expected."""
    others = [region_of(code) for code in codes]
    names = [region.name for region in others if region.code != attempt.region]
    if not attempt.region or not names:
        return ""
    return (
        f"You chose {region_of(attempt.region).name}; TikTok says "
        f"{', '.join(dict.fromkeys(names))}. TikTok's region is used."
    )


def _namesake(attempt: ConnectAttempt, new: list[RemoteShop]) -> RemoteShop | None:
    """The one new shop the chosen name can only mean."""
    if not attempt.name:
        return None
    if len(new) == 1:
        return new[0]
    here = [r for r in new if region_of(r.region).code == attempt.region]
    return here[0] if len(here) == 1 else None
