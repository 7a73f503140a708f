"""Titles alone: sure only when nearly everything agrees."""

import pytest

from apps.products.matching import SURE, Kind, Reason
from tests.products.matching_support import (
    make_channel,
    make_known,
    make_own,
    named,
    title_confidence,
    verdict_on,
)

SHIRT = "Helmo Oversized Cotton T-Shirt"


def test_a_title_is_sure_when_nearly_everything_agrees():
    channel = make_channel(
        title="🔥 NEW Cotton Oversized T Shirt HELMO Free Shipping",
        variation="Colour: Red, Size: M",
        price="12.00",
    )
    own = make_own(1, title=SHIRT, variation="M / Red", prices={"GBP": "11.90"})

    best = verdict_on(channel, own).best

    assert best is not None
    assert best.reason is Reason.TITLE
    assert best.confidence >= SURE
    assert best.sentence == "title 100 % alike, price alike"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Red / M", "Red / L"), ("Red / M", "Blue / M"), ("Red", "Red / M"),
        ("", "Red / M"), ("Red / M", ""), ("Light Blue", "Blue"), ("2XL", "3XL"),
        ("500 ml", "1 L"), ("500 ml", "500 g"), ("2 pack", "1 pack"), ("2 pack", ""),
        ("41", "42"), ("A", "B"), ("Rose", "Lavender"), ("Rose", ""), ("🔴", "🔵"),
        ("Black/White", "Black"), ("EU 42", "UK 42"), ("4-6 years", "6-8 years"),
        ("สีแดง", "สีฟ้า"), ("Đỏ", "Đen"), ("Merah Muda", "Merah"), ("Hellgrau", "Grau"),
    ],
)  # fmt: skip
def test_the_wrong_variation_is_never_sure(theirs, ours):
    assert title_confidence((SHIRT, theirs), (SHIRT, ours)) < SURE


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Lunika Soap Lavender 2x", "Lunika Soap Lavender"),
        ("Lunika Soap Lavender", "Lunika Soap Lavender Set of 2"),
        ("Lunika Soap Lavender Bundle", "Lunika Soap Lavender"),
        ("Lunika Soap + Lunika Lotion", "Lunika Soap"),
        ("Lunika Soap + Lotion", "Lunika Soap + Shampoo"),
        ("Voltro Case iPhone 15", "Voltro Case iPhone 14"),
        ("Voltro Case iPhone 15 Pro", "Voltro Case iPhone 15"),
        ("Voltro Galaxy A54 Case", "Voltro Galaxy S54 Case"),
        ("Norvia Steel Bottle 500 ml", "Norvia Steel Bottle 750 ml"),
        ("Norvia Lid for Steel Bottle", "Norvia Steel Bottle with Lid"),
        ("Lunika Shampoo ohne Parfüm", "Lunika Shampoo mit Parfüm"),
        ("Helmo Men's Cotton Shirt", "Helmo Women's Cotton Shirt"),
        ("Helmo Cotton Shirt", "Helma Cotton Shirt"),
        ("Lunika C Serum 10% 30 ml", "Lunika C Serum 20% 30 ml"),
        ("Homeo Curtain 180x180 cm", "Homeo Curtain 180x200 cm"),
        ("Shirt", "Shirt"),
        ("New 2025 Paper Diary Blue", "New 2024 Paper Diary Blue"),
        ("The 2025 Paper Diary Blue", "The 2024 Paper Diary Blue"),
    ],
)
def test_nearly_the_same_title_is_never_sure(theirs, ours):
    assert title_confidence((theirs, ""), (ours, "")) < SURE


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("พร้อมส่ง เสื้อยืดโอเวอร์ไซส์ผ้าฝ้าย Helmo", "Helmo เสื้อยืด โอเวอร์ไซส์ ผ้าฝ้าย"),
        ("Lunika แชมพูว่านหางจระเข้ 500มล.", "Lunika แชมพู ว่านหางจระเข้ 0.5 ลิตร"),
        ("Ao thun form rong Helmo", "Helmo Áo thun form rộng"),
        ("Edelstahltrinkflasche Norvia 500ml", "Norvia Edelstahl-Trinkflasche 0,5 l"),
        ("Kaos Katun Helmo isi 2 READY STOCK", "Helmo Kaos Katun 2 pcs"),
        ("Helmo Baju-T Kapas Longgar 💯", "Helmo Baju T Kapas Longgar"),
        ("ＮＯＲＶＩＡ Ｂｏｔｔｌｅ Steel ５００ｍｌ", "Norvia Steel Bottle 500 ml"),  # noqa: RUF001
    ],
)
def test_the_same_title_is_sure_in_all_languages(theirs, ours):
    assert title_confidence((theirs, ""), (ours, "")) >= SURE


def test_thai_without_spaces_is_found_when_its_parts_change_places():
    confidence = title_confidence(
        ("ขวดน้ำเก็บความเย็นสแตนเลส 500มล.", ""), ("ขวดน้ำสแตนเลสเก็บความเย็น 500 มล.", "")
    )
    assert 60 <= confidence < SURE


