"""What shops are told of our stock, and where they show another number."""

import pytest

from apps.inventory.models import ShopStockSettings, StockRule
from apps.platforms.models import Shop
from apps.sync.models import StockDrift, StockPush
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.api.catalogue import Catalogue, make_catalogue, member
from tests.api.stock import Stock, make_stock
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.inventory import receive, stock_of
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def own(world) -> Catalogue:
    return make_catalogue(world)


@pytest.fixture
def stock(world, own) -> Stock:
    """The shop is told; of the variant 5 are available, less 1 by the rule."""
    rows = make_stock(world, own)
    ShopStockSettings.objects.create(shop=world.shop, is_pushed=True)
    receive(own.variant, 6)
    return rows


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


def test_a_push_tells_its_figures_and_how_they_come_about(own, stock, admin):
    place = stock.shop_warehouse

    push = admin.get(f"stock-pushes/{stock.push.pk}/").json()

    assert (push["seller_sku"], push["variant"]) == ("Lamp-30", own.variant.pk)
    assert push["accepted"] == {place.remote_id: 4}
    assert push["found"] == {place.remote_id: 9}
    (share,) = push["calculation"]
    assert share["warehouse_id"] == place.remote_id
    assert share["warehouse"] == stock.warehouse.pk
    assert (share["available"], share["pieces"]) == (5, 4)
    assert [step["pieces"] for step in share["steps"]] == [5, 4]
    assert "calculation" not in admin.get("stock-pushes/").json()["results"][0]


def test_pushes_are_filtered(world, own, stock, admin):
    def found(query: str) -> list[int]:
        return keys(admin.get(f"stock-pushes/?{query}"))

    mine = [stock.push.pk]
    assert found(f"shop={world.shop.pk}&state=in_step") == mine
    assert found(f"listing_sku={own.sku.pk}") == mine
    assert found(f"variant={own.variant.pk}&sku=lamp-30") == mine
    assert found("is_in_step=true") == mine
    assert found("is_in_step=false") == []
    assert found("updated_since=2999-01-01T00:00:00Z") == []
    StockPush.objects.update(accepted_total=None)
    assert found("is_in_step=false") == mine


def test_a_figure_is_told_again_at_once(world, stock, admin):
    pushed = admin.post(f"stock-pushes/{stock.push.pk}/push-now/")
    all_of_them = admin.post("stock-pushes/push-all-now/", {"shop": world.shop.pk})

    assert pushed.json()["state"] == "due"
    assert (all_of_them.status_code, all_of_them.json()) == (202, {"due": 1})
    told = AuditEntry.objects.filter(verb="told a shop its stock again")
    assert told.count() == 2


def test_a_shop_that_is_paused_is_told_nothing(world, stock, admin):
    Shop.objects.filter(pk=world.shop.pk).update(state=Shop.State.PAUSED)

    refused = admin.post(f"stock-pushes/{stock.push.pk}/push-now/")

    assert code(refused) == (409, "stock_refuses")
    stock.push.refresh_from_db()
    assert stock.push.state == StockPush.State.IN_STEP


def test_a_shop_one_does_not_see_is_not_named_in_a_calculation(world, own, stock):
    other = make_shop(world.client, name="Tamarind")
    StockRule.objects.create(client=world.client, last_pieces=2, last_pieces_shop=other)
    limited = member(world, Role.ADMIN)
    limited.user.memberships.get().shop_roles.create(shop=other, role="")

    def words(caller: Caller) -> str:
        push = caller.get(f"stock-pushes/{stock.push.pk}/").json()
        return " ".join(step["words"] for step in push["calculation"][0]["steps"])

    assert "the last 2 only in a shop you do not see" in words(limited)
    assert "Tamarind" in words(Caller(world.admin))


def test_a_shops_figure_is_settled_one_way(own, stock, admin):
    address = f"stock-drifts/{stock.drift.pk}/"

    shown = admin.get(address).json()
    moved = admin.post(f"{address}take-over/", {"found": 8})
    taken = admin.post(f"{address}take-over/", {"found": 9})
    again = admin.post(f"{address}take-over/", {})
    late = admin.post(f"{address}leave/", {})

    assert (shown["wanted"], shown["told"], shown["found"]) == (4, 4, 9)
    assert shown["warehouse_id"] == stock.shop_warehouse.remote_id
    assert code(moved) == code(late) == (409, "stock_refuses")
    assert "shows 9 now" in moved.json()["detail"]
    assert taken.json()["state"] == "taken_over"
    assert again.json() == taken.json()
    assert stock_of(own.variant)[0] == 12
    assert keys(admin.get("stock-drifts/?state=open")) == []


def test_ours_is_told_again_or_theirs_is_left(stock, admin):
    address = f"stock-drifts/{stock.drift.pk}/"

    left = admin.post(f"{address}leave/", {})
    told = admin.post(f"{address}tell-ours/", {})

    assert left.json()["state"] == "left"
    assert told.json()["state"] == "repaired"
    stock.push.refresh_from_db()
    assert stock.push.state == StockPush.State.DUE


def test_drifts_are_filtered(world, own, stock, admin):
    def found(query: str) -> list[int]:
        return keys(admin.get(f"stock-drifts/?{query}"))

    mine = [stock.drift.pk]
    assert found(f"shop={world.shop.pk}&mover=somebody&sku=lamp-30") == mine
    assert found(f"listing_sku={own.sku.pk}&variant={own.variant.pk}") == mine
    assert found("mover=sales") == []
    assert found("until=2026-01-01T00:00:00Z") == []
    assert found("since=2026-01-01T00:00:00Z") == mine


def test_their_figure_is_taken_over_by_who_looks_after_all_the_stock(world, stock):
    """At one of two shops one may tell ours again, but not change the pool."""
    limited = member(world, Role.ANALYST)
    role = limited.user.memberships.get().shop_roles
    role.create(shop=world.shop, role=Role.ORDER_FULFILLMENT)
    address = f"stock-drifts/{stock.drift.pk}/"

    taken = limited.post(f"{address}take-over/", {})
    assert code(taken) == (403, "permission_denied")
    stock.drift.refresh_from_db()
    assert stock.drift.state == StockDrift.State.OPEN
    assert limited.post(f"{address}tell-ours/", {}).json()["state"] == "repaired"
