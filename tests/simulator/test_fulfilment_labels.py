"""Labels: bought in the US, fetched everywhere the platform carries, for a day."""

from io import BytesIO
from typing import Any

import pytest
import requests
from PIL import Image
from pypdf import PdfReader

from tests.simulator.dispatch import (
    DE,
    GB,
    ORDERS,
    PACKAGES,
    TH,
    US,
    Dispatch,
    package_of,
)
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]
NEWER = "/fulfillment/202512/packages"
BOX = {
    "weight": {"value": "2", "unit": "POUND"},
    "dimension": {"length": "10", "width": "8", "height": "4.5", "unit": "INCH"},
}


@pytest.fixture
def desk(server: SimulatorServer) -> Dispatch:
    return Dispatch(server, US)


def services(desk: Dispatch, order: Json, **body: Any) -> Json:
    return desk.post(f"{ORDERS}/{order['id']}/shipping_services/query", body)


def document(desk: Dispatch, package_id: str, **query: str) -> Json:
    query = {"document_type": "SHIPPING_LABEL"} | query
    return desk.get(f"{PACKAGES}/{package_id}/shipping_documents", **query)


def fetch(desk: Dispatch, package_id: str, **query: str) -> requests.Response:
    url = desk.data(document(desk, package_id, **query))["doc_url"]
    reply = requests.get(url, timeout=30)
    assert reply.status_code == 200
    return reply


def test_a_label_is_bought_and_makes_the_package(desk: Dispatch):
    order = desk.place(quantity=2)
    lines = [line["id"] for line in order["line_items"]]

    offered = desk.data(services(desk, order, **BOX))
    assert offered["order_line_id"] == lines
    assert (offered["weight"], offered["dimension"]) == tuple(BOX.values())
    rows = offered["shipping_services"]
    assert [row["is_default"] for row in rows] == [True, False, False]
    light = desk.data(services(desk, order))["shipping_services"]
    assert float(light[0]["price"]) < float(rows[0]["price"])

    service = rows[1]
    body = BOX | {"order_id": order["id"], "shipping_service_id": service["id"]}
    made = desk.data(desk.post(PACKAGES, body))

    assert made["order_line_item_ids"] == lines
    info = made["shipping_service_info"]
    assert info == {name: service[name] for name in info}
    after, package = desk.order(order["id"]), desk.package(made["package_id"])
    assert after["status"] == "AWAITING_COLLECTION"
    assert package_of(after) == made["package_id"]
    assert package["shipping_provider_id"] == service["shipping_provider_id"]
    assert package["weight"] == BOX["weight"]
    assert package["dimension"] == BOX["dimension"]
    assert package["create_time"] == made["create_time"] == after["rts_time"]
    assert desk.post(PACKAGES, body)["code"] == 21011006
    assert services(desk, order)["code"] == 21011006
    assert b"%PDF" in fetch(desk, made["package_id"]).content


def test_an_order_is_sent_in_two_labels(desk: Dispatch):
    order = desk.place(quantity=2)
    first, second = (line["id"] for line in order["line_items"])

    body: Json = {"order_id": order["id"], "order_line_item_ids": [first]}
    one = desk.data(desk.post(PACKAGES, body))["package_id"]
    assert desk.status(order) == "PARTIALLY_SHIPPING"
    newer: Json = {"order_id": order["id"], "ship_type": "2"}
    newer["order_line_item"] = [{"order_line_id": second}]
    made = desk.data(desk.post(NEWER, newer))

    assert made["package_id"] != one
    assert not {"order_id", "order_line_item_ids"} & set(made)
    after = desk.order(order["id"])
    assert after["status"] == "AWAITING_COLLECTION"
    assert [x["package_id"] for x in after["line_items"]] == [one, made["package_id"]]


def test_an_order_that_its_seller_would_have_sent_in_two_goes_in_one(desk: Dispatch):
    order = desk.place(kind="split", quantity=4)

    made = desk.data(desk.post(PACKAGES, {"order_id": order["id"]}))

    after = desk.order(order["id"])
    assert after["status"] == "AWAITING_COLLECTION"
    assert package_of(after) == made["package_id"]
    assert len(made["order_line_item_ids"]) == 4
    assert "split_or_combine_tag" not in after


