"""Products and their variants: made, changed, put away. All of a call or nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from apps.products.errors import CatalogueRefuses, ChangedMeanwhile, InUse
from apps.products.models import BundleComponent, Product
from apps.products.services.checks import VariantInput
from apps.products.services.images import forget_files
from apps.products.services.locking import still_there
from apps.products.services.staleness import mark_stale
from apps.products.services.usage import uses_of
from apps.products.services.variants import (
    check,
    check_own,
    lock,
    remove,
    update_columns,
    write_variants,
)
from apps.users.models import Client, User
from apps.users.services import audit

MOST_SAID = 40


def create_product(
    client: Client,
    values: Mapping[str, Any],
    variants: Sequence[VariantInput],
    *,
    actor: User | None = None,
    address: str | None = None,
) -> Product:
    """`values` are columns of Product. Raises ProductRefused, which says of each value
    what is wrong with it."""
    with _races_told(), transaction.atomic():
        check_own(lock(client.pk, None, variants), variants, ())
        checked = check(client, None, values, variants)
        product = Product.objects.create(client=client, **checked.values)
        write_variants(product, checked, {})
        audit.record(
            "created a product",
            product,
            actor=actor,
            client=client,
            address=address,
            skus=[each["sku"] for each, _ in checked.variants][:MOST_SAID],
        )
        mark_stale(client.pk)
    return product


def update_product(
    product: Product,
    values: Mapping[str, Any],
    variants: Sequence[VariantInput] = (),
    *,
    removed: Collection[int] = (),
    seen: datetime | None = None,
    actor: User | None = None,
    address: str | None = None,
) -> list[str]:
    """Change what is named, add variants without a key, remove those of `removed`.

    What changed, in words; nothing is written where nothing does. Raises as
    create_product, InUse for a variant that other things hang on, and
    ChangedMeanwhile where the product is no longer as it was at `seen`.
    """
    with _races_told(), transaction.atomic():
        product = still_there(Product.objects.select_for_update(no_key=True), product)
        if seen is not None and product.modified_at != seen:
            raise ChangedMeanwhile(
                "Somebody changed this product while you were at it. Open it again, "
                "and change what still has to be changed."
            )
        rows = lock(product.client_id, product, variants)
        check_own(rows, variants, removed)
        checked = check(product.client, product, values, variants, removed)
        said = update_columns(product, checked.values)
        # Bundles first: they hold what they are made of.
        going = sorted(removed, key=lambda key: not rows[key].is_bundle)
        said += [remove(rows[key]) for key in going]
        said += write_variants(product, checked, rows)
        if not said:
            return []
        product.save()
        audit.record(
            "changed a product",
            product,
            actor=actor,
            client=product.client,
            address=address,
            fields=_shortened(said),
        )
        mark_stale(product.client_id)
    return said


@transaction.atomic
def set_active(
    product: Product,
    *,
    is_active: bool,
    actor: User | None = None,
    address: str | None = None,
) -> bool:
    """Put a product away, with its history, or take it back; False where it is so."""
    product = still_there(Product.objects.select_for_update(no_key=True), product)
    if product.is_active == is_active:
        return False
    product.is_active = is_active
    product.save(update_fields=["is_active", "modified_at"])
    audit.record(
        "restored a product" if is_active else "archived a product",
        product,
        actor=actor,
        client=product.client,
        address=address,
    )
    mark_stale(product.client_id)
    return True


def delete_product(
    product: Product, *, actor: User | None = None, address: str | None = None
) -> None:
    """For what was made by mistake. Raises InUse, which says what hangs on it."""
    with _races_told(), transaction.atomic():
        product = still_there(Product.objects.select_for_update(), product)
        variants = product.variants.select_for_update().order_by("pk")
        if uses := uses_of(list(variants)):
            raise InUse(
                f"{product} stays, because it is in use: {uses}. Archive it instead."
            )
        forget_files(product.images.all())
        audit.record(
            "deleted a product",
            product,
            actor=actor,
            client=product.client,
            address=address,
            skus=[row.sku for row in variants][:MOST_SAID],
        )
        BundleComponent.objects.filter(bundle__product=product).delete()
        product.delete()
        mark_stale(product.client_id)


def _shortened(said: Sequence[str]) -> list[str]:
    more = len(said) - MOST_SAID
    rest = [f"… and {more} more"] if more > 0 else []
    return [each[:300] for each in said[:MOST_SAID]] + rest


@contextmanager
def _races_told() -> Iterator[None]:
    """What constraints refuse, because somebody was faster, in words."""
    try:
        yield
    except IntegrityError as error:
        if "variant_sku_unique" in str(error):
            told = "Somebody has just given one of these SKUs to another variant."
        else:
            told = "Somebody has just changed the same thing."
        raise CatalogueRefuses(f"{told} Look again.") from error
