"""Who walks: every role at a client, and those who should see less."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client as Browser
from django.utils import timezone

from apps.integrations.contracts import RemoteShop
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    Shop,
    ShopRole,
)
from apps.platforms.services.connecting.tickets import digest
from apps.users.middleware import SESSION_KEY
from apps.users.models import Membership, User
from apps.users.roles import Role, grants_of, permissions_of
from apps.users.scopes import SCOPES
from apps.users.services.tokens import make_token
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.walls.walker import Walker
from tests.walls.world import World, make_world

# What lets somebody write; whoever has none of it changes nothing of the client's.
_WRITING = {
    "platforms.manage_credentials",
    "platforms.change_shop",
    "orders.process_orders",
    "sync.start_sync",
    "users.manage_team",
    "products.change_product",
    "products.change_listing",
    "inventory.change_stocklevel",
}


# Routes that lead to what the walkers left unfinished, with keys after their world's.
UNFINISHED, STEPS = "platforms:", 4


@dataclass(frozen=True)
class Worlds:
    """`ours` and `beside` are two shops of one client, `theirs` is another's."""

    ours: World
    beside: World
    theirs: World


def make_worlds() -> Worlds:
    ours = make_world("Mangrove", 5_000_001)
    beside = make_world("Tamarind", 6_000_001, beside=ours)
    theirs = make_world("Quokka", 7_000_001)
    return Worlds(ours, beside, theirs)


def role_at_client(role: str, worlds: Worlds) -> Walker:
    user = make_user("walker", clients=[worlds.ours.client], role=role)
    _give_unfinished_business(user, worlds)
    reads = not (grants_of(permissions_of(role)) & _WRITING)
    return Walker(
        _signed_in(user),
        worlds.ours,
        hidden=[worlds.theirs],
        changes_nothing_of=[worlds.ours, worlds.beside] if reads else [],
    )


def role_at_one_shop(role: str, worlds: Worlds) -> Walker:
    """At the first of the client's two shops; the other is not there for them."""
    user = make_user("walker", clients=[worlds.ours.client])
    membership = Membership.objects.get(user=user)
    ShopRole.objects.create(membership=membership, shop=worlds.ours.shop, role=role)
    _give_unfinished_business(user, worlds)
    return Walker(_signed_in(user), worlds.ours, hidden=[worlds.beside, worlds.theirs])


def program(worlds: Worlds) -> Walker:
    """With the token of an Admin, and no session."""
    user = make_user("walker", clients=[worlds.ours.client], role=Role.ADMIN)
    _, token = make_token(user, "Walk", list(SCOPES), days=1)
    return Walker(
        Browser(raise_request_exception=False),
        worlds.ours,
        hidden=[worlds.theirs],
        headers={"Authorization": f"Bearer {token}"},
    )


def nobodys(worlds: Worlds) -> Walker:
    """Somebody with an account and no client."""
    return _outsider(worlds, _signed_in(make_user("walker")))


def signed_out(worlds: Worlds) -> Walker:
    return _outsider(worlds, Browser(raise_request_exception=False))


def dismissed(worlds: Worlds) -> Walker:
    """An Admin of theirs until a moment ago, in the session they still have."""
    user = make_user("walker", clients=[worlds.theirs.client], role=Role.ADMIN)
    _give_unfinished_business(user, worlds)
    browser = _signed_in(user)
    page = browser.get(f"/admin/platforms/shop/{worlds.theirs.key}/")
    assert worlds.theirs.word in page.content.decode()
    Membership.objects.filter(user=user).delete()
    return _outsider(worlds, browser)


def looking_through_ours(worlds: Worlds) -> Walker:
    """A superuser who sees the desk as an Admin of ours does."""
    seen = make_user("seen", clients=[worlds.ours.client], role=Role.ADMIN)
    browser = _signed_in(make_user("walker", is_superuser=True))
    _look_as(browser, seen)
    return Walker(browser, worlds.ours, hidden=[worlds.theirs])


def looking_through_a_colleague(worlds: Worlds) -> Walker:
    """An Admin of ours who sees as somebody who works for both clients."""
    both = [worlds.ours.client, worlds.theirs.client]
    seen = make_user("seen", clients=both, role=Role.ADMIN)
    walker = make_user("walker", clients=[worlds.ours.client], role=Role.ADMIN)
    browser = _signed_in(walker)
    _look_as(browser, seen)
    return Walker(browser, worlds.ours, hidden=[worlds.theirs])


def superuser(worlds: Worlds) -> Walker:
    user = make_user("walker", is_superuser=True)
    return Walker(_signed_in(user), worlds.ours, hidden=[])


WALKERS: dict[str, Callable[[Worlds], Walker]] = {
    **{f"{role.value} of the client": partial(role_at_client, role) for role in Role},
    "order_fulfillment at one shop": partial(role_at_one_shop, Role.ORDER_FULFILLMENT),
    "admin at one shop": partial(role_at_one_shop, Role.ADMIN),
    "program of an admin": program,
    "nobody's": nobodys,
    "signed out": signed_out,
    "dismissed": dismissed,
    "superuser looking through an admin's eyes": looking_through_ours,
    "admin looking through a colleague's eyes": looking_through_a_colleague,
}


def _signed_in(user: User) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(user, backend="apps.users.backends.PasswordBackend")
    return browser


def _look_as(browser: Browser, seen: User) -> None:
    browser.post(f"/account/preview/{seen.pk}/")
    assert browser.session[SESSION_KEY] == seen.pk


def _outsider(worlds: Worlds, browser: Browser) -> Walker:
    nothing = World("Wombat", 8_000_001)
    return Walker(browser, nothing, [worlds.theirs, worlds.ours, worlds.beside])


def _give_unfinished_business(user: User, worlds: Worlds) -> None:
    """What they did once: changed a shop of theirs, and began to connect some."""
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Shop),
        object_id=str(worlds.theirs.key),
        object_repr=str(worlds.theirs.shop),
        action_flag=CHANGE,
        change_message="[]",
    )
    harbour = make_shop(
        worlds.theirs.client, name=f"{worlds.theirs.word} Harbour", remote_id="74950001"
    )
    offered = [
        RemoteShop(shop.remote_id, "As TikTok calls it", "MY", cipher="planted-cipher")
        for shop in (harbour, worlds.ours.shop)
    ]
    ours = worlds.ours
    now = timezone.now()
    steps: list[dict[str, Any]] = [
        {"reconnects": ours.shop},
        {
            "used_at": now,
            "offered": json.dumps([asdict(remote) for remote in offered]),
            "authorization": ours[Authorization],
        },
        {"used_at": now, "finished_at": now},
        {"used_at": now, "problem": ConnectAttempt.Problem.NO_SHOP},
    ]
    for number, step in enumerate(steps, start=1):
        attempt = ConnectAttempt(
            pk=ours.key + number,
            state_hash=digest(f"walker-{number}"),
            user=user,
            client=ours.client,
            api_app=ours[ApiApp],
            region="MY",
            expires_at=now + timedelta(hours=1),
            **step,
        )
        attempt.save(force_insert=True)
        if "finished_at" in step:
            attempt.shops.set([ours.shop])
