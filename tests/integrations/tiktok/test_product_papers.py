"""Manufacturers, responsible persons, size charts and documents: calls and reading."""

from collections.abc import Iterator
from email.parser import BytesParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.contracts import (
    PartyProfile,
    RemoteParty,
    RemoteSizeChart,
    UploadedFile,
)
from apps.integrations.errors import (
    MalformedReply,
    PlatformUnavailable,
    RequestRefused,
)
from apps.integrations.tiktok.client import TikTokClient
from apps.integrations.tiktok.hosts import Hosts
from apps.integrations.tiktok.products.papers import (
    file_from_json,
    party_page_from_json,
    size_chart_page_from_json,
)
from apps.integrations.tiktok.signing import sign
from tests.integrations.tiktok.fakes import (
    APP_SECRET,
    FakeSession,
    RecordingObserver,
    failure,
    make_client,
    success,
)
from tests.simulator_server import run_simulator

PDF = b"%PDF-1.7\n" + bytes(range(256)) + b"\n%%EOF\n"
SEARCHES = [
    ("manufacturers", "/product/202501/compliance/manufacturers/search"),
    ("responsible_persons", "/product/202501/compliance/responsible_persons/search"),
    ("size_charts", "/product/202407/sizecharts/search"),
]


def path_of(sent):
    return urlsplit(sent.url).path


def parts_of(sent: Any) -> dict[str, Any]:
    header = f"content-type: {sent.headers['content-type']}\r\n\r\n".encode()
    parts: Any = BytesParser().parsebytes(header + sent.body).get_payload()
    return {
        part.get_param("name", header="content-disposition"): part for part in parts
    }


# --- searching


@pytest.mark.parametrize(("name", "path"), SEARCHES)
def test_a_search_pages_in_the_query_filters_in_the_body_and_names_no_shop(name, path):
    session = FakeSession(success({"next_page_token": "p2", "total_count": 3}))

    page = getattr(make_client(session), name)(keyword="Isar", page_token="p1")

    [sent] = session.sent
    assert (sent.method, path_of(sent)) == ("POST", path)
    assert sent.params["page_size"] == "100"
    assert sent.params["page_token"] == "p1"
    assert "shop_cipher" not in sent.params
    assert sent.json == {"keyword": "Isar"}
    assert (page.next_page_token, page.total_count) == ("p2", 3)


@pytest.mark.parametrize(("name", "path"), SEARCHES)
def test_a_search_for_all_has_an_empty_body_that_is_signed(name, path):
    session = FakeSession(success({}))

    getattr(make_client(session), name)()

    [sent] = session.sent
    assert "page_token" not in sent.params
    assert sent.body == b"{}"
    assert sent.params["sign"] == sign(APP_SECRET, path, sent.params, b"{}")


def test_a_search_is_repeated_after_an_outage():
    session = FakeSession(failure(38023025), success({"manufacturers": [{"id": "1"}]}))

    page = make_client(session).manufacturers()

    assert [party.remote_id for party in page.parties] == ["1"]
    with pytest.raises(PlatformUnavailable, match="registry is busy"):
        make_client(FakeSession(*[failure(38023025)] * 9)).manufacturers()


def test_cross_border_sellers_are_told_why_there_is_no_list():
    session = FakeSession(failure(38023050, "Operation is not supported"))

    with pytest.raises(RequestRefused, match="Cross-border sellers have no") as caught:
        make_client(session).manufacturers()

    assert "Operation is not supported" in caught.value.message


# --- reading


def test_a_manufacturer_has_a_profile_for_each_language():
    page = party_page_from_json(
        {
            "manufacturers": [
                {
                    "id": "66d3cbe4d9c8b09ddca932a7",
                    "regional_profiles": [
                        {
                            "locale": "de",
                            "name": "Lahn Leuchten GmbH",
                            "registered_trade_name": "Lahn",
                            "email": "hallo@lahn.example.com",
                            "phone_number": {"availability": "UNAVAILABLE"},
                            "address": "Lahnweg 3, 35390 Gießen",
                        },
                        {"locale": "fr", "name": "Lahn Lampes"},
                    ],
                }
            ],
            "total_count": "1",
            "next_page_token": None,
        },
        "manufacturer",
    )

    assert page.parties == (
        RemoteParty(
            "66d3cbe4d9c8b09ddca932a7",
            (
                PartyProfile(
                    "Lahn Leuchten GmbH", "de", "Lahn", "Lahnweg 3, 35390 Gießen"
                ),
                PartyProfile("Lahn Lampes", "fr"),
            ),
        ),
    )
    assert (page.total_count, page.next_page_token) == (1, "")


def test_a_responsible_persons_address_is_read_from_its_parts():
    page = party_page_from_json(
        {
            "responsible_persons": {
                "id": 7,
                "regional_profiles": {
                    "locale": "en-IE",
                    "name": "Quay Compliance",
                    "address": {
                        "street_address_line1": "1 Quay",
                        "street_address_line2": "-",
                        "district": "-",
                        "postal_code": "D02",
                        "city": "Dublin",
                        "country": "Ireland",
                    },
                },
            }
        },
        "responsible_person",
    )

    [party] = page.parties
    assert party.remote_id == "7"
    assert party.profiles[0].address == "1 Quay, D02, Dublin, Ireland"


