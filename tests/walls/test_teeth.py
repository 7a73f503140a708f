"""Holes that are planted are found: a walk that finds nothing means something."""

import pytest

from apps.orders.models import OrderQuerySet
from apps.platforms.admin.actions import DEEDS, Deed
from apps.platforms.admin.filters import ShopFilters
from apps.platforms.models import Shop
from apps.users.models import Client
from apps.users.roles import CHANGE_SHOP, Role
from tests.walls.people import role_at_client, role_at_one_shop
from tests.walls.routes import all_routes
from tests.walls.test_walk import standing_still
from tests.walls.walk import walk

pytestmark = pytest.mark.django_db


def found_at(prefix: str, person=role_at_client, role=Role.ADMIN) -> str:
    """What a walk over the routes whose names begin so has to say."""
    with standing_still() as worlds:
        walker = person(role, worlds)
        walk(walker, [r for r in all_routes() if r.name.startswith(prefix)])
    return "\n".join(walker.found)


@pytest.mark.parametrize(
    ("hole", "told"),
    [
        ("shown", "GET /shown/: shows “"),
        ("numbered", "GET /numbered/: shows “7,000,001"),
        ("status", "GET /status/7000001/: differs from none: “403” not “404”"),
        ("words", "GET /words/7000001/: differs from none: “Not yours.” not “Not"),
        ("queries", "GET /queries/7000001/: 4 queries, 3 for none"),
        ("filtered", "GET /filtered/?shop=7000001: differs from none: “1 orders”"),
        ("written", "POST /written/ {'shop': '7000001'}: changes what is not theirs"),
        ("noted", "POST /noted/ {'shop': '7000001'}: changes what is not theirs"),
        ("scheduled", "POST /scheduled/: changes what is not theirs"),
        ("given", "POST /given/ {'client': ['7000001']}: differs from none"),
        ("broken", "500 DoesNotExist: Shop matching query does not exist."),
    ],
)
def test_a_hole_is_found(settings, hole, told):
    settings.ROOT_URLCONF = "tests.walls.planted"

    assert told in found_at(f"planted_{hole}")


def test_a_sound_page_is_not_complained_of(settings):
    settings.ROOT_URLCONF = "tests.walls.planted"

    assert found_at("planted_sound") == ""


def test_a_shop_of_the_same_client_is_walled_off_too(settings):
    settings.ROOT_URLCONF = "tests.walls.planted"

    told = found_at("planted_status", role_at_one_shop, Role.ORDER_FULFILLMENT)

    assert "GET /status/6000001/: differs from none: “403” not “404”" in told


def test_a_list_that_forgets_whom_it_is_for_is_found(monkeypatch):
    monkeypatch.setattr(OrderQuerySet, "visible_to", lambda rows, user: rows.all())

    told = found_at("admin:orders_order_change")

    assert "GET /admin/orders/order/: shows “" in told
    assert "/admin/orders/order/7000001/change/: differs from none" in told


def test_a_filter_that_offers_everybodys_is_found(monkeypatch):
    def prepare(form: ShopFilters) -> None:
        form.choose("client", Client.objects.all())

    monkeypatch.setattr(ShopFilters, "prepare", prepare)

    assert "GET /admin/platforms/shop/: shows “" in found_at("admin:platforms_shop_cha")


def test_a_deed_that_reaches_another_shop_is_found(monkeypatch):
    def pause_all(deed: Deed) -> str:
        Shop.objects.update(state=Shop.State.PAUSED)
        return "Paused."

    monkeypatch.setitem(DEEDS, "pause", (CHANGE_SHOP, pause_all))

    told = found_at("admin:platforms_shop_act")

    assert "do/pause/: changes what is not theirs" in told


def test_whoever_may_change_something_does_no_damage(settings):
    settings.ROOT_URLCONF = "tests.walls.planted"

    assert found_at("planted_renamed", role=Role.ADMIN) == ""


def test_whoever_may_only_look_and_changes_something_is_found(settings):
    settings.ROOT_URLCONF = "tests.walls.planted"

    told = found_at("planted_renamed", role=Role.ANALYST)

    assert "POST /renamed/: changes what is not theirs" in told
