"""Which variant of one product each SKU of a listing is: by SKU, barcode, or the words
that set variants apart. What does not tell stays open: nothing is guessed."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from apps.products.matching.codes import gtin_of, sku_of
from apps.products.models import ListingSku, Variant

_WORDS = re.compile(r"[^\W_]+")


def tell_apart(
    skus: Sequence[ListingSku], variants: Sequence[Variant]
) -> dict[int, int]:
    """{listing SKU: variant} of those that are clear; each evidence on its own names
    one variant, and none speaks against another."""
    readers: list[_Reader] = [
        _reader(variants, lambda row: sku_of(row.sku).casefold(), _seller_sku),
        _reader(variants, lambda row: gtin_of(row.barcode), _barcode),
        _reader(
            variants, lambda row: _words(row.name), lambda sku: _words(sku.variation)
        ),
    ]
    if len(skus) == 1 and len(variants) == 1:
        return {skus[0].pk: variants[0].pk}
    found = {}
    for sku in skus:
        named = {key for reader in readers for key in reader(sku)}
        if len(named) == 1:
            found[sku.pk] = named.pop()
    return found


_Reader = Callable[[ListingSku], Iterable[int]]


def _reader(
    variants: Sequence[Variant],
    of_variant: Callable[[Variant], str],
    of_sku: Callable[[ListingSku], str],
) -> _Reader:
    """Variants that say the same as a listing SKU; blanks say nothing."""
    index: dict[str, list[int]] = defaultdict(list)
    for variant in variants:
        index[of_variant(variant)].append(variant.pk)
    index.pop("", None)
    return lambda sku: index.get(of_sku(sku), ())


def _seller_sku(sku: ListingSku) -> str:
    return sku_of(sku.seller_sku).casefold()


def _barcode(sku: ListingSku) -> str:
    return gtin_of(sku.barcode)


def _words(text: str) -> str:
    """“M, Red” and “red / M” say the same."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(sorted(_WORDS.findall(plain)))
