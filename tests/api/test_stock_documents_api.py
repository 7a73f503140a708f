"""Stock is booked, looked at beforehand, held, shipped, inspected and taken back."""

from typing import Any

import pytest

from apps.inventory.models import StockDocument, StockMovement
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.api.catalogue import Catalogue, errors, make_catalogue, member
from tests.api.stock import Stock, make_stock
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.inventory import make_warehouse, receive, stock_of
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def own(world) -> Catalogue:
    return make_catalogue(world)


@pytest.fixture
def stock(world, own) -> Stock:
    return make_stock(world, own)


@pytest.fixture
def foreign() -> Catalogue:
    return make_catalogue(make_world("Quokka"), "Quokka")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


def a_receipt(world, **changes):
    body = {
        "client": world.client.pk,
        "kind": "receipt",
        "reference": "DN-881",
        "lines": [{"sku": "lamp-40", "quantity": 10}],
    }
    return body | changes


def nothing_was_booked(before: int) -> bool:
    return StockMovement.objects.count() == before


def test_goods_are_received(world, own, stock, admin):
    body = a_receipt(
        world,
        supplier=own.supplier.pk,
        effective_at="2026-08-02T08:00:00Z",
        lines=[
            {"sku": "lamp-40", "quantity": 10, "note": "two cartons"},
            {"variant": own.variant.pk, "quantity": 1},
        ],
    )

    made = admin.post("stock-documents/", body)

    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["state"], told["source"]) == ("booked", "api")
    assert (told["supplier"], told["user"]) == (own.supplier.pk, world.admin.pk)
    assert told["effective_at"] == "2026-08-02T08:00:00Z"
    first, second = told["lines"]
    assert (first["sku"], first["quantity"]) == ("Lamp-40", 10)
    assert (first["note"], first["outcome"], first["order"]) == (
        "two cartons",
        "",
        None,
    )
    assert second["variant"] == own.variant.pk
    assert stock_of(own.other)[0] == 15
    assert keys(admin.get("stock-documents/?reference=DN-881")) == [told["id"]]
    assert told["id"] in keys(admin.get("stock-documents/?sku=LAMP-40&kind=receipt"))
    assert AuditEntry.objects.filter(verb="booked a receipt").count() == 3


def test_a_document_is_looked_at_before_it_is_booked(world, own, stock, admin):
    before = StockMovement.objects.count(), StockDocument.objects.count()
    body = a_receipt(world, kind="count", lines=[{"sku": "LAMP-40", "quantity": 2}])

    answer = admin.post("stock-documents/preview/", body)

    (effect,) = answer.json()["effects"]
    assert effect["sku"] == "Lamp-40"
    figures = {"expected_back": 0, "quarantined": 0, "reserved": 1}
    assert effect["before"] == figures | {"on_hand": 5, "available": 4}
    assert effect["after"] == figures | {"on_hand": 2, "available": 1}
    assert before == (StockMovement.objects.count(), StockDocument.objects.count())


def test_a_deed_of_the_same_name_is_booked_once(world, own, stock, admin):
    body = a_receipt(world, key="delivery-881")

    first = admin.post("stock-documents/", body)
    again = admin.post("stock-documents/", body)
    repeated = admin.post("stock-documents/", body | {"note": "x"}, Idempotency_Key="k")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert repeated.json()["id"] == first.json()["id"]
    assert stock_of(own.other)[0] == 15
    found = admin.get("stock-documents/?key=delivery-881")
    assert keys(found) == [first.json()["id"]]


def test_the_names_of_programs_are_apart_from_those_of_pages(world, own, admin):
    page = receive(own.other, 5, key="drift:1")

    made = admin.post("stock-documents/", a_receipt(world, key="drift:1"))

    assert made.status_code == 201
    assert made.json()["key"] == "drift:1"
    assert made.json()["id"] != page.pk
    assert admin.get(f"stock-documents/{page.pk}/").json()["key"] == ""
    assert keys(admin.get("stock-documents/?key=drift:1")) == [made.json()["id"]]


def test_the_name_of_another_kind_of_deed_is_refused(world, own, stock, admin):
    admin.post("stock-documents/", a_receipt(world, key="delivery-881"))
    before = StockMovement.objects.count()
    body = {
        "client": world.client.pk,
        "key": "delivery-881",
        "lines": [{"sku": "lamp-40", "quantity": 1}],
    }

    answer = admin.post("stock-reservations/", body)

    assert answer.status_code == 400, answer.content
    assert "is called so already" in errors(answer)["key"]
    assert nothing_was_booked(before)


