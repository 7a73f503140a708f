"""The orders of one client are nothing to another; who only looks does nothing."""

from typing import Any

import pytest

from apps.orders.models import OrderAction
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.users.scopes import SCOPES
from tests.api.catalogue import member
from tests.api.order_rows import OrderRows, make_order_rows
from tests.api.support import Caller, code, keys
from tests.api.test_resources import told
from tests.api.world import World, make_world
from tests.orders.order_pages import PageShop, connected

pytestmark = pytest.mark.django_db
NOBODYS = 987654321


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def rows(world) -> OrderRows:
    return make_order_rows(world)


@pytest.fixture
def foreign() -> OrderRows:
    return make_order_rows(make_world("Quokka"), "Quokka")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture(autouse=True)
def fake(monkeypatch) -> PageShop:
    return connected(monkeypatch)


ROWS = {
    "action-runs": "run",
    "cancellations": "wish",
    "carriers": "carrier",
    "order-actions": "action",
    "orders": "order",
    "packages": "package",
    "returns": "goods_back",
}


def test_a_foreign_row_is_as_good_as_none(rows, foreign, admin):
    for address, name in ROWS.items():
        mine, other = getattr(rows, name), getattr(foreign, name)

        listed = admin.get(f"{address}/")
        shown = admin.get(f"{address}/{mine.pk}/")
        theirs = admin.get(f"{address}/{other.pk}/")
        missing = admin.get(f"{address}/{NOBODYS}/")

        assert mine.pk in keys(listed), address
        assert other.pk not in keys(listed), address
        assert (shown.status_code, bool(shown["ETag"])) == (200, True), address
        assert told(theirs, other.pk) == told(missing, NOBODYS)
        for answer in (listed, shown, theirs):
            assert b"Quokka" not in answer.content, address


BELOW = [
    ("orders", "order", "events/"),
    ("orders", "order", "notes/"),
    ("orders", "order", "tracking-steps/"),
    ("orders", "order", "eligibility/"),
    ("orders", "order", "carriers/"),
    ("orders", "order", "split-advice/"),
    ("orders", "order", "combine-offers/"),
    ("packages", "package", "documents/"),
    ("packages", "package", "handover/"),
    ("cancellations", "wish", "reasons/"),
    ("returns", "goods_back", "reasons/"),
]


def test_what_hangs_on_a_foreign_row_is_not_told(rows, foreign, admin):
    for address, name, part in BELOW:
        mine, other = getattr(rows, name).pk, getattr(foreign, name).pk

        theirs = admin.get(f"{address}/{other}/{part}")
        missing = admin.get(f"{address}/{NOBODYS}/{part}")

        assert told(theirs, other) == told(missing, NOBODYS)
        assert theirs.status_code == 404, part
        assert admin.get(f"{address}/{mine}/{part}").status_code == 200, part


def test_a_foreign_paper_and_a_foreign_note_are_not_there(rows, foreign, admin):
    for package in (rows.package, foreign.package):
        answer = admin.get(f"packages/{package.pk}/documents/{foreign.document.pk}/")
        assert code(answer) == (404, "not_found")
    for order in (rows.order, foreign.order):
        answer = admin.delete(f"orders/{order.pk}/notes/{foreign.note.pk}/")
        assert code(answer) == (404, "not_found")
    foreign.note.refresh_from_db()
    foreign.document.refresh_from_db()
    assert foreign.document.printed_at is None


_MONEY = {"amount": "5", "currency": "MYR"}
_BOX = {
    "length": "1",
    "width": "1",
    "height": "1",
    "unit": "CM",
    "weight": "1",
    "weight_unit": "GRAM",
}
_NUMBER = {"carrier": "J&T Express", "tracking_number": "JX1"}
DEEDS: list[tuple[str, str, str, str, Any]] = [
    ("PATCH", "orders", "order", "", {"warehouse": "Mine now"}),
    ("POST", "orders", "order", "settle/", {"field": "carrier", "source": "person"}),
    ("POST", "orders", "order", "release/", {"field": "carrier"}),
    ("POST", "orders", "order", "priority/", {"priority": "viral", "reason": "now"}),
    ("POST", "orders", "order", "pull/", None),
    ("POST", "orders", "order", "tracking/", _NUMBER),
    ("POST", "orders", "order", "cancel/", {"reason": "gone"}),
    ("POST", "orders", "order", "refund/", {"reason": "gone"}),
    (
        "POST",
        "orders",
        "order",
        "refund-preview/",
        {"request": "cancel", "reason": "gone"},
    ),
    ("POST", "orders", "order", "split/", {"groups": [["1"], ["2"]]}),
    ("POST", "orders", "order", "combine/", {"offer_id": "1"}),
    ("POST", "orders", "order", "buy-label/", {"service_id": "1", "measures": _BOX}),
    ("POST", "orders", "order", "shipping-services/", {"measures": _BOX}),
    ("POST", "orders", "order", "notes/", {"text": "Mine now"}),
    ("POST", "orders", "order", "tracking-steps/", None),
    ("POST", "packages", "package", "ship/", {"handover_method": "DROP_OFF"}),
    ("POST", "packages", "package", "labels/", {}),
    ("POST", "packages", "package", "uncombine/", {}),
    ("POST", "packages", "package", "deliver/", {}),
    ("POST", "cancellations", "wish", "accept/", None),
    ("POST", "cancellations", "wish", "decline/", {"reason": "sent"}),
    ("POST", "returns", "goods_back", "accept/", {}),
    ("POST", "returns", "goods_back", "decline/", {"reason": "fine"}),
    ("POST", "returns", "goods_back", "partial-offer/", {"amount": _MONEY}),
    ("POST", "returns", "goods_back", "received/", None),
    ("POST", "order-actions", "action", "withdraw/", None),
    ("POST", "order-actions", "action", "dismiss/", None),
    ("POST", "order-actions", "action", "release/", None),
    ("POST", "order-actions", "action", "retry/", None),
    ("POST", "action-runs", "run", "stop/", None),
    ("POST", "action-runs", "run", "retry/", None),
    ("POST", "action-runs", "run", "release/", None),
]