def test_labels_that_cannot_be_bought(desk: Dispatch):
    order, own = desk.place(), desk.place("SELLER")
    asked, stored = desk.place(), desk.place("", fulfilled_by_platform=True)
    held = desk.place(status="ON_HOLD")
    desk.control(f"orders/{asked['id']}/request_cancel")
    british = Dispatch(desk.server, GB, desk.caller)
    theirs = british.place()
    other = desk.data(services(desk, desk.place()))["shipping_services"][0]["id"]
    heavy = {"weight": {"value": "80", "unit": "POUND"}}
    long = {"dimension": BOX["dimension"] | {"length": "120"}}
    flat = {"dimension": BOX["dimension"] | {"height": "0"}}

    wrong: list[tuple[Json, Json, int]] = [
        (order, {"shipping_service_id": other}, 21004008),
        (order, heavy, 21011037),
        (order, long, 11021014),
        (order, flat, 21001001),
        (order, {"weight": {"value": "2"}}, 21001001),
        (order, {"order_line_item_ids": ["1"]}, 21011029),
        (own, {}, 21011012),
        (stored, {}, 21008025),
        (asked, {}, 21011007),
        (held, {}, 21011003),
        (theirs, {}, 21008111),
    ]
    for what, body, code in wrong:
        reply = desk.post(PACKAGES, body | {"order_id": what["id"]})
        assert reply["code"] == code, body
    assert desk.post(NEWER, {"order_id": order["id"]})["code"] == 21001001
    assert services(desk, own)["code"] == 21011037
    assert services(british, theirs)["code"] == 21011037
    assert desk.order(order["id"]) == order


@pytest.mark.parametrize(("size", "points"), [("A6", (298, 420)), ("A5", (420, 595))])
def test_a_label_is_one_page_that_shows_the_package(
    server: SimulatorServer, size: str, points: tuple[int, int]
):
    desk = Dispatch(server, TH)
    order = desk.place(quantity=2)
    package_id = package_of(order)
    desk.data(desk.ship(package_id))
    number = desk.package(package_id)["tracking_number"]

    for kind in ("SHIPPING_LABEL", "SHIPPING_LABEL_AND_PACKING_SLIP"):
        query = {"document_type": kind, "document_size": size}
        answer = desk.data(document(desk, package_id, **query))
        assert answer["tracking_number"] == number
        reply = requests.get(answer["doc_url"], timeout=30)
        assert reply.headers["content-type"] == "application/pdf"
        (page,) = PdfReader(BytesIO(reply.content), strict=True).pages
        assert (int(page.mediabox.width), int(page.mediabox.height)) == points
        text = page.extract_text()
        assert package_id in text
        assert number in text
        assert (order["line_items"][0]["sku_id"] in text) == kind.endswith("SLIP")


def test_labels_come_for_printers_and_as_pictures(server: SimulatorServer):
    desk = Dispatch(server, DE)
    package_id = package_of(desk.place())
    desk.data(desk.ship(package_id))
    number = desk.package(package_id)["tracking_number"]

    zpl = fetch(desk, package_id, document_format="ZPL").text
    picture = fetch(desk, package_id, document_type="SHIPPING_LABEL_PICTURE")

    assert zpl.startswith("^XA")
    assert zpl.strip().endswith("^XZ")
    assert f"^FD{number}^FS" in zpl
    assert package_id in zpl
    assert picture.headers["content-type"] == "image/png"
    with Image.open(BytesIO(picture.content)) as image:
        image.verify()


def test_addresses_of_labels_die_after_a_day_and_cannot_be_guessed(
    server: SimulatorServer,
):
    desk = Dispatch(server, DE)
    package_id = package_of(desk.place())
    desk.data(desk.ship(package_id))
    url = desk.data(document(desk, package_id))["doc_url"]
    until = url.split("/documents/")[1].split("/")[0]

    later = url.replace(until, str(int(until) + 86_400))
    assert requests.get(later, timeout=30).status_code == 404
    assert requests.get(f"{desk.server.url}/documents/1", timeout=30).status_code == 404
    desk.advance(hours=23)
    assert requests.get(url, timeout=30).status_code == 200
    desk.control("faults", kind="status", status=500, path="/documents/", count=1)
    assert requests.get(url, timeout=30).status_code == 500
    desk.advance(hours=1)
    assert requests.get(url, timeout=30).status_code == 403
    fresh = desk.data(document(desk, package_id))["doc_url"]
    assert requests.get(fresh, timeout=30).status_code == 200


def test_papers_there_are_none_of(server: SimulatorServer):
    desk = Dispatch(server, GB)
    waiting, gone = desk.place(), desk.place()
    own, stored = desk.place("SELLER"), desk.place("", fulfilled_by_platform=True)
    sent = desk.place(status="IN_TRANSIT")
    desk.control(f"orders/{gone['id']}/cancel")

    def code(order: Json, **query: str) -> int:
        return int(document(desk, package_of(order), **query)["code"])

    assert code(waiting) == 21023035
    assert code(gone) == 21023059
    assert code(own) == 11034002
    assert code(stored) == 21008043
    assert code(sent) == 21042102
    assert document(desk, "57")["code"] == 21008109
    for query in (
        {"document_type": ""},
        {"document_type": "POSTCARD"},
        {"document_size": "A4"},
        {"document_format": "DOC"},
    ):
        assert code(waiting, **query) == 36009004
