"""Files of rates, as they are published and as they are damaged."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.rates import ecb, other
from apps.integrations.rates.quotes import Quote, UnreadableRates

CSV = (
    "Date,USD,JPY,LTL,\r\n"
    "2025-12-05,1.1645,181.02,N/A,\r\n"
    "2025-12-04,1.1670,180.5,N/A,\r\n"
)
XML = """<?xml version="1.0" encoding="UTF-8"?>
<g:Envelope xmlns:g="urn:g" xmlns="urn:r"><Cube>
<Cube time='2025-12-05'><Cube currency='USD' rate='1.1645'/>
<Cube currency='IDR' rate='19412.55'/></Cube>
<Cube time='2025-12-04'><Cube currency='USD' rate='1.1670'/></Cube>
</Cube></g:Envelope>"""


def quoted(content):
    return [
        (each.on.isoformat(), each.currency, each.per_euro)
        for each in ecb.parse(content)
    ]


def zipped(*names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, CSV)
    return packed.getvalue()


FROM_CSV = [
    ("2025-12-05", "USD", Decimal("1.1645")),
    ("2025-12-05", "JPY", Decimal("181.02")),
    ("2025-12-04", "USD", Decimal("1.1670")),
    ("2025-12-04", "JPY", Decimal("180.5")),
]


@pytest.mark.parametrize(
    "content",
    [CSV.encode(), b"\xef\xbb\xbf" + CSV.encode(), zipped("eurofxref-hist.csv")],
    ids=["csv", "with a BOM", "zip"],
)
def test_a_csv_of_the_ecb_is_read_but_for_its_gaps(content):
    assert quoted(content) == FROM_CSV


def test_an_xml_of_the_ecb_is_read():
    assert quoted(XML.encode()) == [
        ("2025-12-05", "USD", Decimal("1.1645")),
        ("2025-12-05", "IDR", Decimal("19412.55")),
        ("2025-12-04", "USD", Decimal("1.1670")),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "first column is not"),
        (b"Date,USD,\n", "names no rate"),
        (b"Day,USD\n2025-12-05,1.1\n", "first column is not"),
        (b"Date,Dollar\n2025-12-05,1.1\n", "“Dollar” is no currency"),
        (b"Date,USD\n05/12/2025,1.1\n", "no date as 2025-12-05"),
        (b"Date,USD\n2025-12-05,one\n", "“one” is no rate of USD"),
        (b"Date,USD\n2025-12-05,-1.1\n", "no rate of USD"),
        (b"Date,USD\n2025-12-05,NaN\n", "no rate of USD"),
        (b"Date,USD\n2025-12-05,0\n", "no rate of USD"),
        (b"\xff\xfe\x00", "not text"),
        (b"PK\x03\x04 broken", "cannot be opened"),
        (zipped("one.csv", "two.csv"), "does not hold one file"),
        (b"<Cube><Cube currency='USD' rate='1'/></Cube>", "before any day"),
        (b"<Cube", "not XML"),
        (
            b'<!DOCTYPE x [<!ENTITY a "b">]><Cube time="2025-12-05">&a;</Cube>',
            "declares entities",
        ),
    ],
)
def test_what_is_no_file_of_rates_says_what_is_wrong_with_it(content, words):
    with pytest.raises(UnreadableRates, match=words):
        ecb.parse(content)


@settings(max_examples=60)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_rates_or_refused(content):
    try:
        quotes = ecb.parse(content)
    except UnreadableRates:
        return
    assert quotes
    assert all(each.per_euro > 0 for each in quotes)


def test_the_second_source_tells_only_what_is_asked_of_it():
    content = b'{"date": "2025-12-05", "eur": {"vnd": 30512.4, "usd": 1.16}}'

    assert other.parse(content, {"VND", "LAK"}) == [
        Quote(date(2025, 12, 5), "VND", Decimal("30512.4"))
    ]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"date": "2025-12-05"}', b'{"date": "today", "eur": {}}']
)
def test_another_answer_of_the_second_source_is_refused(content):
    with pytest.raises(UnreadableRates):
        other.parse(content, {"VND"})


def test_the_smallest_file_that_reaches_back_far_enough_is_asked_for():
    assert [ecb.file_for(days) for days in (1, 3, 4, 89, 90, 400)] == [
        "eurofxref-daily.xml",
        "eurofxref-daily.xml",
        "eurofxref-hist-90d.xml",
        "eurofxref-hist-90d.xml",
        "eurofxref-hist.zip",
        "eurofxref-hist.zip",
    ]
