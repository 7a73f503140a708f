"""Who an SKU or a barcode names: the strong reasons, with a word for staff."""

from collections import defaultdict
from collections.abc import Iterable, Sized
from dataclasses import dataclass
from typing import TypeVar

from apps.products.matching.codes import gtin_of, sku_of
from apps.products.matching.facts import ChannelSku, Key, Known, OwnVariant, Reason

_SAME_SKU, _SAME_BARCODE, _SAME_BUT_CASE, _ELSEWHERE = 99, 98, 97, 97
_MOST_NAMED = 20  # what names more variants than these tells none from another
_WEAK_CODE = 4  # digits; shops number their first thousand articles alike


_T = TypeVar("_T", bound=Sized)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for one variant. A weak one needs a title that agrees."""

    key: Key
    reason: Reason
    phrase: str
    confidence: int
    is_weak: bool = False


class CodeBook:
    """Own variants by SKU and barcode, and what other shops' SKUs were matched to."""

    def __init__(self, own: Iterable[OwnVariant], known: Iterable[Known]) -> None:
        self._skus: dict[str, list[Key]] = defaultdict(list)
        self._folded: dict[str, list[Key]] = defaultdict(list)
        self._barcodes: dict[str, list[Key]] = defaultdict(list)
        self._known_skus: dict[str, dict[Key, None]] = defaultdict(dict)
        self._known_barcodes: dict[str, dict[Key, None]] = defaultdict(dict)
        for variant in own:
            if sku := sku_of(variant.sku):
                self._skus[sku].append(variant.key)
                self._folded[sku.casefold()].append(variant.key)
            if gtin := gtin_of(variant.barcode):
                self._barcodes[gtin].append(variant.key)
        for mapping in known:
            if sku := sku_of(mapping.seller_sku):
                self._known_skus[sku.casefold()][mapping.variant_key] = None
            if gtin := gtin_of(mapping.barcode):
                self._known_barcodes[gtin][mapping.variant_key] = None
        _drop_worn(self._barcodes)
        _drop_worn(self._known_skus)
        _drop_worn(self._known_barcodes)

    def evidence(self, channel: ChannelSku) -> list[Evidence]:
        sku = sku_of(channel.seller_sku)
        gtin = gtin_of(channel.barcode)
        found = self._by_sku(sku) if sku else []
        found += [
            Evidence(
                key,
                Reason.SAME_BARCODE,
                f"same barcode {gtin.lstrip('0')}",
                _SAME_BARCODE,
            )
            for key in self._barcodes.get(gtin, ())
        ]
        elsewhere = dict.fromkeys(self._known_skus.get(sku.casefold(), ()), "SKU")
        for key in self._known_barcodes.get(gtin, ()):
            elsewhere.setdefault(key, "barcode")
        found += [
            Evidence(
                key,
                Reason.MATCHED_ELSEWHERE,
                f"matched in another shop by the same {what}",
                _ELSEWHERE,
                is_weak=what == "SKU" and _is_weak(sku),
            )
            for key, what in elsewhere.items()
        ]
        return found

    def _by_sku(self, sku: str) -> list[Evidence]:
        """By the SKU as it is written; only else by it without regard to case.

        Case tells SKUs apart where a client has both; where they have one, a seller
        who typed it in other letters means it, all but surely.
        """
        if keys := self._skus.get(sku):
            phrase, confidence = "same SKU", _SAME_SKU
        else:
            keys = self._folded.get(sku.casefold(), [])
            phrase, confidence = "same SKU but for capital letters", _SAME_BUT_CASE
        return [Evidence(key, Reason.SAME_SKU, phrase, confidence) for key in keys]


def _drop_worn(index: dict[str, _T]) -> None:
    """Without what stands on so many variants that it is no name of any."""
    for code in [code for code, keys in index.items() if len(keys) > _MOST_NAMED]:
        del index[code]


def _is_weak(sku: str) -> bool:
    return len(sku) <= 1 or (sku.isdigit() and len(sku) <= _WEAK_CODE)