def test_a_repeated_request_is_answered_as_the_first(world, own, stock, admin):
    body = a_receipt(world)

    first = admin.post("stock-documents/", body, Idempotency_Key="k1")
    again = admin.post("stock-documents/", body, Idempotency_Key="k1")

    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert stock_of(own.other)[0] == 15


def test_what_does_not_hold_is_told_line_by_line(world, own, stock, foreign, admin):
    before = StockMovement.objects.count()
    lines = [
        {"sku": "LAMP-40", "quantity": 0},
        {"variant": own.bundle.pk, "quantity": 1},
        {"sku": "LAMP-30", "quantity": 1},
    ]

    wrong = admin.post("stock-documents/", a_receipt(world, lines=lines))
    unknown = admin.post(
        "stock-documents/",
        a_receipt(
            world,
            lines=[
                {"sku": "LAMP-30", "quantity": 1},
                {"sku": foreign.variant.sku, "quantity": 1},
                {"variant": foreign.variant.pk, "quantity": 1},
                {"variant": 987654321, "quantity": 1},
            ],
        ),
    )
    both = admin.post(
        "stock-documents/",
        a_receipt(world, lines=[{"sku": "x", "variant": 1, "quantity": 1}]),
    )
    none = admin.post("stock-documents/", a_receipt(world, lines=[]))
    vague = admin.post("stock-documents/", a_receipt(world, kind="adjustment"))

    assert errors(wrong).keys() == {"lines.0.quantity", "lines.1.variant"}
    assert "is a bundle" in errors(wrong)["lines.1.variant"]
    assert errors(unknown) == {
        "lines.1.sku": "There is no SKU “Quokka-30”.",
        "lines.2.variant": "There is nothing with this id.",
        "lines.3.variant": "There is nothing with this id.",
    }
    assert errors(both) == {"lines.0": "Name either the sku or the variant."}
    assert errors(none) == {"lines": "Name at least one SKU."}
    assert errors(vague) == {"reason": "Say why; the ledger keeps it."}
    assert nothing_was_booked(before)


def test_every_kind_of_document_is_booked_and_taken_back(world, own, stock, admin):
    there = make_warehouse(world.client).pk
    before = stock_of(own.other)
    bodies: list[dict[str, Any]] = [
        {"kind": "receipt"},
        {"kind": "adjustment", "reason": "lost", "lines": [_line(-1)]},
        {"kind": "transfer", "to_warehouse": there},
        {"kind": "count"},
        {"kind": "quarantine"},
        {"kind": "hold"},
        {"kind": "inspection", "lines": [_line(1) | {"outcome": "quarantined"}]},
    ]

    for body in bodies:
        given = {"lines": [_line(3)]} | body
        made = admin.post("stock-documents/", a_receipt(world, **given))
        assert made.status_code == 201, made.content
        address = f"stock-documents/{made.json()['id']}/take-back/"
        assert stock_of(own.other) != before, body
        gone = admin.post(address).json()
        assert (gone["state"], gone["ended_by"]) == ("reversed", world.admin.pk)
        assert admin.post(address).json() == gone
        assert stock_of(own.other) == before, body


def _line(quantity: int) -> dict[str, Any]:
    return {"sku": "LAMP-40", "quantity": quantity}


def test_pieces_are_held_shipped_and_released(world, own, stock, admin):
    body = {"client": world.client.pk, "lines": [_line(4)], "reference": "Fair"}

    held = admin.post("stock-reservations/", body)
    short = admin.post("stock-reservations/", body)
    key = held.json()["id"]
    assert held.status_code == 201
    assert held.json()["kind"] == "hold"
    assert code(short) == (409, "out_of_stock")
    assert "0 available, 4 wanted" in short.json()["detail"]
    assert stock_of(own.other)[:2] == (5, 5)

    shipped = admin.post(f"stock-reservations/{key}/ship/")
    again = admin.post(f"stock-reservations/{key}/ship/")
    released = admin.delete(f"stock-reservations/{stock.hold.pk}/")

    assert shipped.json()["state"] == again.json()["state"] == "shipped"
    assert released.status_code == 204
    assert stock_of(own.other)[:2] == (1, 0)
    late = admin.post(f"stock-reservations/{stock.hold.pk}/ship/")
    assert code(late) == (409, "stock_refuses")
    assert stock_of(own.other)[:2] == (1, 0)


