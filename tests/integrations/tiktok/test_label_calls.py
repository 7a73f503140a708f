"""Labels: what the platform sells, where a paper is, and the paper itself."""

import inspect
from decimal import Decimal

import pytest
import requests

from apps.integrations.contracts import Measures, PaperLink, ShippingService
from apps.integrations.errors import (
    MalformedReply,
    PlatformUnavailable,
    RequestRefused,
)
from apps.integrations.tiktok.fulfilment.documents import (
    LARGEST_DOCUMENT,
    PAPER_HOSTS,
    allowed_at,
    fetch_document,
    format_of,
)
from apps.integrations.tiktok.hosts import Hosts
from tests.integrations.tiktok.fakes import FakeSession, failure, make_client, success
from tests.integrations.tiktok.fulfilment_payloads import ORDER_ID, PACKAGE_ID
from tests.integrations.tiktok.test_product_images import Pictures, answer, moved

MEASURES = Measures(
    Decimal("10.5"), Decimal("20"), Decimal("1E+1"), "CM", Decimal("250"), "GRAM"
)
MEASURED = {
    "dimension": {"length": "10.5", "width": "20", "height": "10", "unit": "CM"},
    "weight": {"value": "250", "unit": "GRAM"},
}
URL = "https://open-fs-sg.tiktokshop.com/wsos_v2/doc/object/1?sign=planted"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
ZPL = b"^XA^FO50,50^A0N,50,50^FDQP770001^FS^XZ"


def fetch(*script, url=URL, **options):
    """The paper, with what was asked and which headers were sent."""
    session = Pictures(*script)
    sent = {}

    def request(method, address, **more):
        sent.update(more["headers"])
        return session.request(method, address, **more)

    recorder = type("Recorder", (), {"request": staticmethod(request)})()
    content = fetch_document(
        url,
        session=recorder,
        resolve=lambda host: ["93.184.216.34"],
        **options,
    )
    return content, session.asked, sent


@pytest.mark.parametrize(
    ("unit_ids", "measures", "body"),
    [
        ([], None, {}),
        (["11"], None, {"order_line_item_ids": ["11"]}),
        ([], MEASURES, MEASURED),
    ],
)
def test_services_are_asked_for_with_what_is_known(unit_ids, measures, body):
    session = FakeSession(
        requests.ConnectionError(),
        success(
            {
                "order_id": ORDER_ID,
                "shipping_services": [
                    {
                        "id": "31",
                        "name": "Ground",
                        "price": "7.40",
                        "currency": "usd",
                        "earliest_delivery_days": 2,
                        "latest_delivery_days": "5",
                        "is_default": True,
                        "shipping_provider_name": "Quick Parcel",
                    },
                    {"id": 32, "price": "free", "earliest_delivery_days": "soon"},
                    {"name": "cannot be bought"},
                    "?",
                ],
            }
        ),
    )

    services = make_client(session).shipping_services(ORDER_ID, unit_ids, measures)

    sent = session.sent[-1]
    assert sent.url.endswith(
        f"/fulfillment/202309/orders/{ORDER_ID}/shipping_services/query"
    )
    assert (sent.method, sent.json) == ("POST", body)
    assert services == [
        ShippingService(
            remote_id="31",
            name="Ground",
            price=Decimal("7.40"),
            currency="USD",
            carrier="Quick Parcel",
            earliest_days=2,
            latest_days=5,
            is_default=True,
        ),
        ShippingService("32", "", None, ""),
    ]


def test_a_label_is_bought():
    session = FakeSession(success({"package_id": 1160000000000000001}))

    package_id = make_client(session).buy_label(
        ORDER_ID, ["11", "12"], "31", measures=MEASURES
    )

    [sent] = session.sent
    assert sent.url.endswith("/fulfillment/202309/packages")
    assert sent.json == {
        "order_id": ORDER_ID,
        "order_line_item_ids": ["11", "12"],
        "shipping_service_id": "31",
        **MEASURED,
    }
    assert package_id == PACKAGE_ID


def test_a_label_that_nobody_can_name_may_have_been_bought():
    with pytest.raises(MalformedReply) as error:
        make_client(FakeSession(success({}))).buy_label(ORDER_ID, [], "31")

    assert error.value.may_be_done


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("SHIPPING_LABEL", {"document_size": "A5", "document_format": "ZPL"}),
        ("PACKING_SLIP", {"document_size": "A5", "document_format": "ZPL"}),
        (
            "SHIPPING_LABEL_AND_PACKING_SLIP",
            {"document_size": "A5", "document_format": "ZPL"},
        ),
        ("INVOICE_LABEL", {"document_size": "A5", "document_format": "ZPL"}),
        ("SHIPPING_LABEL_PICTURE", {}),
        ("HAZMAT_LABEL", {"document_format": "ZPL"}),
    ],
)
def test_a_paper_is_asked_for_in_the_query(kind, params):
    session = FakeSession(success({"doc_url": URL, "tracking_number": "QP770001"}))

    link = make_client(session).shipping_document(
        PACKAGE_ID, kind, size="A5", format_="ZPL"
    )

    [sent] = session.sent
    assert sent.method == "GET"
    assert sent.url.endswith(f"/packages/{PACKAGE_ID}/shipping_documents")
    named = {name: sent.params[name] for name in sent.params if "document" in name}
    assert named == {"document_type": kind} | params
    assert link == PaperLink(URL, "QP770001")