def written() -> list[Any]:
    """What deeds leave behind."""
    return [
        list(OrderAction.objects.order_by("pk").values()),
        AuditEntry.objects.count(),
    ]


def test_nothing_is_done_to_a_foreign_row(rows, foreign, admin):
    before = written()

    for method, address, name, deed, body in DEEDS:
        row = getattr(foreign, name)
        was = type(row).objects.values().get(pk=row.pk)
        theirs = admin._ask(method, f"{address}/{row.pk}/{deed}", body, {})
        missing = admin._ask(method, f"{address}/{NOBODYS}/{deed}", body, {})

        assert told(theirs, row.pk) == told(missing, NOBODYS)
        assert theirs.status_code == 404, deed
        assert type(row).objects.values().get(pk=row.pk) == was, deed
    assert written() == before


def test_who_only_looks_does_nothing(world, rows):
    caller = member(world, Role.ANALYST)
    reader = Caller(world.admin, ["orders:read", "buyers:read"])
    before = written()

    for method, address, name, deed, body in DEEDS:
        row = getattr(rows, name)
        was = type(row).objects.values().get(pk=row.pk)
        answer = caller._ask(method, f"{address}/{row.pk}/{deed}", body, {})
        unscoped = reader._ask(method, f"{address}/{row.pk}/{deed}", body, {})

        assert code(answer) == (403, "permission_denied"), deed
        assert code(unscoped) == (403, "scope_missing"), deed
        assert type(row).objects.values().get(pk=row.pk) == was, deed
    assert written() == before


def test_who_only_looks_uploads_nothing_and_asks_the_platform_nothing(world, rows):
    caller = member(world, Role.ANALYST)
    row = {"order_id": rows.order.remote_id, **_NUMBER}

    upload = caller.post("tracking-uploads/", {"rows": [row], "dry_run": True})
    assert code(upload) == (403, "permission_denied")
    for address, name, part in BELOW:
        answer = caller.get(f"{address}/{getattr(rows, name).pk}/{part}")
        is_open = part in ("events/", "tracking-steps/", "documents/")
        assert answer.status_code == (200 if is_open else 403), part
    paper = caller.get(f"packages/{rows.package.pk}/documents/{rows.document.pk}/")
    assert code(paper) == (403, "permission_denied")


FILTERS = [
    ("orders", "shop"),
    ("orders", "client"),
    ("packages", "shop"),
    ("packages", "client"),
    ("packages", "order"),
    ("cancellations", "shop"),
    ("cancellations", "client"),
    ("cancellations", "order"),
    ("returns", "shop"),
    ("returns", "client"),
    ("order-actions", "shop"),
    ("order-actions", "client"),
    ("order-actions", "run"),
    ("action-runs", "shop"),
    ("action-runs", "client"),
    ("carriers", "shop"),
    ("carriers", "client"),
]


def test_filters_offer_no_foreign_row(rows, foreign, admin):
    def key(own: OrderRows, parameter: str) -> int:
        shop = own.order.shop
        known = {"shop": shop.pk, "client": shop.client_id}
        return known.get(parameter) or int(getattr(own, parameter, shop).pk)

    for address, parameter in FILTERS:
        other = key(foreign, parameter)
        theirs = admin.get(f"{address}/?{parameter}={other}")
        missing = admin.get(f"{address}/?{parameter}={NOBODYS}")

        mine = key(rows, parameter)
        assert keys(admin.get(f"{address}/?{parameter}={mine}")), parameter
        assert code(theirs) == (400, "invalid")
        assert told(theirs, other) == told(missing, NOBODYS)


def test_a_token_needs_the_scope_of_orders(world, rows):
    others = [name for name in SCOPES if not name.startswith("orders:")]
    without, reader = Caller(world.admin, others), Caller(world.admin, ["orders:read"])

    for address in ROWS:
        refused = without.get(f"{address}/")

        assert code(refused) == (403, "scope_missing")
        assert "orders:read" in refused.json()["detail"]
        assert reader.get(f"{address}/").status_code == 200
