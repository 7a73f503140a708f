"""Pictures: which are taken, what is left of them, and who gets to see them."""

import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from django.test import Client as Browser
from django.urls import reverse
from PIL import Image

from apps.products.errors import PictureRefused
from apps.products.models import ProductImage
from apps.products.services.catalogue import delete_product
from apps.products.services.images import (
    MOST_PICTURES,
    add_image,
    delete_image,
    move_image,
    read_image,
    show_variant,
)
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.products import make_product, make_variant
from tests.factories.users import make_client, make_user
from tests.products.pictures import PLACE, photo, picture, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def product():
    return make_product()


def files(media) -> list[str]:
    return sorted(str(p.relative_to(media)) for p in media.rglob("*") if p.is_file())


def opened(image: ProductImage) -> Image.Image:
    return Image.open(io.BytesIO(read_image(image)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_a_picture_is_kept_under_a_name_of_ours(product, media, kind):
    content = picture(kind)

    image, is_new = add_image(product, upload(content, "../../evil.php"))

    assert is_new
    assert (image.width, image.height, image.position) == (400, 300, 0)
    assert image.client == product.client
    assert str(image.file.name).startswith(f"products/{product.client_id}/")
    assert files(media) == [image.file.name]
    assert opened(image).format == kind
    assert image.size_bytes == len(read_image(image))
    assert AuditEntry.objects.get().target_id == str(product.pk)


def test_the_same_picture_again_changes_nothing(product, media):
    first, _ = add_image(product, upload(photo()))

    again, is_new = add_image(product, upload(photo(), "other-name.jpg"))

    assert (again, is_new) == (first, False)
    assert len(files(media)) == 1
    # For a variant it is another picture.
    variant = make_variant(product)
    assert add_image(product, upload(photo()), variant=variant)[1]
    assert len(files(media)) == 2


def test_where_and_with_what_it_was_taken_is_forgotten(product):
    assert b"Camera of somebody" in photo()

    image, _ = add_image(product, upload(photo() + b"and a film behind it"))

    content = read_image(image)
    for trace in (b"Exif", b"Camera", b"taken at home", b"a film"):
        assert trace not in content
    assert not opened(image).getexif().get_ifd(PLACE)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_forget_it_too(product, kind):
    exif = Image.Exif()
    exif[0x0110] = "Camera of somebody"
    content = picture(kind, exif=exif)
    assert b"Camera" in content

    image, _ = add_image(product, upload(content))

    assert b"Camera" not in read_image(image)


def test_a_picture_taken_sideways_is_turned_upright(product):
    image, _ = add_image(product, upload(photo(6, (400, 300))))

    assert (image.width, image.height) == (300, 400)
    assert opened(image).size == (300, 400)


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 4,000 times 200,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return (
            struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))
        )

    header = struct.pack(">IIBBBBB", 4_000, 200_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


def moving() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (400, 400), c) for c in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=99)
    return out.getvalue()


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture that can be read"),
        (b"<script>alert(1)</script>", "no picture that can be read"),
        (picture("GIF"), "Use JPG, PNG, WEBP or BMP"),
        (picture("TIFF"), "Use JPG, PNG, WEBP or BMP"),
        (HEIC, "HEIC pictures, as telephones take them"),
        (picture()[:400], "damaged or cut off"),
        (picture("PNG")[:-60], "damaged or cut off"),
        (picture(size=(299, 400)), "299 x 400 pixels; TikTok takes 300 to 4,000"),
        (picture("PNG", (4_001, 300)), "takes 300 to 4,000"),
        (bomb(), "pixels"),
        (moving(), "stands still"),
        (b"\xff\xd8" + b"\0" * (10 * 1024 * 1024), "larger than 10 MB"),
    ],
)
def test_what_is_no_picture_for_the_platform_is_refused(product, media, content, words):
    with pytest.raises(PictureRefused, match=words):
        add_image(product, upload(content, "lamp.jpg"))

    assert files(media) == []
    assert not ProductImage.objects.exists()


def test_a_photograph_with_others_behind_it_is_a_photograph(product):
    """As telephones save it: it does not move."""
    behind = Image.new("RGB", (400, 300), "red")
    content = picture("MPO", save_all=True, append_images=[behind])

    image, _ = add_image(product, upload(content))

    kept = opened(image)
    assert (kept.format, getattr(kept, "n_frames", 1)) == ("JPEG", 1)
    assert len(read_image(image)) < len(content)


