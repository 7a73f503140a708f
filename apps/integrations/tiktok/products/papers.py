"""Manufacturers, responsible persons, size charts and files, to our contracts.

Source: Partner Center, "Search Manufacturers" and "Search Responsible Persons"
(202501), "Search Size Charts" (202407), "Upload Product File" (202309).
"""

from collections.abc import Iterator, Mapping

from apps.integrations.contracts import (
    PartyPage,
    PartyProfile,
    RemoteParty,
    RemoteSizeChart,
    SizeChartPage,
    UploadedFile,
)
from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.reading import (
    JsonObject,
    enum_key,
    identifier,
    mapping,
    sequence,
    text,
    whole_number,
)

_OF_ONE_PRODUCT = "PRODUCT_SCOPED"
# An address in the order people read it.
_ADDRESS = (
    "street_address_line1",
    "street_address_line2",
    "postal_code",
    "city",
    "country",
)


def party_page_from_json(data: JsonObject, kind: str) -> PartyPage:
    """`kind` is "manufacturer" or "responsible_person"."""
    return PartyPage(
        parties=tuple(
            RemoteParty(remote_id, tuple(_profiles(row)))
            for row in _rows(data, f"{kind}s")
            if (remote_id := identifier(row, "id") or identifier(row, f"{kind}_id"))
        ),
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
    )


def size_chart_page_from_json(data: JsonObject) -> SizeChartPage:
    return SizeChartPage(
        charts=tuple(
            RemoteSizeChart(
                remote_id=remote_id,
                name=text(row, "template_name"),
                image_urls=tuple(
                    url for image in _rows(row, "images") if (url := text(image, "url"))
                ),
                is_reusable=enum_key(text(row, "size_chart_mode")) != _OF_ONE_PRODUCT,
            )
            for row in _rows(data, "size_chart")
            if (remote_id := identifier(row, "template_id"))
        ),
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
    )


def file_from_json(data: JsonObject, *, name: str, kind: str) -> UploadedFile:
    """`name` and `kind` are what was sent, for an answer that does not repeat them.

    Raises MalformedReply without the one thing a product cannot name a file without.
    """
    if not (remote_id := identifier(data, "id")):
        raise MalformedReply("TikTok Shop's answer does not name the file.")
    return UploadedFile(
        remote_id=remote_id,
        name=text(data, "name") or name,
        format=text(data, "format") or kind,
        url=text(data, "url"),
    )


def _profiles(row: JsonObject) -> Iterator[PartyProfile]:
    """One a language; where there are none, the row itself says who it is."""
    for profile in [*_rows(row, "regional_profiles")] or [row]:
        if name := text(profile, "name"):
            yield PartyProfile(
                name=name,
                locale=text(profile, "locale"),
                trade_name=text(profile, "registered_trade_name"),
                address=_address(profile),
            )


def _address(profile: JsonObject) -> str:
    """A manufacturer's is a text, a person's has parts, "-" where there is nothing."""
    parts = mapping(profile, "address")
    if not parts:
        return text(profile, "address")
    words = (text(parts, name) for name in _ADDRESS)
    return ", ".join(word for word in words if word.strip("-"))


def _rows(row: JsonObject, name: str) -> Iterator[JsonObject]:
    return (each for each in sequence(row, name) if isinstance(each, Mapping))