@pytest.mark.parametrize(
    ("row", "parties"),
    [
        ({"id": "1", "name": "Flat"}, (RemoteParty("1", (PartyProfile("Flat"),)),)),
        ({"manufacturer_id": "1"}, (RemoteParty("1"),)),
        ({"id": "1", "regional_profiles": [{"locale": "de"}]}, (RemoteParty("1"),)),
        ({"name": "Nobody"}, ()),
        ("1", ()),
    ],
)
def test_a_party_is_read_as_far_as_it_is_told(row, parties):
    page = party_page_from_json({"manufacturers": [row]}, "manufacturer")

    assert page.parties == parties


def test_a_size_chart_has_a_name_and_pictures():
    page = size_chart_page_from_json(
        {
            "size_chart": [
                {
                    "template_id": 7267563252536723205,
                    "template_name": "Tops",
                    "images": [
                        {"uri": "tos/1", "url": "https://img.example/1", "locale": "de"}
                    ],
                },
                {"template_id": "2", "size_chart_mode": "product_scoped"},
                {"template_name": "Nobody's"},
            ],
            "next_page_token": "p2",
        }
    )

    assert page.charts == (
        RemoteSizeChart("7267563252536723205", "Tops", ("https://img.example/1",)),
        RemoteSizeChart("2", "", is_reusable=False),
    )
    assert page.next_page_token == "p2"


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "name", "regional_profiles", "address", "images", "template_id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(odd)
def test_nothing_the_platform_could_answer_makes_the_reading_fall_over(value):
    party_page_from_json({"manufacturers": value}, "manufacturer")
    party_page_from_json({"responsible_persons": value}, "responsible_person")
    size_chart_page_from_json({"size_chart": value})


# --- uploading


def test_a_document_goes_out_as_a_form_whose_body_is_not_signed():
    observer = RecordingObserver()
    session = FakeSession(
        success(
            {
                "id": "v09e40f40000",
                "url": "https://files.example/1",
                "name": "Prüfbericht.pdf",
                "format": "PDF",
            }
        )
    )

    kept = make_client(session, observer=observer).upload_document(
        PDF, name="Prüfbericht.pdf"
    )

    [sent] = session.sent
    path = "/product/202309/files/upload"
    assert (sent.method, path_of(sent)) == ("POST", path)
    assert sent.params["sign"] == sign(APP_SECRET, path, sent.params, b"")
    assert "shop_cipher" not in sent.params
    parts = parts_of(sent)
    assert parts["name"].get_payload(decode=True).decode() == "Prüfbericht.pdf"
    assert parts["data"].get_filename() == "document.pdf"
    assert PDF in sent.body
    assert kept == UploadedFile(
        "v09e40f40000", "Prüfbericht.pdf", "PDF", "https://files.example/1"
    )
    [report] = observer.reports
    assert report.body == b""


def test_what_the_answer_does_not_repeat_is_as_it_was_sent():
    kept = file_from_json({"id": 5}, name="a.pdf", kind="PDF")

    assert kept == UploadedFile("5", "a.pdf", "PDF")
    with pytest.raises(MalformedReply, match="does not name the file"):
        file_from_json({"url": "https://files.example/1"}, name="a.pdf", kind="PDF")


def test_a_document_that_is_too_big_is_not_sent():
    with pytest.raises(RequestRefused, match="10 MB"):
        make_client(FakeSession()).upload_document(
            bytes(10 * 1024 * 1024 + 1), name="a.pdf"
        )


# --- at the simulated platform


@pytest.fixture(scope="module")
def client() -> Iterator[TikTokClient]:
    """Of a seller with a shop in Germany."""
    with run_simulator(orders=5) as platform:
        app = platform.apps()[0]
        seller = next(
            each
            for each in platform.sellers()
            if "DE" in {shop["region"] for shop in each["shops"]}
        )
        yield TikTokClient(
            app["app_key"],
            app["app_secret"],
            platform.tokens(seller_id=seller["id"])["access_token"],
            hosts=Hosts.all_at(platform.url),
        )


def test_what_is_registered_is_listed(client):
    makers = client.manufacturers().parties
    [person] = client.responsible_persons().parties
    charts = client.size_charts().charts

    assert len(makers) == 2
    assert all(maker.profiles[0].name for maker in makers)
    assert person.profiles[0].address.endswith("Germany")
    assert len(charts) == 3
    assert all(chart.name and chart.image_urls for chart in charts)
    [found] = client.size_charts(keyword="shoes").charts
    assert found in charts


def test_a_document_is_kept_by_its_name(client):
    kept = client.upload_document(PDF, name="Prüfbericht.pdf")

    assert (kept.name, kept.format) == ("Prüfbericht.pdf", "PDF")
    with pytest.raises(RequestRefused, match="uploaded file is not accepted"):
        client.upload_document(b"GIF89a", name="a.pdf")
