"""Pictures before they are sent: judged here, converted never."""

from typing import Any

import pytest
from django.core.files.base import ContentFile

from apps.integrations.tiktok.images import fetch_image
from apps.products.errors import PictureRefused
from apps.products.services.images import add_image
from apps.products.services.publishing import (
    descriptions,
    picture_places,
    pictures,
    preview,
    save,
    start_new,
)
from apps.products.services.publishing.channel import Channel
from tests.products.pictures import picture
from tests.products.publishing_support import (
    listed,
    make_sellable_product,
    open_shop,
    shown,
    with_stock,
)

HEIC = b"\0\0\0\x18ftypheic" + b"\0" * 40


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_pictures_of_these_kinds_are_taken(kind):
    size = pictures.judge(
        picture(kind, (600, 500)), picture_places.MAIN, "Main picture 1"
    )
    assert size == pictures.Size(600, 500)


def test_a_heic_picture_is_taken_unmeasured():
    assert pictures.judge(HEIC, picture_places.MAIN, "Main picture 1") is None


@pytest.mark.parametrize(
    ("use_case", "size", "is_fine"),
    [
        (picture_places.MAIN, (300, 300), True),
        (picture_places.MAIN, (299, 900), False),
        (picture_places.MAIN, (4000, 300), True),
        (picture_places.MAIN, (4001, 300), False),
        (picture_places.ATTRIBUTE, (100, 100), True),
        (picture_places.ATTRIBUTE, (99, 100), False),
        (picture_places.DESCRIPTION, (5000, 120), True),
        (picture_places.SIZE_CHART, (1024, 2000), True),
        (picture_places.SIZE_CHART, (1023, 2000), False),
    ],
)
def test_each_use_has_its_pixels(use_case, size, is_fine):
    content = picture("PNG", size)
    if is_fine:
        assert pictures.judge(content, use_case, "Here")
        return
    with pytest.raises(PictureRefused, match=f"Here.*{size[0]} x {size[1]} pixels"):
        pictures.judge(content, use_case, "Here")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JPEG"),
        (b"<svg></svg>", "no JPEG"),
        (b"%PDF-1.7", "no JPEG"),
        (picture("GIF", (400, 400)), "no JPEG"),
        (picture("PNG", (400, 400))[:20], "no JPEG"),
        (b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024), "10 MB"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(content, words):
    with pytest.raises(PictureRefused, match=words):
        pictures.judge(content, picture_places.MAIN, "Here")


def test_a_picture_of_far_too_many_pixels_is_not_opened():
    bomb = picture("PNG", (20_000, 1))
    # The head alone says 20,000 a side; nothing so large is unpacked to find out.
    head = bomb[:20] + (20_000).to_bytes(4, "big") + bomb[24:]
    with pytest.raises(PictureRefused):
        pictures.judge(head, picture_places.MAIN, "Here")


def test_pictures_are_found_wherever_a_listing_has_them():
    content: dict[str, Any] = {
        "main_images": [{"image": 1}, {"uri": "kept"}],
        "skus": [
            {
                "seller_sku": "A",
                "sales_attributes": [
                    {
                        "value_name": "Red",
                        "sku_img": {"from_url": "https://a/1"},
                        "supplementary_sku_images": [{"image": 2}],
                    }
                ],
            }
        ],
        "certifications": [{"id": "1", "images": [{"image": 3}]}],
        "size_chart": {"image": {"image": 4}},
    }
    seen = []

    def swap(found, use_case, place):
        seen.append((use_case, place))
        return {"uri": "new"}

    after = picture_places.swapped(content, swap)

    assert seen == [
        ("MAIN_IMAGE", "Main picture 1"),
        ("ATTRIBUTE_IMAGE", "Picture of Red"),
        ("ATTRIBUTE_IMAGE", "Picture of Red 1"),
        ("CERTIFICATION_IMAGE", "Certificate 1"),
        ("SIZE_CHART_IMAGE", "Size chart"),
    ]
    assert after["main_images"] == [{"uri": "new"}, {"uri": "kept"}]
    assert after["size_chart"] == {"image": {"uri": "new"}}
    assert content["main_images"][0] == {"image": 1}


def test_pictures_of_a_description_are_found_and_replaced():
    words = (
        "<p>A</p><img src=\"https://a/1.jpg?x=1&amp;y=2\" width='5'/>"
        "<IMG SRC='https://a/2.jpg'><img alt=x src=https://a/3.jpg>"
    )
    assert descriptions.pictures_in(words) == {
        "https://a/1.jpg?x=1&y=2",
        "https://a/2.jpg",
        "https://a/3.jpg",
    }
    new = descriptions.Picture("https://b/9.jpg", 640, 480)
    after = descriptions.with_pictures(words, {"https://a/1.jpg?x=1&y=2": new})
    assert '<img src="https://b/9.jpg" width="640" height="480" />' in after
    assert "https://a/2.jpg" in after
    assert "1.jpg" not in after


def test_plain_words_become_paragraphs_and_markup_stays():
    assert descriptions.as_html("One\n\n two < three ") == "<p>One</p><p>two  three</p>"
    assert descriptions.as_html("<ul><li>One</li></ul>") == "<ul><li>One</li></ul>"
    assert descriptions.as_html("") == ""


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_many_skus_show_is_fetched_and_sent_once(
    simulator, settings, monkeypatch
):
    settings.TIKTOK_IMAGE_HOSTS = [simulator.url]
    shop = open_shop(simulator, "GB")
    [picture_shown, *_] = shown(shop, listed(simulator, shop))["main_images"]
    red = {"from_url": picture_shown["urls"][0]}
    fetched, beats = [], []

    def fetch(address, **options):
        fetched.append(address)
        return fetch_image(address, **options)

    monkeypatch.setattr(pictures, "fetch_image", fetch)
    skus = [{"sales_attributes": [{"value_name": "Red", "sku_img": red}]}] * 5

    channel = Channel(shop, beat=lambda: beats.append(1))
    sent = pictures.upload_pictures(channel, {"skus": skus})

    uris = {sku["sales_attributes"][0]["sku_img"]["uri"] for sku in sent["skus"]}
    assert len(uris) == len(fetched) == 1
    # Fetching takes time, too, in which a run must show that it is alive.
    assert len(beats) == 2


@pytest.mark.django_db(transaction=True)
def test_the_dry_run_says_which_picture_is_too_small(simulator, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    shop = open_shop(simulator, "GB")
    product = make_sellable_product(shop)
    small, _ = add_image(
        product,
        ContentFile(picture(size=(200, 200)), "small.jpg"),
        variant=product.variants.first(),
    )
    draft = with_stock(start_new(shop, product, None))
    draft = save(draft, {"main_images": [{"image": small.pk}]})

    plan = preview(draft)

    [problem] = [each for each in plan.problems if each.field == "main_images"]
    assert "200 x 200" in problem.message
    assert not plan.can_be_sent