def test_reservations_are_holds_and_nothing_else(stock, admin):
    assert keys(admin.get("stock-reservations/")) == [stock.hold.pk]
    assert keys(admin.get("stock-reservations/?state=booked&sku=lamp-40"))
    other = admin.delete(f"stock-reservations/{stock.receipt.pk}/")

    assert code(other) == (404, "not_found")
    stock.receipt.refresh_from_db()
    assert stock.receipt.state == StockDocument.State.BOOKED
    sent = admin.post(f"stock-documents/{stock.hold.pk}/send-out/")
    assert sent.json()["state"] == "shipped"


def test_nothing_is_taken_back_that_changed_since_it_was_seen(own, stock, admin):
    address = f"stock-documents/{stock.hold.pk}/"
    seen = admin.get(address)["ETag"]
    admin.post(f"{address}send-out/")
    before = stock_of(own.other)

    stale = admin.post(f"{address}take-back/", If_Match=seen)

    assert code(stale) == (412, "stale")
    assert stock_of(own.other) == before
    fresh = admin.get(address)["ETag"]
    assert admin.post(f"{address}take-back/", If_Match=fresh).status_code == 200


def test_what_came_back_is_inspected_once(own, stock, admin):
    (row,) = admin.get("inspections/").json()["results"]
    assert (row["order"], row["expected_back"]) == (stock.returned.pk, 1)
    body = {
        "order": row["order"],
        "key": "return-1",
        "lines": [{"line": row["line"], "sellable": 1}],
    }

    looked = admin.post("inspections/", body)
    again = admin.post("inspections/", body)

    assert (looked.status_code, again.status_code) == (201, 200), looked.content
    (line,) = looked.json()["lines"]
    assert (line["order"], line["outcome"]) == (stock.returned.pk, "sellable")
    assert looked.json()["source"] == "api"
    assert stock_of(own.variant)[:3] == (2, 2, 0)
    assert keys(admin.get("inspections/")) == []
    undone = admin.post(f"stock-documents/{looked.json()['id']}/take-back/")
    assert undone.json()["state"] == "reversed"
    assert stock_of(own.variant)[:3] == (1, 2, 1)


def test_no_more_is_inspected_than_was_sold(own, stock, admin):
    line = stock.returned.lines.get().key
    before = stock_of(own.variant)

    def asked(order: int, *lines: dict[str, object]):
        return admin.post("inspections/", {"order": order, "lines": list(lines)})

    many = asked(stock.returned.pk, {"line": line, "sellable": 2, "written_off": 1})
    unknown = asked(stock.returned.pk, {"line": "another", "sellable": 1})
    none = asked(stock.returned.pk, {"line": line})
    twice = asked(stock.returned.pk, {"line": line}, {"line": line})
    still_here = asked(stock.order.pk, {"line": line, "sellable": 1})

    assert "more than the 2 still out" in errors(many)["lines.0"]
    assert errors(unknown).keys() == {"lines.0"}
    assert "at least one unit" in errors(none)["lines"]
    assert errors(twice) == {"lines": "A line is named twice."}
    assert code(still_here) == (409, "stock_refuses")
    assert stock_of(own.variant) == before


def test_whom_goods_come_from_is_told_to_who_may_see_costs(world, stock):
    address = f"stock-documents/{stock.receipt.pk}/"
    fulfilment = member(world, Role.ORDER_FULFILLMENT)

    assert fulfilment.get(address).json()["supplier"] is None
    analyst = member(world, Role.ANALYST).get(address).json()
    assert analyst["supplier"] == stock.receipt.supplier_id


def test_an_order_of_a_shop_one_does_not_see_is_not_named_in_a_document(
    world, own, stock, admin
):
    partner = Caller(
        make_user(
            clients=[world.client],
            role=Role.CREATOR_PARTNER,
            permissions=["manage_logistics"],
        )
    )
    line = stock.returned.lines.get().key
    made = admin.post(
        "inspections/",
        {"order": stock.returned.pk, "lines": [{"line": line, "sellable": 1}]},
    )
    assert made.status_code == 201, made.content

    shown = partner.get(f"stock-documents/{made.json()['id']}/")

    (told,) = shown.json()["lines"]
    assert told["order"] is None
    assert stock.returned.remote_id not in shown.content.decode()