def test_a_variants_picture_may_be_smaller_and_larger(product):
    variant = make_variant(product)

    add_image(product, upload(picture(size=(100, 100))), variant=variant)
    add_image(product, upload(picture("PNG", (5_000, 200))), variant=variant)
    with pytest.raises(PictureRefused, match="100 to 20,000"):
        add_image(product, upload(picture(size=(99, 100))), variant=variant)
    with pytest.raises(PictureRefused, match="belongs to another product"):
        add_image(product, upload(picture()), variant=make_variant())


def test_there_is_an_end_to_the_pictures_of_a_product(product, media):
    for number in range(MOST_PICTURES):
        ProductImage.objects.create(
            client=product.client,
            product=product,
            sha256=str(number),
            width=1,
            height=1,
            size_bytes=1,
        )

    with pytest.raises(PictureRefused, match="at most 40"):
        add_image(product, upload(picture()))
    assert files(media) == []


def test_pictures_change_places(product):
    a, b, c = (
        add_image(product, upload(picture(colour=each)))[0]
        for each in ("red", "green", "blue")
    )

    assert move_image(c, earlier=True)
    assert list(product.images.all()) == [a, c, b]
    assert move_image(a, earlier=False)
    assert list(product.images.all()) == [c, a, b]
    assert not move_image(c, earlier=True)
    assert not move_image(b, earlier=False)


def test_a_picture_is_said_to_show_a_variant(product):
    image, _ = add_image(product, upload(picture()))
    variant = make_variant(product)

    assert show_variant(image, variant)
    assert not show_variant(image, variant)
    with pytest.raises(PictureRefused, match="another product"):
        show_variant(image, make_variant())
    add_image(product, upload(picture()))
    with pytest.raises(PictureRefused, match="has this picture already"):
        show_variant(image, None)

    image.refresh_from_db()
    assert image.variant == variant


def test_the_file_goes_with_its_row_and_not_before(
    product, media, django_capture_on_commit_callbacks
):
    image, _ = add_image(product, upload(picture()))
    add_image(product, upload(picture(colour="red")))

    with django_capture_on_commit_callbacks() as waiting:
        delete_image(image)
        assert len(files(media)) == 2
    for callback in waiting:
        callback()
    assert len(files(media)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        delete_image(image)
        delete_product(product)
    assert files(media) == []


def browser_of(*clients, role=Role.CREATOR_PARTNER) -> Browser:
    browser = Browser()
    browser.force_login(make_user(clients=clients, role=role))
    return browser


def address(image, name="image") -> str:
    return reverse(f"products:{name}", args=[image.pk])


@pytest.mark.parametrize("name", ["image", "thumb"])
def test_a_picture_is_shown_to_whoever_sees_the_product(product, name):
    image, _ = add_image(product, upload(picture("PNG")))
    browser = browser_of(product.client)

    answer = browser.get(address(image, name))

    assert answer.status_code == 200
    shown = Image.open(io.BytesIO(answer.content))
    kinds = {"image": ("image/png", 400), "thumb": ("image/jpeg", 160)}
    assert (answer["Content-Type"], shown.width) == kinds[name]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    again = browser.get(address(image, name), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["image", "thumb"])
def test_a_foreign_picture_is_like_one_that_is_not_there(product, name):
    image, _ = add_image(product, upload(picture()))
    outsider = browser_of(make_client())
    etag = f'"{image.sha256}"'

    foreign = outsider.get(address(image, name), headers={"If-None-Match": etag})
    delete_image(image)
    gone = outsider.get(address(image, name), headers={"If-None-Match": etag})

    assert foreign.status_code == gone.status_code == 404
    assert "ETag" not in foreign
    assert Browser().get(address(image, name)).status_code == 302


def test_a_picture_whose_file_is_lost_is_not_found(product, media):
    image, _ = add_image(product, upload(picture()))
    default_storage.delete(str(image.file.name))

    for name in ("image", "thumb"):
        assert browser_of(product.client).get(address(image, name)).status_code == 404
