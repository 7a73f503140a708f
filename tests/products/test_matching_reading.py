"""What the engine reads in titles and variations."""

import pytest

from apps.products.matching.reading import read


def facet(text: str, name: str, *, in_variation: bool = False) -> set[int | str]:
    return set(read(text, in_variation=in_variation).facets.get(name, ()))


@pytest.mark.parametrize(
    ("text", "millilitres"),
    [
        ("500 ml", 500), ("500ML", 500), ("0.5 L", 500), ("0,5 l", 500), ("50 cl", 500),
        ("0,5 lít", 500), ("500มล.", 500), ("500 มิลลิลิตร", 500), ("1 ลิตร", 1000),
        ("๕๐๐ มล.", 500), ("1 Liter", 1000), ("1.000 ml", 1000), ("1,000 ml", 1000),
        ("1.5L", 1500), ("16.9 fl oz", 500), ("５００ ｍｌ", 500), ("500 cc", 500),  # noqa: RUF001
    ],
)  # fmt: skip
def test_volumes_are_the_same_in_all_spellings(text, millilitres):
    assert facet(text, "volume") == {millilitres * 1000}


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("250 g", 250), ("0.25kg", 250), ("250 gr", 250), ("250 gram", 250),
        ("250กรัม", 250), ("1 กก.", 1000), ("1.000 g", 1000), ("1.500 kg", 1500),
        ("2 Kilo", 2000), ("0.250 kg", 250),
    ],
)  # fmt: skip
def test_masses_are_the_same_in_all_spellings(text, grams):
    assert facet(text, "mass") == {grams * 1000}


@pytest.mark.parametrize(
    "text",
    [
        "2 Pack", "2-pack", "Pack of 2", "Set of 2", "2x Soap", "Soap x2", "Soap x 2",
        "2 pcs", "2 x 500 ml", "500ml x 2", "500 ml*2", "2er Pack", "2er-Set",
        "2 Stück", "Doppelpack", "Twin Pack", "Duo", "isi 2", "Paket isi 2",
        "2 buah", "Combo 2",
        "Bộ 2 chai", "2 cái", "แพ็ค 2", "แพ็ค 2 ชิ้น", "2ชิ้น", "เซ็ต 2 ชิ้น", "แพ็คคู่",
        "Buy 1 Get 1", "mua 1 tặng 1", "1 แถม 1", "1+1", "set of two",
    ],
)  # fmt: skip
def test_packs_of_two_are_the_same_in_all_spellings(text):
    assert facet(text, "pack") == {2}


@pytest.mark.parametrize(
    "text",
    [
        "Power Bank X2", "Lamp 30x40 cm", "Pods 2", "iPhone 15", "8+128 GB", "SPF 50+",
        "Gen 12 Phone", "2 in 1 Cleaner",
    ],
)  # fmt: skip
def test_models_and_measures_are_no_packs(text):
    assert facet(text, "pack") == set()


def test_a_model_before_a_pack_stays_a_model():
    for text in ("Lamp 57 6 Pack", "Lamp 57 Combo 6", "Lamp 57 Pack of 6", "57 x6"):
        assert facet(text, "pack") == {6}
        assert facet(text, "number") == {"57"}


@pytest.mark.parametrize("text", ["XXL", "2XL", "2xl", "Size XXL", "ไซส์ XXL"])
def test_sizes_are_the_same_in_all_spellings(text):
    assert facet(text, "size", in_variation=True) == {"2XL"}


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("T-Shirt Red M", {"M"}),
        ("T-Shirt Größe M Neu", {"M"}),
        ("T-Shirt XL", {"XL"}),
        ("M & M Chocolate", set()),
        ("Water 1 L", set()),
        ("Men's Shirt", set()),
        ("L-Carnitine Powder", set()),
    ],
)
def test_a_single_letter_in_a_title_is_a_size_only_where_sizes_stand(text, sizes):
    assert facet(text, "size") == sizes


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("Red", "red"), ("Rot", "red"), ("สีแดง", "red"), ("แดง", "red"), ("Đỏ", "red"),
        ("do", "red"), ("Merah", "red"), ("Merah Muda", "pink"), ("Hồng", "pink"),
        ("Biru Muda", "light blue"), ("hellblau", "light blue"), ("สีฟ้า", "light blue"),
        ("light-blue", "light blue"), ("Navy Blue", "navy"), ("Xanh lá cây", "green"),
        ("xanh la", "green"), ("Weiß", "white"), ("WEISS", "white"), ("Gray", "grey"),
    ],
)  # fmt: skip
def test_colours_are_the_same_in_all_languages(text, colour):
    assert facet(text, "colour", in_variation=True) == {colour}


@pytest.mark.parametrize(
    "title",
    ["Tasche für den Herren", "Face Cream", "Kem chống nắng", "Kaos Kaki", "To be or"],
)
def test_a_word_that_is_a_colour_elsewhere_is_none_in_such_a_title(title):
    assert facet(title, "colour") == set()


def test_models_are_read_the_same_with_and_without_spaces():
    assert read("WH-1000XM4").words == read("WH1000 XM4").words
    assert facet("iPhone15", "number") == facet("iPhone 15", "number") == {"15"}
    assert facet("Galaxy S24", "number") == facet("Galaxy S 24", "number") == {"s24"}
    assert facet("Galaxy S54", "number") != facet("Galaxy A54", "number")


def test_sides_are_the_same_in_any_order_and_spelling():
    spellings = ("30x40 cm", "30 x 40cm", "40×30 cm", "300x400 mm", "0,3 x 0,4 m")  # noqa: RUF001
    assert len({frozenset(facet(text, "extent")) for text in spellings}) == 1


def test_advertising_emoji_and_labels_say_nothing():
    reading = read("🔥 NEW!! [Free Shipping] ✨ 100% Original Mug Best Seller 🇹🇭")
    assert reading.words == ("mug",)
    assert reading.facets == {}
    assert facet("Mug 2024 New Arrival", "number") == set()
    assert read("Colour: Default", in_variation=True).words == ()


def test_a_variation_keeps_what_would_be_advertising_in_a_title():
    assert read("New", in_variation=True).words == ("new",)
    assert read("A", in_variation=True) != read("B", in_variation=True)


def test_a_variation_of_emoji_alone_is_told_by_them():
    assert facet("🔴", "sign", in_variation=True) == {"🔴"}
    assert facet("🔴 Red", "sign", in_variation=True) == set()


def test_thai_is_cut_at_the_words_that_decide():
    reading = read("ขายดีHalmoเสื้อฮู้ดเด็กสีเหลืองM")
    assert reading.words == ("halmo", "เสื้อฮู้ด")
    assert reading.facets["colour"] == {"yellow"}
    assert reading.facets["people"] == {"kids"}
    assert reading.facets["size"] == {"M"}


@pytest.mark.parametrize(
    "text", ["9" * 5000, "9" * 5000 + " pcs", "1.2.3.4.5", "\ud83d"]
)
def test_nonsense_is_read_without_trouble(text):
    read(text)
    read(text, in_variation=True)
