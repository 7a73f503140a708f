"""What hangs on variants, so that they cannot be deleted."""

from collections.abc import Collection

from django.db.models import PROTECT

from apps.products.models import Variant

_WORDS = {
    "order_lines": ("order line", "order lines"),
    "listing_skus": ("SKU of a listing", "SKUs of listings"),
    "in_bundles": ("bundle", "bundles"),
}


def uses_of(variants: Collection[Variant]) -> str:
    """As “3 order lines and 1 bundle”; empty if nothing does.

    Asked of every table that refers to variants and refuses to lose them, also those
    of apps above this one. What is deleted together does not hold itself.
    """
    found = []
    for relation in Variant._meta.related_objects:
        if relation.on_delete is not PROTECT:
            continue
        rows = relation.related_model._default_manager.filter(
            **{f"{relation.field.name}__in": variants}
        )
        if relation.get_accessor_name() == "in_bundles":
            rows = rows.exclude(bundle__in=variants)
        if count := rows.count():
            found.append(f"{count:,} {_word(relation, count)}")
    return " and ".join(found)


def _word(relation: object, count: int) -> str:
    name = str(relation.get_accessor_name())  # type: ignore[attr-defined]
    options = relation.related_model._meta  # type: ignore[attr-defined]
    fallback = (str(options.verbose_name), str(options.verbose_name_plural))
    one, many = _WORDS.get(name, fallback)
    return one if count == 1 else many
