"""What the dashboard's matrix says: a cell for each shop and resource."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from apps.core.admin import duration
from apps.platforms.models import Credential, Shop
from apps.platforms.services.token_state import state_of, words_for
from apps.sync.admin.run_words import badge_words, what_of, words_of
from apps.sync.models import Resource, SyncRun
from apps.sync.services.runs import is_dead
from apps.sync.services.standing import (
    Standing,
    State,
    progress_of,
    standings_of,
)
from apps.sync.start import may_start
from apps.users.models import AnyUser

MOST_RUNNING = 50
_BADGES = {
    State.SYNCED: ("Synced", "good"),
    State.LATE: ("Late", "bad"),
    State.FAILED: ("Failed", "bad"),
    State.RUNNING: ("Syncing", "progress"),
    State.WAITING: ("Waiting", "neutral"),
    State.OFF: ("Off", "neutral"),
    State.NOTHING: ("Nothing yet", "neutral"),
}


def matrix_of(
    shops: Sequence[Shop], user: AnyUser, now: datetime
) -> list[dict[str, Any]]:
    """A row for each shop, with its cells in the order of the resources."""
    standings = standings_of(shops, now)
    tokens = _tokens(shops, now)
    return [
        {
            "shop": shop,
            "state": _shop_state(shop, now),
            "tokens": tokens.get(shop.pk),
            "cells": [
                cell_of(shop, resource, standings[shop.pk, resource], user, now)
                for resource in Resource
            ],
        }
        for shop in shops
    ]


def cell_of(
    shop: Shop,
    resource: Resource,
    standing: Standing,
    user: AnyUser,
    now: datetime,
) -> dict[str, Any]:
    words, kind = _BADGES[standing.state]
    runs = reverse("admin:sync_syncrun_changelist")
    query = urlencode({"shop": shop.pk, "resource": resource.value})
    run = standing.running
    is_connected = shop.state == Shop.State.CONNECTED
    return {
        "key": f"{shop.pk}-{resource.value}",
        "resource": resource,
        "badge": words,
        "kind": kind,
        "age": _age(standing.last_success, now),
        "at": _iso(standing.last_success),
        "exact": _exact(standing.last_success),
        "next": _next(standing, now),
        "why": standing.why,
        "since": f"Running since {run.started_at:%H:%M}" if run else "",
        "href": f"{runs}?{query}",
        "may_start": is_connected and run is None and may_start(user, shop, resource),
    }


def running_of(user: AnyUser, shops: Any, now: datetime) -> list[dict[str, Any]]:
    """Runs under way at these shops, the newest last; one query."""
    runs = SyncRun.objects.visible_to(user).running().filter(shop__in=shops)
    rows = runs.select_related("shop").order_by("started_at", "pk")[:MOST_RUNNING]
    return [running_row(run, user, now) for run in rows]


def running_row(run: SyncRun, user: AnyUser, now: datetime) -> dict[str, Any]:
    far = progress_of(run, now)
    words, kind = badge_words(run)
    is_gone = is_dead(run)
    may_stop = run.stop_asked_at is None and may_start(
        user, run.shop, Resource(run.resource)
    )
    return {
        "id": run.pk,
        "title": f"{what_of(run)} of {run.shop}",
        "href": reverse("admin:sync_syncrun_change", args=[run.pk]),
        "trigger": f"{run.get_trigger_display()}, since {run.started_at:%H:%M} UTC",
        "badge": "Lost" if is_gone else words,
        "kind": "attention" if is_gone else kind,
        "words": words_of(run, now),
        "done": far.done,
        "total": far.total or 0,
        "stop": reverse("admin:sync_syncrun_act", args=[run.pk, "stop"])
        if may_stop
        else "",
    }


def status_of(shops: Sequence[Shop], user: AnyUser, all_shops: Any) -> dict[str, Any]:
    """For the page's script: what changes while one looks on."""
    now = timezone.now()
    told = ("key", "badge", "kind", "age", "at", "exact", "next", "why", "since")
    return {
        "at": f"{now:%H:%M:%S} UTC",
        "running": running_of(user, all_shops, now),
        "cells": [
            {name: cell[name] for name in (*told, "may_start")}
            for row in matrix_of(shops, user, now)
            for cell in row["cells"]
        ],
    }


def _tokens(shops: Sequence[Shop], now: datetime) -> dict[int, dict[str, Any]]:
    """{shop's key: how its worst consent stands, and when it was last refreshed}."""
    rows = Credential.objects.filter(shop__in=[shop.pk for shop in shops])
    found: dict[int, dict[str, Any]] = {}
    order = ("bad", "attention", "neutral", "good")
    for row in rows.select_related("authorization").order_by("pk"):
        state = state_of(row.authorization, now)
        told = {
            "words": words_for(row.authorization, now),
            "kind": state.kind,
            "refreshed": _age(row.authorization.refreshed_at, now),
        }
        before = found.get(row.shop_id)
        if before is None or order.index(state.kind) < order.index(before["kind"]):
            found[row.shop_id] = told
    return found


def _shop_state(shop: Shop, now: datetime) -> tuple[str, str] | None:
    """What keeps it from being pulled, if anything does."""
    if shop.state != Shop.State.CONNECTED:
        return shop.get_state_display(), "attention"
    if shop.rested_until and shop.rested_until > now:
        return f"Resting, {duration(shop.rested_until - now)}", "attention"
    return None


def _next(standing: Standing, now: datetime) -> str:
    if standing.next_at is None:
        return ""
    if standing.next_at <= now:
        return "next at once"
    return f"next in {duration(standing.next_at - now)}"


def _age(at: datetime | None, now: datetime) -> str:
    return f"{duration(max(now - at, now - now))} ago" if at else "never"


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _exact(at: datetime | None) -> str:
    return f"{at:%d %b %Y %H:%M:%S} UTC" if at else ""
