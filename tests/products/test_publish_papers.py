"""What the seller has registered, documents, and the names of brands."""

import io
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.integrations.contracts import (
    PartyPage,
    PartyProfile,
    RemoteBrand,
    RemoteParty,
    RemoteSizeChart,
    SizeChartPage,
)
from apps.integrations.errors import MalformedReply
from apps.platforms.models import Shop
from apps.products.errors import DraftRefuses
from apps.products.models import ListingDraft, ListingPayload
from apps.products.services.brand_names import brand_name, remember_brands
from apps.products.services.publishing import Channel, documents, parties
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing
from tests.products.publishing_support import open_shop

PDF = b"%PDF-1.7\nwhat a laboratory found\n%%EOF\n"


class Pages:
    """A platform that answers with these pages, whatever is asked for."""

    def __init__(self, *pages: Any) -> None:
        self.pages = {f"p{at}" if at else "": page for at, page in enumerate(pages)}

    def manufacturers(self, *, page_token: str = "") -> Any:
        return self.pages[page_token]

    responsible_persons = size_charts = manufacturers


def channel_to(platform: Any, region: str = "DE") -> Channel:
    channel = Channel(Shop(region=region))
    channel.clients["seller.product.basic"] = platform
    return channel


def party(remote_id: str, **names: str) -> RemoteParty:
    profiles = (
        PartyProfile(name, locale.replace("_", "-")) for locale, name in names.items()
    )
    return RemoteParty(remote_id, tuple(profiles))


# --- who answers


def test_all_pages_are_read_and_sorted_by_name():
    platform = Pages(
        PartyPage((party("1", de="Zimt"),), "p1"),
        PartyPage((party("2", de="anis"),), "p2"),
        PartyPage((party("3", de="Mohn"),)),
    )

    for listed in (parties.manufacturers, parties.responsible_persons):
        found = listed(channel_to(platform))
        assert [each.name for each in found] == ["anis", "Mohn", "Zimt"]


def test_pages_that_go_round_in_circles_end():
    platform = Pages(PartyPage((), "p1"), PartyPage((), "p1"))

    with pytest.raises(MalformedReply):
        parties.manufacturers(channel_to(platform))


@pytest.mark.parametrize(
    ("names", "region", "shown"),
    [
        ({"en": "Lamps", "de_DE": "Lampen"}, "DE", "Lampen"),
        ({"fr": "Lampes", "de": "Lampen"}, "DE", "Lampen"),
        ({"fr": "Lampes", "en": "Lamps"}, "DE", "Lamps"),
        ({"de": "Lampen", "en_IE": "Lamps"}, "IE", "Lamps"),
        ({"it": "Lampade"}, "DE", "Lampade"),
        ({}, "DE", "7"),
    ],
)
def test_a_name_is_in_the_regions_language_or_the_nearest(names, region, shown):
    platform = Pages(PartyPage((party("7", **names),)))

    [found] = parties.manufacturers(channel_to(platform, region))

    assert found.name == shown


def test_a_chart_made_for_one_product_is_offered_to_no_other():
    platform = Pages(
        SizeChartPage(
            (
                RemoteSizeChart("1", "Tops"),
                RemoteSizeChart("2", "One dress", is_reusable=False),
            )
        )
    )

    assert [each.name for each in parties.size_charts(channel_to(platform))] == ["Tops"]


# --- documents


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("C:\\papers\\Prüfbericht 12.PDF", "Prüfbericht 12.PDF"),
        ("../../etc/passwd", "passwd"),
        ("a\x00\nb\u202e.pdf", "ab.pdf"),
        ("", "document"),
        (".pdf", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_names_of_documents_are_plain(told, name):
    assert documents.document_name(told) == name


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n", "is no PDF"),
        (b" " * 2000 + PDF, "is no PDF"),
        (PDF + bytes(10 * 1024 * 1024), "more than 10 MB"),
    ],
)
def test_what_is_no_pdf_for_the_platform_is_not_sent(content, words):
    with pytest.raises(DraftRefuses, match=words):
        documents.upload_document(channel_to(None), io.BytesIO(content), "report.pdf")


@pytest.mark.django_db(transaction=True)
def test_a_document_is_named_as_a_listing_names_it(simulator):
    channel = Channel(open_shop(simulator, "DE"), urgent=True)

    kept = documents.upload_document(channel, io.BytesIO(PDF), "C:\\Prüfbericht")

    assert kept.keys() == {"id", "name", "format"}
    assert (kept["name"], kept["format"]) == ("Prüfbericht.pdf", "PDF")


# --- brands


@pytest.fixture
def shop(db):
    cache.clear()
    return make_shop()


def test_a_brand_is_called_as_the_listing_itself_has_it(shop):
    draft = ListingDraft(shop=shop, base={"brand": {"id": 7, "name": " Glow "}})

    assert brand_name(draft, "7") == "Glow"
    assert brand_name(draft, "8") == ""


def test_a_copy_knows_the_brand_of_what_it_was_copied_from(shop):
    listing = make_listing(shop)
    draft = ListingDraft(shop=shop, copied_from=listing)
    assert brand_name(draft, "7") == ""

    listing.payload = _payload(listing, {"brand": {"id": "7", "name": "Glow"}})

    assert brand_name(draft, "7") == "Glow"


@pytest.mark.parametrize("brand", [None, "Glow", [], {"name": "Glow"}, {"id": "7"}])
def test_an_odd_brand_has_no_name(shop, brand):
    assert brand_name(ListingDraft(shop=shop, base={"brand": brand}), "7") == ""


def test_what_a_search_told_is_remembered_in_that_shop(shop):
    remember_brands(shop, [RemoteBrand("7", "Glow"), RemoteBrand("8", "")])

    assert brand_name(ListingDraft(shop=shop), "7") == "Glow"
    assert brand_name(ListingDraft(shop=shop), "8") == ""
    assert brand_name(ListingDraft(shop=make_shop()), "7") == ""


def _payload(listing: Any, body: dict[str, Any]) -> Any:
    return ListingPayload.objects.create(
        listing=listing, body=body, received_at=timezone.now()
    )
