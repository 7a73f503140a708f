"""SKUs and barcodes as they can be compared."""

import pytest

from apps.products.matching.codes import gtin_of, sku_of


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\t\n", "\u00a0", "\u200b", "N/A", "n.a.", "#N/A", "-", "--", "—", "_",
        "none", " None ", "NULL", "nan", "0", "000", "0-0", "x", "TBD", "no sku", "?",
        "undefined", "tidak ada", "không có", "ไม่มี", "kein", "default",
    ],
)  # fmt: skip
def test_what_only_fills_a_field_is_no_sku(text):
    assert sku_of(text) == ""


@pytest.mark.parametrize("text", ["A", "1", "00-1", "none-1", "XL", "na12", "0A", "กข"])
def test_short_skus_are_skus(text):
    assert sku_of(text) == text


@pytest.mark.parametrize(
    "text",
    ["AB-1", " AB-1 ", "AB-1\u200b", "\ufeffAB-1", "ＡＢ－１", "\u00a0AB-1\n"],  # noqa: RUF001
)
def test_an_sku_is_the_same_however_it_is_padded(text):
    assert sku_of(text) == "AB-1"


def test_upper_and_lower_case_stay_apart():
    assert sku_of("ab-1") != sku_of("AB-1")


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("4006381333931", "04006381333931"),
        ("04006381333931", "04006381333931"),
        (" 4006381 333931 ", "04006381333931"),
        ("4-006381-333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("0036000291452", "00036000291452"),
        ("36000291452", "00036000291452"),
        ("73513537", "00000073513537"),
        ("๔๐๐๖๓๘๑๓๓๓๙๓๑", "04006381333931"),
        ("9783161484100", "09783161484100"),
        ("316148410X", "09783161484100"),
        ("978-3-16-148410-0", "09783161484100"),
    ],
)
def test_a_gtin_is_the_same_in_all_its_lengths(text, gtin):
    assert gtin_of(text) == gtin


def test_a_carton_is_not_what_it_holds():
    assert gtin_of("14006381333938") != gtin_of("4006381333931")
    assert gtin_of("14006381333938")


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "N/A", "0", "0000", "00000000", "0000000000000", "00000000000000",
        "1111111111116", "1234567890128", "0123456789012", "12345670", "0000000000017",
        "4006381333932", "400638133393", "40063813339310", "4006381333931A",
        "4.00638E+12", "123", "²", "400638133393①②", "0000000000",
    ],
)  # fmt: skip
def test_what_is_no_valid_gtin_or_stands_for_nothing_is_none(text):
    assert gtin_of(text) == ""
