"""Which evidence names a variant, which contradicts, and what it is worth."""

import pytest

from apps.products.matching import SURE, Catalogue, Kind, Reason, suggest
from tests.products.matching_support import (
    make_channel,
    make_known,
    make_own,
    named,
    verdict_on,
)

EAN = "4006381333931"
OTHER_EAN = "5901234123457"


def test_the_same_sku_names_the_variant():
    verdict = verdict_on(
        make_channel(seller_sku=" TS-1 "),
        make_own(7, sku="TS-1"),
        make_own(8, sku="X-9"),
    )

    assert verdict.kind is Kind.SUGGESTED
    assert named(verdict) == {7}
    assert verdict.best is not None
    assert verdict.best.reason is Reason.SAME_SKU
    assert verdict.best.confidence >= SURE
    assert verdict.best.sentence == "same SKU"


@pytest.mark.parametrize("blank", ["", "  ", "N/A", "-", "none", "0", "—", "\u200b"])
def test_blanks_and_placeholders_match_nothing(blank):
    channel = make_channel(seller_sku=blank, barcode=blank)
    own = make_own(1, sku=blank, barcode=blank)
    known = make_known(1, seller_sku=blank, barcode=blank)

    assert verdict_on(channel, own, known=(known,)).kind is Kind.NONE


def test_one_sku_on_two_variants_is_a_conflict_of_both():
    own = [make_own(key, sku="TS-1", barcode=EAN if key == 2 else "") for key in (1, 2)]

    verdict = verdict_on(make_channel(seller_sku="TS-1", barcode=EAN), *own)

    assert verdict.kind is Kind.CONFLICT
    assert named(verdict) == {1, 2}
    assert all(Reason.SAME_SKU in c.reasons for c in verdict.candidates)
    assert sum(c.confidence for c in verdict.candidates) <= 100


def test_capital_letters_tell_skus_apart_only_where_a_client_has_both():
    both = [make_own("low", sku="ab1"), make_own("high", sku="AB1")]
    assert named(verdict_on(make_channel(seller_sku="AB1"), *both)) == {"high"}

    unsure = verdict_on(make_channel(seller_sku="Ab1"), *both)
    assert unsure.kind is Kind.CONFLICT
    assert named(unsure) == {"low", "high"}

    alone = verdict_on(make_channel(seller_sku="AB1"), both[0])
    exact = verdict_on(make_channel(seller_sku="ab1"), both[0])
    assert alone.best is not None
    assert exact.best is not None
    assert SURE <= alone.best.confidence < exact.best.confidence


def test_the_same_barcode_names_the_variant_in_any_length():
    verdict = verdict_on(make_channel(barcode=f"0{EAN}"), make_own(1, barcode=EAN))

    assert verdict.best is not None
    assert verdict.best.reason is Reason.SAME_BARCODE
    assert verdict.best.sentence == f"same barcode {EAN}"
    assert verdict.best.confidence >= SURE


@pytest.mark.parametrize("code", ["0000000000000", "1234567890128", "4006381333932"])
def test_invalid_and_placeholder_barcodes_match_nothing(code):
    verdict = verdict_on(make_channel(barcode=code), make_own(1, barcode=code))
    assert verdict.kind is Kind.NONE


def test_a_barcode_that_two_variants_share_is_a_conflict():
    own = [make_own(key, sku=f"A-{key}", barcode=EAN) for key in (1, 2)]

    verdict = verdict_on(make_channel(barcode=EAN), *own)

    assert verdict.kind is Kind.CONFLICT
    assert named(verdict) == {1, 2}


def test_an_sku_settles_which_variant_with_a_shared_barcode_is_meant():
    own = [make_own(key, sku=f"A-{key}", barcode=EAN) for key in (1, 2)]

    verdict = verdict_on(make_channel(seller_sku="A-2", barcode=EAN), *own)

    assert verdict.kind is Kind.SUGGESTED
    assert named(verdict) == {2}


def test_an_sku_and_a_barcode_of_different_variants_are_a_conflict_with_reasons():
    channel = make_channel(seller_sku="A", barcode=EAN)
    own = [make_own(1, sku="A", barcode=OTHER_EAN), make_own(2, sku="B", barcode=EAN)]

    verdict = verdict_on(channel, *own)

    assert verdict.kind is Kind.CONFLICT
    reasons = {c.variant_key: c.reason for c in verdict.candidates}
    assert reasons == {1: Reason.SAME_SKU, 2: Reason.SAME_BARCODE}
    assert verdict.candidates[0].variant_key == 1


@pytest.mark.parametrize("code", [{"seller_sku": "SHOP-77"}, {"barcode": EAN}])
def test_what_another_shop_matched_names_the_variant(code):
    known = make_known(2, **code)

    verdict = verdict_on(
        make_channel(**code), make_own(1, sku="A"), make_own(2, sku="B"), known=(known,)
    )

    assert verdict.best is not None
    assert verdict.best.variant_key == 2
    assert verdict.best.reason is Reason.MATCHED_ELSEWHERE
    assert verdict.best.confidence >= SURE
    assert "another shop" in verdict.best.sentence


def test_shops_that_disagree_are_a_conflict():
    known = tuple(make_known(key, seller_sku="SHOP-77") for key in (1, 2))

    verdict = verdict_on(
        make_channel(seller_sku="shop-77"), make_own(1), make_own(2), known=known
    )

    assert verdict.kind is Kind.CONFLICT
    assert named(verdict) == {1, 2}


