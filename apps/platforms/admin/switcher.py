"""The shop switcher on top of every work page: links that keep the other filters."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.views.main import ChangeList

from apps.platforms.models import Shop
from apps.platforms.services.features import Feature, State, features_of
from apps.users.models import AnyUser

# What another shop's list has nothing to do with: the page and an old notice.
_LEFT_BEHIND = ["p", "e"]


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    query: str
    is_current: bool


def switcher_for(
    user: AnyUser, cl: ChangeList, chosen: Shop | None, permission: str
) -> dict[str, Any]:
    """For templates/platforms/shop_switcher.html; two queries."""
    shops = list(
        Shop.objects.visible_to(user, permission)
        .exclude(state=Shop.State.DISCONNECTED)
        .order_by("-is_default", "name", "pk")
    )
    return {
        "switcher": {
            "current": str(chosen) if chosen else "All shops",
            "all": cl.get_query_string(remove=["shop", *_LEFT_BEHIND]),
            "is_all": chosen is None,
            "entries": [
                Entry(
                    title,
                    cl.get_query_string({"shop": shop.pk}, _LEFT_BEHIND),
                    chosen is not None and shop.pk == chosen.pk,
                )
                for shop, title in _titles(shops)
            ],
        }
    }


def _titles(shops: Iterable[Shop]) -> list[tuple[Shop, str]]:
    """As "★ Main Store (US) · Live · Affiliate", and "Sandbox" where it is one."""
    shops = list(shops)
    states = features_of(shops)
    titles = []
    for shop in shops:
        parts = [f"{'★ ' if shop.is_default else ''}{shop}"]
        if shop.environment != Shop.Environment.PRODUCTION:
            parts.append(shop.get_environment_display())
        parts += [
            str(feature.label)
            for feature in (Feature.LIVE, Feature.AFFILIATE)
            if states[shop.pk][feature] == State.ON
        ]
        titles.append((shop, " · ".join(parts)))
    return titles
