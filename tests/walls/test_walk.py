"""Everybody asks for everything, and nobody learns anything of another client.

Without services a client's admin walks to every route and puts foreign keys wherever
one fits in a quarter of them; a program does so in all of its own. Every other kind of
person walks to a fifth of the routes, each to another fifth. WALLS_WALK=whole lets
everybody do all of that, on every database: longer than the suite has time for.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch
from zlib import crc32

import pytest
import time_machine
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from apps.credit.models import Applicant, CreditReport
from apps.integrations.tiktok.retries import RetryPolicy
from apps.users.roles import PERMISSIONS, grants_of
from tests.conftest import is_postgres
from tests.walls.chance import tamed
from tests.walls.pages import remembering
from tests.walls.people import (
    WALKERS,
    Worlds,
    make_worlds,
    program,
    signed_out,
    superuser,
)
from tests.walls.routes import PUBLIC, Route, walked_routes
from tests.walls.walk import ask_autocomplete, walk, walk_briefly
from tests.walls.walker import Walker

pytestmark = pytest.mark.django_db

OPEN_TO_A_PROGRAM = (
    "clients",
    "shops",
    "members",
    "orders",
    "packages",
    "cancellations",
    "returns",
    "order-actions",
    "action-runs",
    "carriers",
    "runs",
    "calls",
    "audit",
    "stock-levels",
    "stock-movements",
    "stock-documents",
    "stock-rules",
    "stock-pushes",
    "stock-drifts",
    "oversell-incidents",
    "inspections",
    "warehouses",
    "shop-warehouses",
)
# What somebody earns is not told shop by shop.
OF_WHOLE_CLIENTS = (Applicant, CreditReport)
# To sign in, to be told that one is not allowed, or that there is nothing.
_CLOSED = (401, 403, 404, 405)


@contextmanager
def standing_still() -> Iterator[Worlds]:
    """The worlds, while neither the clock nor chance makes answers differ. (What is
    refused would be logged each time.)"""
    moment = timezone.now().replace(hour=12)
    logging.disable(logging.CRITICAL)
    try:
        with (
            time_machine.travel(moment, tick=False),
            remembering(),
            tamed(),
            # The platform answers nobody in a test; to ask again would only take time.
            patch.object(RetryPolicy, "pause_seconds", lambda *_: None),
        ):
            yield make_worlds()
    finally:
        logging.disable(logging.NOTSET)


# Whose access is made in another way than that of any other.
OF_EACH_KIND = (
    "admin of the client",
    "admin at one shop",
    "program of an admin",
    "admin looking through a colleague's eyes",
)
IS_WHOLE = os.environ.get("WALLS_WALK") == "whole"
# What a page shows follows from the same Python on every database: without services
# everybody walks, on PostgreSQL one of each kind.
ALL = WALKERS if IS_WHOLE or not is_postgres() else OF_EACH_KIND
# Who puts foreign keys everywhere, and in one in so many routes.
DEEPLY = {} if is_postgres() else {"admin of the client": 4, "program of an admin": 1}


def _part(who: str, parts: int) -> list[Route]:
    """One in so many of the routes, the same ones each time."""
    return [
        route
        for route in walked_routes()
        if crc32(f"{who} {route.template}".encode()) % parts == 0
    ]


@pytest.mark.parametrize("who", ALL)
def test_nobody_sees_changes_or_can_tell_what_is_not_theirs(who):
    with standing_still() as worlds:
        walker = WALKERS[who](worlds)
        walker.asks_for_all = IS_WHOLE
        if IS_WHOLE:
            walk(walker, walked_routes())
            ask_autocomplete(walker)
        elif who in DEEPLY:
            deep = _part(who, DEEPLY[who])
            walk(walker, deep)
            ask_autocomplete(walker)
            walk_briefly(walker, [each for each in walked_routes() if each not in deep])
        else:
            walk_briefly(walker, _part(who, 5))

    assert not walker.found, "\n".join(walker.found)


def test_a_superuser_finds_no_page_broken():
    """Nothing is hidden from them, so only what fails is looked for."""
    with standing_still() as worlds:
        walker = superuser(worlds)
        for route in walked_routes():
            for address in route.addresses(worlds.ours):
                for method in ("GET", *route.methods):
                    walker.ask(method, address)

    assert not walker.found, "\n".join(walker.found)


@pytest.mark.parametrize("who", ["admin of the client", "admin at one shop"])
def test_an_admin_walks_through_open_doors(who):
    """A walk that is refused everywhere would prove nothing: the lists and the pages
    of their own rows show them."""
    with standing_still() as worlds:
        walker = WALKERS[who](worlds)
        mark = worlds.ours.word.lower()
        shut = [
            address
            for model in _models_of_clients(worlds)
            if who == "admin of the client" or model not in OF_WHOLE_CLIENTS
            for address in _pages_of(model, worlds)
            if mark not in walker.ask("GET", address).everything
        ]

    assert not shut


def test_a_program_walks_through_the_open_doors_of_the_api():
    with standing_still() as worlds:
        walker = program(worlds)
        mark = worlds.ours.word.lower()
        for what in OPEN_TO_A_PROGRAM:
            address = f"/api/v1/{what}/"
            assert mark in walker.ask("GET", address).everything, address
            key = worlds.ours.key
            assert walker.ask("GET", f"{address}{key}/").status == 200, address


def test_whoever_has_not_signed_in_is_let_in_only_where_it_says_why():
    with standing_still() as worlds:
        walker = signed_out(worlds)
        opened = {
            route.name
            for route in walked_routes()
            for address in route.addresses(worlds.ours)
            for method in route.methods
            if not _is_closed(walker, method, address)
        }

    assert not (extra := opened - PUBLIC.keys()), " ".join(sorted(extra))
    assert not (shut := PUBLIC.keys() - opened), " ".join(sorted(shut))


def _is_closed(walker: Walker, method: str, address: str) -> bool:
    answer = walker.ask(method, address)
    sent_away = answer.headers.get("Location", "").startswith("/admin/login/")
    return sent_away or answer.status in _CLOSED


def _models_of_clients(worlds: Worlds):
    """Those with an admin page, which some role opens."""
    opened = grants_of(PERMISSIONS)
    for model in admin.site._registry:
        name = f"{model._meta.app_label}.view_{model._meta.model_name}"
        if model in worlds.ours.rows and name in opened:
            yield model


def _pages_of(model, worlds: Worlds) -> list[str]:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    key = worlds.ours.key
    return [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[key])]