def test_a_paper_in_the_making_is_asked_for_again_later():
    with pytest.raises(PlatformUnavailable, match="not made the paper yet"):
        make_client(FakeSession(success({}))).shipping_document(PACKAGE_ID, "X")
    session = FakeSession(*[failure(11034037, "still being generated")] * 5)
    with pytest.raises(PlatformUnavailable):
        make_client(session).shipping_document(PACKAGE_ID, "X")


@pytest.mark.parametrize("content", [PDF, PNG, ZPL])
def test_a_paper_is_fetched_and_nobody_learns_who_asks(content):
    found, asked, headers = fetch(answer(content))

    assert (found, asked) == (content, [URL])
    assert {name.lower() for name in headers} == {"accept", "accept-encoding"}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PDF, "PDF"),
        (PNG, "PNG"),
        (ZPL, "ZPL"),
        (b"\xef\xbb\xbf\r\n" + ZPL, "ZPL"),
        (b"\x10CT~~CD,~CC^~CT~\n^XA", "ZPL"),
        (b"~DGR:LOGO.GRF,04800,", "ZPL"),
        (b"<html>expired</html>", ""),
        (b'{"code": 1}', ""),
        (b"MZ\x90\x00", ""),
        (b"junk %PDF-1.7", ""),
        (b"\xff\xd8\xff\xe0", ""),
        (b"", ""),
    ],
)
def test_a_paper_is_known_by_its_first_bytes(content, name):
    assert format_of(content) == name
    if content and not name:
        with pytest.raises(RequestRefused, match="neither a PDF"):
            fetch(answer(content))


@pytest.mark.parametrize(
    "url",
    [
        "http://open-fs-sg.tiktokshop.com/1",
        "https://open-fs-sg.tiktokshop.com.evil.example/1",
        "https://tiktokshop.com/1",
        "https://eviltiktokshop.com/1",
        "https://user:pw@open-fs-sg.tiktokshop.com/1",
        "https://open-fs-sg.tiktokshop.com:8443/1",
        "https://169.254.169.254/latest",
        "http://127.0.0.1:9/1",
        "file:///etc/passwd",
        "",
    ],
)
def test_only_the_platforms_hosts_are_asked_and_only_over_https(url):
    with pytest.raises(RequestRefused, match="may not be asked for a paper"):
        fetch(url=url)


def test_a_known_name_may_not_stand_for_a_private_address():
    with pytest.raises(RequestRefused, match="no public address"):
        fetch_document(URL, session=Pictures(), resolve=lambda host: ["10.0.0.8"])


@pytest.mark.parametrize(
    "location",
    ["https://open-fs-va.tiktokshop.com/1", "http://10.0.0.8/", "https://evil.example"],
)
def test_nobody_is_led_elsewhere(location):
    with pytest.raises(RequestRefused, match="leads elsewhere"):
        fetch(moved(location))


def test_a_paper_on_the_same_host_is_followed_to():
    content, asked, _ = fetch(moved("/wsos_v2/other"), answer(PDF))

    assert content == PDF
    assert len(asked) == 2


def test_a_paper_has_20_megabytes_at_most():
    assert LARGEST_DOCUMENT == 20 * 1024 * 1024
    with pytest.raises(RequestRefused, match="a paper that is too big"):
        fetch(answer(PDF + bytes(1000)), limit_bytes=1000)


@pytest.mark.parametrize(
    "trouble",
    [requests.ConnectionError(URL), requests.Timeout(URL), answer(status=503)],
)
def test_trouble_never_tells_the_address(trouble):
    with pytest.raises(PlatformUnavailable) as error:
        fetch(trouble)

    assert "open-fs-sg.tiktokshop.com" in str(error.value)
    assert "planted" not in str(error.value)
    assert error.value.__context__ is None


def test_what_stands_in_for_the_platform_has_its_papers_too():
    assert allowed_at(Hosts.all_at("http://127.0.0.1:8090/")) == (
        *PAPER_HOSTS,
        "http://127.0.0.1:8090",
    )
    assert allowed_at(Hosts(papers=("labels.example",)))[len(PAPER_HOSTS) :] == (
        "labels.example",
        "https://open-api.tiktokglobalshop.com",
    )


def test_a_client_asks_the_hosts_it_was_given():
    client = make_client(FakeSession(), hosts=Hosts.all_at("http://127.0.0.1:9"))

    assert list(inspect.signature(client.fetch_document).parameters) == ["url"]
    with pytest.raises(PlatformUnavailable, match=r"127\.0\.0\.1"):
        client.fetch_document("http://127.0.0.1:9/papers/1")
    with pytest.raises(RequestRefused):
        client.fetch_document("http://127.0.0.1:10/papers/1")
