"""Whether a shop's seller sells at home or from abroad, as the platform tells."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils import timezone

from apps.integrations.contracts import RemoteShop
from apps.platforms.models import Shop


def seller_type_of(remote: RemoteShop) -> str:
    """One of Shop.SellerType; blank for what is not told, or for a word not known."""
    kind = Shop.SellerType.__members__.get(remote.seller_type.strip().upper())
    return kind.value if kind else ""


def note_seller_types(platform: str, remotes: Iterable[RemoteShop]) -> None:
    """Keep it for those of the shops that we have; what is not told erases nothing."""
    told: dict[str, list[str]] = defaultdict(list)
    for remote in remotes:
        if kind := seller_type_of(remote):
            told[kind].append(remote.remote_id)
    for kind, remote_ids in told.items():
        Shop.objects.filter(platform=platform, remote_id__in=remote_ids).exclude(
            seller_type=kind
        ).update(seller_type=kind, modified_at=timezone.now())
