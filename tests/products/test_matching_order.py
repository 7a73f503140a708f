"""The same answers whatever the order, the batch or the size of the catalogue."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.products.matching import (
    Catalogue,
    ChannelSku,
    Key,
    Kind,
    Known,
    OwnVariant,
    suggest,
)
from benchmarks.matching.generator import labelled_set
from tests.products.matching_support import make_channel, make_known, make_own

WORDS = st.sampled_from(
    [
        "Helmo",
        "Soap",
        "Cotton",
        "Rose",
        "2x",
        "500ml",
        "1L",
        "M",
        "XL",
        "Red",
        "Set",
        "สีแดง",
        "เสื้อยืด",
        "Áo",
        "thun",
        "+",
        "15",
        "A54",
        "x",
    ]
)
TEXTS = st.lists(WORDS, max_size=5).map(" ".join)
SKUS = st.sampled_from(["", "N/A", "A-1", "a-1", "B-2", "12", " C "])
BARCODES = st.sampled_from(
    ["", "4006381333931", "04006381333931", "5901234123457", "0"]
)
PRICES = st.sampled_from(["", "9.90", "25"])


@st.composite
def shops(
    draw: st.DrawFn,
) -> tuple[list[ChannelSku], list[OwnVariant], list[Known]]:
    own = [
        make_own(
            key,
            sku=draw(SKUS),
            barcode=draw(BARCODES),
            title=draw(TEXTS),
            variation=draw(TEXTS),
            prices={"GBP": price} if (price := draw(PRICES)) else {},
            is_bundle=draw(st.booleans()),
        )
        for key in range(draw(st.integers(0, 6)))
    ]
    channel = [
        make_channel(
            key=f"c{number}",
            seller_sku=draw(SKUS),
            barcode=draw(BARCODES),
            title=draw(TEXTS),
            variation=draw(TEXTS),
            price=draw(PRICES),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    known = [
        make_known(
            draw(st.integers(0, 7)),
            seller_sku=draw(SKUS),
            barcode=draw(BARCODES),
            title=draw(TEXTS),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    return channel, own, known


@settings(max_examples=150, deadline=None)
@given(shops(), st.randoms(use_true_random=False))
def test_order_changes_nothing(shop, dice):
    channel, own, known = shop
    expected = suggest(channel, own, known)

    for rows in (channel, own, known):
        dice.shuffle(rows)

    assert suggest(channel, own, known) == expected


@settings(max_examples=150, deadline=None)
@given(shops())
def test_verdicts_keep_their_promises(shop):
    channel, own, known = shop
    keys: set[Key] = {variant.key for variant in own}

    for sku, verdict in zip(
        channel, suggest(channel, own, known).values(), strict=True
    ):
        named = [candidate.variant_key for candidate in verdict.candidates]
        assert set(named) <= keys
        assert len(named) == len(set(named))
        confidences = [candidate.confidence for candidate in verdict.candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 100 for confidence in confidences)
        assert all(c.reasons and c.sentence for c in verdict.candidates)
        if verdict.kind is Kind.NONE:
            assert named == []
        elif verdict.kind is Kind.SUGGESTED:
            assert len(named) == 1
        else:
            assert len(named) > 1
            assert sum(confidences) <= 100
        assert suggest([sku], own, known)[sku.key] == verdict


def test_a_large_shop_in_another_order_gets_the_same_answers():
    labelled = labelled_set(seed=5, size=600)
    expected = suggest(labelled.channel, labelled.own, labelled.known)

    turned = suggest(labelled.channel[::-1], labelled.own[::-1], labelled.known[::-1])

    assert turned == expected


def test_work_grows_with_the_listings_not_with_listings_times_variants():
    titles = [f"Poster {number}" for number in range(1_500)]
    own = [make_own(key, title=title) for key, title in enumerate(titles)]
    same = [replace(variant, title="Cotton summer shirt") for variant in own]
    for variants in (own, same):
        catalogue = Catalogue(variants)
        for variant in variants:
            catalogue.verdict(make_channel(title=variant.title))
        assert catalogue.work.texts + catalogue.work.variants <= 60 * len(variants)


def test_what_stands_on_very_many_variants_names_none_of_them():
    """Else each listing with it would have all of them for rivals."""
    own = [
        make_own(n, barcode="4006381333931", title=f"Enamel mug motif {n:03}")
        for n in range(60)
    ]
    known = [make_known(n, seller_sku="MUG-ALL") for n in range(60)]
    catalogue = Catalogue(own, known)

    worn = {"seller_sku": "MUG-ALL", "barcode": "4006381333931"}
    told = catalogue.verdict(make_channel(title="Enamel mug motif 007", **worn))
    untold = catalogue.verdict(make_channel(title="Bath towel", **worn))

    assert told.best is not None
    assert (told.kind, told.best.variant_key) == (Kind.SUGGESTED, 7)
    assert untold.kind is Kind.NONE


def test_of_a_conflict_of_very_many_the_likeliest_are_named():
    own = [make_own(n, title="Cotton shirt for men, basic") for n in range(500)]

    verdict = suggest([make_channel(title="Cotton shirt for men, basic")], own)[1]

    assert verdict.kind is Kind.CONFLICT
    assert 2 <= len(verdict.candidates) <= 12
    assert sum(each.confidence for each in verdict.candidates) <= 100


def test_a_catalogue_that_learns_from_others_answers_like_a_new_one():
    data = labelled_set(3, 300)
    half = data.known[::2]
    first = Catalogue(data.own, data.known)
    for sku in data.channel:
        first.verdict(sku)

    second, new = first.knowing(half), Catalogue(data.own, half)

    for sku in data.channel:
        assert second.verdict(sku) == new.verdict(sku)
    third, all_known = first.knowing(data.known), Catalogue(data.own, data.known)
    for sku in data.channel:
        assert third.verdict(sku) == all_known.verdict(sku) == first.verdict(sku)
