"""Packages for programs: found, shipped, labelled, taken apart, delivered."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.integrations.contracts import ShippingType
from apps.orders.models import (
    Order,
    OrderAction,
    OrderEvent,
    OrderPackage,
    Package,
    ShippingDocument,
    ShopOrderSettings,
)
from apps.sync.services.actions import work_actions
from apps.sync.tasks import work_order_actions
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.api.catalogue import errors, member
from tests.api.order_rows import OrderRows, make_document, make_order_rows
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.orders import make_order, make_package
from tests.orders.order_pages import PageShop, connected

pytestmark = pytest.mark.django_db
ONE, TWO = "580000000000000001", "580000000000000002"
PACKAGE = "115200000001"


@pytest.fixture
def world() -> World:
    cache.clear()
    return make_world("Mangrove")


@pytest.fixture
def rows(world) -> OrderRows:
    return make_order_rows(world)


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture
def fake(monkeypatch) -> PageShop:
    return connected(monkeypatch)


@pytest.fixture
def woken(monkeypatch) -> list[int]:
    shops: list[int] = []
    monkeypatch.setattr(work_order_actions, "delay", shops.append)
    return shops


def put(fake: PageShop, world: World, order_id: str = ONE, **said: Any) -> Package:
    """A package at the platform, and here."""
    fake.put(order_id, **said)
    fake.stored(world.shop, order_id)
    return Package.objects.get(remote_id=f"1152{order_id[-8:]}")


def test_packages_are_filtered(world, rows, admin):
    old = Package.objects.get(remote_id="p1")
    Package.objects.filter(pk=old.pk).update(
        modified_at=timezone.now() - timedelta(days=9),
        status="completed",
        problem="LOST",
        last_mile_tracking_number="LM1",
    )
    mine, day = [rows.package.pk], (timezone.now() - timedelta(days=1))

    def found(query: str) -> list[int]:
        return keys(admin.get(f"packages/?{query}"))

    assert found(f"shop={world.shop.pk}") == [*mine, old.pk]
    assert found(f"client={world.client.pk}") == [*mine, old.pk]
    assert found("status=to_fulfill") == mine
    assert found("has_problem=true") == found("problem=LOST") == [old.pk]
    assert found("has_problem=false") == mine
    assert found(f"order={rows.order.pk}") == mine
    assert found(f"order_id={rows.order.remote_id},nothing") == mine
    assert found(f"remote_id={rows.package.remote_id}") == mine
    assert found("tracking_number=MangrovePARC1") == [old.pk]
    assert found("tracking_number=LM1") == [old.pk]
    assert found(f"updated_since={day:%Y-%m-%dT%H:%M:%SZ}") == mine


def test_a_combined_package_is_listed_once_with_its_orders(world, rows, admin):
    other = make_order(world.shop)
    OrderPackage.objects.create(order=other, package=rows.package)
    numbers = f"{rows.order.remote_id},{other.remote_id}"

    (row,) = admin.get(f"packages/?order_id={numbers}").json()["results"]

    assert row["orders"] == [
        {"id": each.pk, "order_id": each.remote_id} for each in (rows.order, other)
    ]
    assert admin.get(f"packages/{row['id']}/").json() == row


def test_the_list_takes_the_same_number_of_queries_for_many_rows(
    world, admin, django_assert_num_queries
):
    admin.get("me/")  # the use of the token is noted
    for rows in (10, 100):
        for number in range(Package.objects.count(), rows):
            make_package(make_order(world.shop), f"P{number}")
        with django_assert_num_queries(6):
            listed = admin.get("packages/?page_size=200")
        assert len(keys(listed)) == rows


def test_a_package_is_shipped_once_however_often_it_is_asked(
    world, admin, fake, woken, django_capture_on_commit_callbacks
):
    package = put(fake, world)
    at = f"packages/{package.pk}/ship/"
    told = admin.get(f"packages/{package.pk}/handover/").json()
    slot = {name: told["slots"][0][name] for name in ("start", "end")}
    body = {"handover_method": "PICKUP", "slot": slot}

    with django_capture_on_commit_callbacks(execute=True):
        first = admin.post(at, body, Idempotency_Key="s1")
        again = admin.post(at, body, Idempotency_Key="s1")
        anew = admin.post(at, body)

    assert first.status_code == 202, first.content
    assert again.json() == first.json()
    assert anew.json()["id"] == first.json()["id"]
    assert woken == [world.shop.pk] * 2
    action = first.json()
    assert (action["kind"], action["state"]) == ("ship", "waiting")
    assert action["package"] == package.pk
    assert action["details"]["handover_method"] == "PICKUP"
    work_actions(world.shop, client=fake.client)
    done = admin.get(action["url"]).json()
    assert done["state"] == "done", done["message"]
    assert [name for name, _ in fake.writes] == ["ship_package"]
    assert admin.get(f"packages/{package.pk}/").json()["status"] == "processing"
    assert code(admin.post(at, body)) == (409, "action_refused")


def test_an_own_carriers_number_ships_a_package(world, admin, fake, woken):
    package = put(fake, world, shipping=ShippingType.SELLER, delivery_option_id="D1")
    at = f"packages/{package.pk}/ship/"
    body = {"carrier": "j&t express", "tracking_number": "JX1"}

    unknown = admin.post(at, {**body, "carrier": "J&T Expres"})
    answer = admin.post(at, body)

    assert code(unknown) == (409, "action_refused")
    assert "Did you mean J&T Express?" in unknown.json()["detail"]
    assert answer.status_code == 202, answer.content
    details = answer.json()["details"]
    assert (details["provider"], details["tracking_number"]) == ("J&T Express", "JX1")
    work_actions(world.shop, client=fake.client)
    shown = admin.get(f"packages/{package.pk}/").json()
    assert (shown["tracking_number"], shown["status"]) == ("JX1", "processing")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"carrier": "DHL"}, ""),
        ({"tracking_number": "1"}, ""),
        ({"handover_method": "DROP_OFF", "carrier": "DHL", "tracking_number": "1"}, ""),
        ({"handover_method": "BY_AIR"}, "handover_method"),
        ({"slot": {"start": "2026-09-21T02:00:00Z"}}, "slot.end"),
        ({"when": "now"}, "when"),
    ],
)
def test_a_body_that_does_not_hold_ships_nothing(rows, admin, body, field):
    answer = admin.post(f"packages/{rows.package.pk}/ship/", body)

    assert set(errors(answer)) == {field}
    assert OrderAction.objects.count() == 1  # that of the rows


def test_what_stands_in_the_way_is_told_in_our_words(rows, admin):
    ship = admin.post(f"packages/{rows.package.pk}/ship/", {})
    apart = admin.post(f"packages/{rows.package.pk}/uncombine/", {})
    deliver = admin.post(f"packages/{rows.package.pk}/deliver/", {})

    assert code(ship) == (409, "action_refused")
    assert "Your own carrier brings this order" in ship.json()["detail"] or (
        "asks to cancel" in ship.json()["detail"]
    )
    assert "not a combined one" in apart.json()["detail"]
    assert "It is not shipped yet" in deliver.json()["detail"]


def test_a_package_without_an_order_is_not_asked_for(world, admin):
    lonely = Package.objects.create(shop=world.shop, remote_id="11529")

    answer = admin.post(f"packages/{lonely.pk}/ship/", {})

    assert code(answer) == (409, "action_refused")
    assert "No order of this package" in answer.json()["detail"]


def test_what_a_program_ships_waits_where_the_shop_says_so(world, admin, fake, woken):
    ShopOrderSettings.objects.create(shop=world.shop, pushes_shipped=False)
    package = put(fake, world)

    answer = admin.post(f"packages/{package.pk}/ship/", {})

    assert answer.json()["state"] == "held"
    work_actions(world.shop, client=fake.client)
    assert fake.writes == []


def test_a_label_is_fetched_once_and_read_by_who_may_see_buyers(
    world, admin, fake, woken
):
    package = put(fake, world)
    admin.post(f"packages/{package.pk}/ship/", {})
    work_actions(world.shop, client=fake.client)
    fake.papers[package.remote_id] = b"%PDF-1.7 the label"
    at = f"packages/{package.pk}/labels/"

    asked = admin.post(at, {}, Idempotency_Key="l1")
    work_actions(world.shop, client=fake.client)
    done = admin.get(asked.json()["url"]).json()
    there = admin.post(at, {})

    assert asked.status_code == 202, asked.content
    assert asked.json()["document_url"] is None
    assert (there.status_code, there.json()["url"]) == (200, done["document_url"])
    assert keys(admin.get(f"packages/{package.pk}/documents/")) == [there.json()["id"]]
    assert b"the label" not in there.content
    file = admin.get(done["document_url"])
    assert file["Content-Type"] == "application/pdf"
    assert file.content == b"%PDF-1.7 the label"
    assert [name for name, _ in fake.calls].count("fetch_document") == 1
    entry = AuditEntry.objects.get(verb="printed shipping papers")
    assert (entry.actor, entry.details["count"]) == (world.admin, 1)
    event = OrderEvent.objects.get(kind=OrderEvent.Kind.PRINTED)
    assert event.order.remote_id == ONE
    known = admin.get(done["document_url"], If_None_Match=file["ETag"])
    assert (known.status_code, known.content) == (304, b"")
    assert AuditEntry.objects.filter(verb="printed shipping papers").count() == 1


def test_a_paper_is_not_read_without_the_role_and_the_scope(world, rows, admin):
    at = f"packages/{rows.package.pk}/documents/{rows.document.pk}/"

    scope = Caller(world.admin, ["orders:read", "orders:write"]).get(at)
    role = member(world, Role.ANALYST).get(at)
    gone = admin.get(f"packages/{rows.package.pk}/documents/987654/")

    assert code(scope) == (403, "scope_missing")
    assert code(role) == (403, "permission_denied")
    assert code(gone) == (404, "not_found")
    rows.document.refresh_from_db()
    assert rows.document.printed_at is None
    assert admin.get(at, Accept="application/pdf").status_code == 200
    rows.document.refresh_from_db()
    assert rows.document.printed_at is not None


def test_zpl_comes_as_zpl_and_the_shops_usual_paper_is_asked_for(world, rows, admin):
    ShopOrderSettings.objects.create(shop=world.shop, document_format="ZPL")
    zpl = make_document(rows.package, format="ZPL", content=b"^XA^FDhi^XZ")

    there = admin.post(f"packages/{rows.package.pk}/labels/", {})
    pdf = admin.post(f"packages/{rows.package.pk}/labels/", {"format": "PDF"})

    assert (there.json()["id"], pdf.json()["id"]) == (zpl.pk, rows.document.pk)
    file = admin.get(there.json()["url"])
    assert (file["Content-Type"], file.content) == ("application/zpl", b"^XA^FDhi^XZ")
    assert ShippingDocument.objects.count() == 2


def test_a_combined_package_is_taken_apart(world, admin, fake, woken):
    package = put(fake, world)
    put(fake, world, TWO)
    package.split_or_combine = "combined"
    package.save()
    OrderPackage.objects.create(order=Order.objects.get(remote_id=TWO), package=package)
    at = f"packages/{package.pk}/uncombine/"

    answer = admin.post(at, {"order_ids": [TWO]})

    assert answer.status_code == 202, answer.content
    assert answer.json()["details"] == {"order_ids": [TWO]}
    assert set(errors(admin.post(at, {"order_ids": ["1" * 33]}))) == {"order_ids.0"}


def test_a_delivery_is_reported(world, admin, fake, woken):
    package = put(fake, world, shipping=ShippingType.SELLER, delivery_option_id="D1")
    body = {"carrier": "DHL", "tracking_number": "JX1"}
    admin.post(f"packages/{package.pk}/ship/", body)
    work_actions(world.shop, client=fake.client)

    answer = admin.post(
        f"packages/{package.pk}/deliver/", {"failed_because": "BUYER_REFUSED"}
    )

    assert answer.status_code == 202, answer.content
    assert answer.json()["details"] == {"failed_because": "BUYER_REFUSED"}


def test_only_the_state_that_was_seen_is_shipped(world, admin, fake, woken):
    package = put(fake, world)
    at = f"packages/{package.pk}/"
    etag = admin.get(at)["ETag"]
    Package.objects.filter(pk=package.pk).update(problem="LOST")

    answer = admin.post(f"{at}ship/", {}, If_Match=etag)

    assert code(answer) == (412, "stale")
    assert not OrderAction.objects.exists()
