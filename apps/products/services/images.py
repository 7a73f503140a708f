"""Pictures of products, of the whole or a variant: in the media store, in an order.

A file belongs to one row and goes with it, once the row is surely gone.
"""

import io
from collections.abc import Iterable
from functools import partial
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from apps.products.errors import PictureRefused
from apps.products.models import Product, ProductImage, Variant
from apps.products.services.locking import still_there
from apps.products.services.pictures import Picture, read_picture, thumbnail_of
from apps.users.models import User
from apps.users.services import audit

MOST_PICTURES = 40


def add_image(
    product: Product,
    file: IO[bytes],
    *,
    variant: Variant | None = None,
    actor: User | None = None,
    address: str | None = None,
) -> tuple[ProductImage, bool]:
    """The picture at the end of the product's, and whether it is new: the same one
    again changes nothing. Raises PictureRefused."""
    _check_own(product, variant)
    picture = read_picture(file, is_main=variant is None)
    known = _same(product, variant, picture)
    if known is not None:
        return known, False
    name = default_storage.save(
        f"products/{product.client_id}/{picture.sha256[:32]}.{picture.extension}",
        ContentFile(picture.content),
    )
    try:
        return _add_row(product, variant, picture, name, actor, address), True
    except BaseException as error:
        default_storage.delete(name)
        known = _same(product, variant, picture)
        if isinstance(error, IntegrityError) and known is not None:
            return known, False  # somebody uploaded it at the same moment
        raise


@transaction.atomic
def move_image(image: ProductImage, *, earlier: bool) -> bool:
    """One place to the front or to the back; False where it stands there already."""
    product = still_there(Product.objects.select_for_update(no_key=True), image.product)
    row = list(product.images.order_by("position", "pk"))
    at = row.index(still_there(ProductImage.objects.all(), image))
    to = at - 1 if earlier else at + 1
    if not 0 <= to < len(row):
        return False
    row[at], row[to] = row[to], row[at]
    for place, each in enumerate(row):
        if each.position != place:
            each.position = place
            each.save(update_fields=["position", "modified_at"])
    return True


@transaction.atomic
def show_variant(
    image: ProductImage,
    variant: Variant | None,
    *,
    actor: User | None = None,
    address: str | None = None,
) -> bool:
    """Let a picture be that of one variant, or (None) of the whole product; False
    where it is. Raises PictureRefused where that one has the same picture."""
    image = still_there(ProductImage.objects.select_for_update(), image)
    _check_own(image.product, variant)
    if image.variant_id == (variant.pk if variant else None):
        return False
    if ProductImage.objects.filter(
        product=image.product_id, variant=variant, sha256=image.sha256
    ).exists():
        raise PictureRefused(f"{variant or 'The product'} has this picture already.")
    image.variant = variant
    image.save(update_fields=["variant", "modified_at"])
    _note("changed a picture", image, actor, address, shows=str(variant or "product"))
    return True


@transaction.atomic
def delete_image(
    image: ProductImage, *, actor: User | None = None, address: str | None = None
) -> None:
    """Repeating it changes nothing."""
    found = ProductImage.objects.select_for_update().filter(pk=image.pk)
    for row in found.select_related("product"):
        forget_files([row])
        _note("deleted a picture", row, actor, address)
        row.delete()


def forget_files(images: Iterable[ProductImage]) -> None:
    """Delete their files, if the transaction at hand goes well."""
    for image in images:
        if image.file.name:
            transaction.on_commit(partial(_delete_files, image.file.name), robust=True)


def read_image(image: ProductImage) -> bytes:
    """Raises OSError where the picture's file is gone."""
    with default_storage.open(str(image.file.name)) as file:
        return bytes(file.read())


def thumbnail_name(image: ProductImage) -> str:
    """Where the small picture stands; it is made when first asked for."""
    return f"{image.file.name}.thumb.jpg"


def read_thumbnail(image: ProductImage) -> bytes:
    """Raises OSError where the picture's file is gone."""
    name = thumbnail_name(image)
    if default_storage.exists(name):
        with default_storage.open(name) as stored:
            return bytes(stored.read())
    content = thumbnail_of(io.BytesIO(read_image(image)))
    stored_as = default_storage.save(name, ContentFile(content))
    if stored_as != name:  # somebody else made it at the same moment
        default_storage.delete(stored_as)
    return content


@transaction.atomic
def _add_row(
    product: Product,
    variant: Variant | None,
    picture: Picture,
    name: str,
    actor: User | None,
    address: str | None,
) -> ProductImage:
    product = still_there(Product.objects.select_for_update(no_key=True), product)
    places = list(product.images.values_list("position", flat=True))
    if len(places) >= MOST_PICTURES:
        raise PictureRefused(f"A product has at most {MOST_PICTURES} pictures.")
    image = ProductImage.objects.create(
        client_id=product.client_id,
        product=product,
        variant=variant,
        file=name,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        size_bytes=len(picture.content),
        position=max(places, default=-1) + 1,
    )
    _note("added a picture", image, actor, address)
    return image


def _same(
    product: Product, variant: Variant | None, picture: Picture
) -> ProductImage | None:
    rows = ProductImage.objects.filter(product=product, variant=variant)
    return rows.filter(sha256=picture.sha256).first()


def _check_own(product: Product, variant: Variant | None) -> None:
    if variant is not None and variant.product_id != product.pk:
        raise PictureRefused("That variant belongs to another product.")


def _delete_files(name: str) -> None:
    default_storage.delete(name)
    default_storage.delete(f"{name}.thumb.jpg")


def _note(
    verb: str,
    image: ProductImage,
    actor: User | None,
    address: str | None,
    **details: Any,
) -> None:
    """In the product's own history."""
    audit.record(
        verb,
        image.product,
        actor=actor,
        client=image.client,
        address=address,
        picture=image.pk,
        **details,
    )