def test_a_slip_of_the_hand_is_suggested_but_not_sure():
    confidence = title_confidence(
        ("Norvia Stainles Steel Bottle 500 ml", ""),
        ("Norvia Stainless Steel Bottle 500 ml", ""),
    )
    assert 85 <= confidence < SURE


def test_two_variants_as_much_alike_are_a_conflict_never_a_pick():
    own = [
        make_own(key, title=SHIRT, variation=variation)
        for key, variation in ((1, "Red / M"), (2, "Red / L"), (3, "Blue / M"))
    ]

    assert named(verdict_on(make_channel(title=SHIRT), *own)) == {1, 2, 3}
    red = verdict_on(make_channel(title=SHIRT, variation="Red"), *own)
    assert red.kind is Kind.CONFLICT
    assert named(red) == {1, 2}


def test_rows_that_are_duplicates_are_a_conflict():
    own = [make_own(key, title=SHIRT, variation="Red / M") for key in (1, 2)]

    verdict = verdict_on(make_channel(title=SHIRT, variation="Red / M"), *own)

    assert verdict.kind is Kind.CONFLICT
    assert [c.confidence for c in verdict.candidates] == [50, 50]


def test_the_variation_picks_among_the_variants_of_a_product():
    sizes, colours = ("S", "M", "L", "XL"), ("Red", "Blue", "Navy", "Light Blue")
    own = [
        make_own(f"{colour} {size}", title=SHIRT, variation=f"{colour} / {size}")
        for size in sizes
        for colour in colours
    ]

    channel = make_channel(title=f"{SHIRT} Hot Sale", variation="XL, light-blue")

    verdict = verdict_on(channel, *own)
    assert named(verdict) == {"Light Blue XL"}
    assert verdict.best is not None
    assert verdict.best.confidence >= SURE


def test_bundles_and_singles_find_their_own():
    own = [
        make_own("one", title="Lunika Hand Soap 250 ml"),
        make_own("two", title="Lunika Hand Soap 250 ml 2 Pack", is_bundle=True),
        make_own("set", title="Lunika Hand Soap + Hand Cream Set", is_bundle=True),
    ]

    def found(title: str) -> set[object]:
        return set(named(verdict_on(make_channel(title=title), *own)))

    assert found("Hand Soap Lunika 250ml") == {"one"}
    assert found("2x Hand Soap Lunika 250ml") == {"two"}
    assert found("Lunika Hand Soap 0.25 L, twin pack") == {"two"}
    assert found("Bundle: Lunika Hand Soap + Hand Cream") == {"set"}
    assert found("Lunika Hand Soap 250 ml 3 Pack") == set()


def test_a_price_far_off_lowers_and_one_in_another_currency_says_nothing():
    own = make_own(1, title=SHIRT, variation="Red / M", prices={"GBP": "10"})

    def confidence(price: str, currency: str) -> int:
        channel = make_channel(
            title=SHIRT, variation="Red / M", price=price, currency=currency
        )
        best = verdict_on(channel, own).best
        assert best is not None
        return best.confidence

    assert confidence("10.50", "GBP") >= SURE
    assert confidence("35", "GBP") < SURE
    assert confidence("350000", "VND") == confidence("", "GBP") >= SURE
    assert confidence("0", "GBP") == confidence("NaN", "GBP") == confidence("", "GBP")


def test_a_price_alone_picks_no_duplicate_for_sure():
    own = [
        make_own(key, title=SHIRT, variation="Red / M", prices={"GBP": price})
        for key, price in ((1, "10"), (2, "40"))
    ]
    channel = make_channel(title=SHIRT, variation="Red / M", price="10")

    best = verdict_on(channel, *own).best

    assert best is not None
    assert best.variant_key == 1
    assert best.confidence < SURE


def test_another_brand_is_another_article():
    channel = make_channel(title="Cotton Hoodie Basic", brand="Helmo")
    own = make_own(1, title="Cotton Hoodie Basic", brand="Zentro")

    assert verdict_on(channel, own).kind is Kind.NONE


def test_a_brand_in_its_field_stands_for_one_in_the_title():
    channel = make_channel(title="Cotton Hoodie Basic Helmo", variation="M")
    own = make_own(1, title="Cotton Hoodie Basic", variation="M", brand="Helmo")

    best = verdict_on(channel, own).best

    assert best is not None
    assert best.confidence >= SURE


def test_a_title_matched_in_another_shop_speaks_for_the_variant():
    own = make_own(1, sku="A", title="Helmo T-Shirt Baumwolle", variation="Rot / M")
    known = make_known(
        1, seller_sku="TH-1", title="Helmo เสื้อยืด ผ้าฝ้าย", variation="แดง / M"
    )
    channel = make_channel(title="เสื้อยืด ผ้าฝ้าย Helmo พร้อมส่ง", variation="M แดง")

    best = verdict_on(channel, own, known=(known,)).best

    assert best is not None
    assert best.variant_key == 1
    assert "matched in another shop" in best.sentence


@pytest.mark.parametrize("title", ["", "🔥🔥", "NEW SALE", "500 ml", "+", "%"])
def test_titles_that_say_nothing_find_nothing(title):
    own = [make_own(1, title=title), make_own(2, title="Norvia Bottle 500 ml")]
    assert verdict_on(make_channel(title=title), *own).kind is Kind.NONE