def test_a_shop_that_disagrees_with_the_sku_is_a_conflict():
    verdict = verdict_on(
        make_channel(seller_sku="A"),
        make_own(1, sku="A"),
        make_own(2, sku="B"),
        known=(make_known(2, seller_sku="A"),),
    )

    assert verdict.kind is Kind.CONFLICT
    assert named(verdict) == {1, 2}


def test_a_mapping_to_a_variant_that_is_not_there_counts_for_nothing():
    verdict = verdict_on(
        make_channel(seller_sku="SHOP-77"),
        make_own(1, sku="A"),
        known=(make_known(99, seller_sku="SHOP-77"),),
    )

    assert verdict.kind is Kind.NONE


def test_short_numbers_of_another_shop_need_a_title_that_does_not_contradict():
    own = [
        make_own(1, title="Helmo Cotton Shirt", variation="Red / M"),
        make_own(2, title="Korani Coffee Beans 250 g"),
    ]
    known = make_known(2, seller_sku="12", title="Korani Coffee Beans 250 g")

    shirt = make_channel(
        seller_sku="12", title="Helmo Cotton Shirt", variation="Red / M"
    )
    silent = make_channel(seller_sku="12")

    assert named(verdict_on(shirt, *own, known=(known,))) == {1}
    assert named(verdict_on(silent, *own, known=(known,))) == {2}


def test_agreeing_evidence_is_worth_more_than_any_of_it():
    own = make_own(1, sku="A", barcode=EAN)
    only_sku = verdict_on(make_channel(seller_sku="A"), own).best
    both = verdict_on(make_channel(seller_sku="A", barcode=EAN), own).best

    assert both is not None
    assert only_sku is not None
    assert both.confidence > only_sku.confidence
    assert both.reasons == (Reason.SAME_SKU, Reason.SAME_BARCODE)


def test_one_seller_sku_on_several_listings_is_fine():
    channel = [make_channel(key=key, seller_sku="A") for key in ("x", "y")]

    verdicts = suggest(channel, [make_own(1, sku="A")])

    assert [named(verdicts[key]) for key in ("x", "y")] == [{1}, {1}]


def test_an_sku_whose_variation_differs_is_not_sure():
    channel = make_channel(seller_sku="A", title="Helmo Shirt", variation="Red / L")
    own = make_own(1, sku="A", title="Helmo Shirt", variation="Red / M")

    best = verdict_on(channel, own).best

    assert best is not None
    assert best.confidence < SURE
    assert best.sentence == "same SKU, but size differs"


def test_a_pack_sold_under_the_sku_of_the_single_is_not_sure():
    channel = make_channel(seller_sku="A", title="2x Lunika Soap 250 ml")
    own = make_own(1, sku="A", title="Lunika Soap 250 ml")

    best = verdict_on(channel, own).best

    assert best is not None
    assert best.confidence < SURE


def test_an_sku_pasted_into_the_wrong_row_is_a_conflict_with_the_right_one():
    own = [
        make_own(key, sku=f"S-{key}", title="Helmo Cotton Shirt", variation=variation)
        for key, variation in ((1, "Red / M"), (2, "Red / L"))
    ]
    channel = make_channel(
        seller_sku="S-1", title="Helmo Cotton Shirt", variation="L, Red"
    )

    verdict = verdict_on(channel, *own)

    assert verdict.kind is Kind.CONFLICT
    assert named(verdict) == {1, 2}


def test_an_sku_holds_for_a_title_in_another_language():
    channel = make_channel(seller_sku="A", title="เสื้อยืด ผ้าฝ้าย", variation="แดง / M")
    own = make_own(1, sku="A", title="Helmo Cotton T-Shirt", variation="Red / M")

    best = verdict_on(channel, own).best

    assert best is not None
    assert best.confidence >= SURE


def test_saying_no_pack_count_does_not_speak_against_an_sku():
    own = make_own(1, sku="SOAP-2", title="Lunika Soap 250 ml 2 Pack", is_bundle=True)
    channel = make_channel(seller_sku="SOAP-2", title="Lunika Soap 250 ml")

    best = verdict_on(channel, own).best
    assert best is not None
    assert best.confidence >= SURE

    single = make_own(2, sku="SOAP-1", title="Lunika Soap 250 ml")
    assert verdict_on(channel, own, single).kind is Kind.CONFLICT


def test_a_bundle_is_found_by_its_own_sku():
    own = [
        make_own(1, sku="SOAP", title="Lunika Soap"),
        make_own(2, sku="SOAP-2", title="Lunika Soap 2 Pack", is_bundle=True),
    ]

    verdict = verdict_on(make_channel(seller_sku="SOAP-2"), *own)

    assert named(verdict) == {2}
    assert verdict.best is not None
    assert verdict.best.confidence >= SURE


def test_one_key_for_two_rows_is_refused():
    with pytest.raises(ValueError, match="same key"):
        Catalogue([make_own(1), make_own(1)])
    with pytest.raises(ValueError, match="same key"):
        suggest([make_channel(key=1), make_channel(key=1)], [])


def test_nothing_against_nothing_is_nothing():
    assert suggest([], []) == {}
    assert suggest([make_channel(key=1)], [])[1].kind is Kind.NONE
    assert suggest([], [make_own(1)]) == {}
