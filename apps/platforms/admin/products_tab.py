"""The tab of a shop's listings: how they stand, and when they were pulled."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest

from apps.platforms.admin.runs_shown import last_run
from apps.platforms.models import Shop
from apps.products.admin import listing_filters, mapping_filters
from apps.products.models import Listing, ListingSku
from apps.sync.models import Resource, SyncRun
from apps.sync.services.due import next_pull
from apps.sync.services.listing_details import detail_counts
from apps.users.roles import VIEW_RUN


def products_context(request: HttpRequest, shop: Shop, now: datetime) -> dict[str, Any]:
    """For templates/platforms/shop_products.html; each number is that of the list it
    leads to."""
    here, total = detail_counts(shop)
    pull = last_run(shop, Resource.PRODUCTS)
    next_at = next_pull(shop, Resource.PRODUCTS, now)
    return {
        "listing_states": _listing_states(shop),
        "sku_states": _sku_states(shop),
        "details_due": total - here,
        "last_pull": pull,
        "is_pulled_now": pull is not None
        and pull["run"].state == SyncRun.State.RUNNING,
        "next_pull_at": next_at,
        "is_due": next_at is not None and next_at <= now,
        "may_see_runs": request.user.has_perm(VIEW_RUN, shop),
    }


Tile = tuple[str, str, int]


def _listing_states(shop: Shop) -> list[Tile]:
    """(tab of the list, its title, number)"""
    counts = Listing.objects.filter(shop=shop).aggregate(
        **{
            name: Count("pk", filter=question())
            for name, (_, question) in listing_filters.TABS.items()
        }
    )
    return [
        (name, title, counts[name]) for name, (title, _) in listing_filters.TABS.items()
    ]


def _sku_states(shop: Shop) -> list[Tile]:
    counts = (
        ListingSku.objects.filter(shop=shop)
        .listed()
        .aggregate(
            **{
                name: Count("pk", filter=Q(mapping=state))
                for name, (_, state) in mapping_filters.TABS.items()
            }
        )
    )
    return [
        (name, title, counts[name]) for name, (title, _) in mapping_filters.TABS.items()
    ]
