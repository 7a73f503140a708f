"""The shops a consent opens, as somebody picks from them."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.integrations.contracts import RemoteShop
from apps.platforms.models import ConnectAttempt, Shop
from apps.platforms.regions import Region, region_of
from apps.platforms.services.connecting.exchange import offered_shops
from apps.users.models import AnyUser
from apps.users.roles import MANAGE_CREDENTIALS

ANOTHER_SHOP = "This is not the shop you connected before"


@dataclass(frozen=True, slots=True)
class Offer:
    """`shop` is the account it is linked to already, be it ours or another client's;
    `is_own`, whether it is theirs to see who pick. `may_add`: they may add new ones."""

    remote: RemoteShop
    shop: Shop | None
    is_own: bool
    is_chosen: bool
    name: str
    may_add: bool = True

    @property
    def region(self) -> Region:
        return region_of(self.remote.region)

    @property
    def can_be_linked(self) -> bool:
        return self.is_own if self.shop else self.may_add

    @property
    def badge(self) -> str:
        """Whose account it is, only to those who may know."""
        if self.shop is None:
            return "" if self.may_add else "Not yours to add"
        if self.is_own:
            return f"Already linked to {self.shop}"
        return "Already linked"


def offers_of(attempt: ConnectAttempt, viewer: AnyUser | None = None) -> list[Offer]:
    """In the platform's order, those that are likely meant chosen beforehand.

    `viewer` picks from what they may connect; None came with a link for all shops.
    """
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
    may_add = may_add_shops(attempt, viewer)
    found = []
    for remote in remotes:
        shop = linked.get(remote.remote_id)
        is_own = (
            shop is not None
            and shop.client_id == attempt.client_id
            and (viewer is None or viewer.has_perm(MANAGE_CREDENTIALS, shop))
        )
        free = is_own if shop else may_add
        name = attempt.name if remote is named else remote.name
        chosen = remote.remote_id == target if target else free
        found.append(Offer(remote, shop, is_own, chosen and free, name[:120], may_add))
    return found


def may_add_shops(attempt: ConnectAttempt, viewer: AnyUser | None) -> bool:
    """Whether shops new to us may be linked, not only those connected before."""
    if viewer is None or attempt.client is None:
        return True
    return viewer.has_perm(MANAGE_CREDENTIALS, attempt.client)


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
