"""How many SKUs, what they are called, their codes, their weights."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.integrations.tiktok.reading import mapping, sequence
from apps.products.services.publishing import limits
from apps.products.services.publishing.problems import Problem, advice
from apps.products.services.taxonomy_facts import Facts

Json = Mapping[str, Any]


def check_skus(
    content: Json, facts: Facts | None, region: str, *, is_new: bool
) -> Iterator[Problem]:
    skus = skus_of(content)
    most = limits.most_skus(region)
    if not skus:
        yield Problem("skus", "A listing needs at least one SKU.")
    elif len(skus) > most:
        yield Problem(
            "skus", f"There are {len(skus)} SKUs; {most} are allowed in this region."
        )
    must_be_named = is_new or (facts is not None and facts.rules.seller_sku_required)
    for position, sku in enumerate(skus):
        yield from _seller_sku(sku, position, must_be_named=must_be_named)
        yield from _code(sku, position)
    yield from _twice(skus)


def skus_of(content: Json) -> list[Json]:
    rows = sequence(content, "skus")
    return [row for row in rows if isinstance(row, Mapping)]


def place_of(sku: Json, position: int, field: str) -> str:
    """ "skus[LAMP-30].price": where a problem is, as people read it."""
    name = str(sku.get("seller_sku") or "").strip() or str(position + 1)
    return f"skus[{name}].{field}"


def _seller_sku(sku: Json, position: int, *, must_be_named: bool) -> Iterator[Problem]:
    name = str(sku.get("seller_sku") or "")
    field = place_of(sku, position, "seller_sku")
    if not name:
        words = "Give each SKU a seller SKU: it is what we know it by."
        yield Problem(field, words, is_error=must_be_named)
    elif len(name) > limits.LONGEST_SELLER_SKU:
        yield Problem(
            field,
            f"The seller SKU has {len(name)} characters; "
            f"{limits.LONGEST_SELLER_SKU} are allowed.",
        )
    if any(letter.isspace() for letter in name):
        yield Problem(field, f"The seller SKU “{name}” may not contain spaces.")


def _twice(skus: Sequence[Json]) -> Iterator[Problem]:
    names = Counter(str(sku.get("seller_sku") or "") for sku in skus)
    for name, count in names.items():
        if name and count > 1:
            yield Problem(
                f"skus[{name}].seller_sku",
                f"{count} SKUs are called “{name}”; each needs a name of its own.",
            )
    codes = Counter(
        str(mapping(sku, "identifier_code").get("code") or "") for sku in skus
    )
    for code, count in codes.items():
        if code and count > 1:
            yield Problem("skus", f"{count} SKUs have the barcode {code}.")


def _code(sku: Json, position: int) -> Iterator[Problem]:
    identifier = mapping(sku, "identifier_code")
    code, kind = str(identifier.get("code") or ""), identifier.get("type")
    field = place_of(sku, position, "identifier_code")
    if not code:
        return
    if not kind:
        yield Problem(field, f"Say what kind of barcode {code} is.")
    elif (lengths := limits.CODE_LENGTHS.get(str(kind))) is None:
        yield Problem(field, f"TikTok Shop knows no barcodes of the kind {kind}.")
    elif len(code) not in lengths:
        allowed = " or ".join(str(length) for length in lengths)
        yield Problem(field, f"{kind} {code} has {len(code)} digits, not {allowed}.")
    elif not code[:-1].isdigit():
        yield advice(field, f"{kind} {code} is not a number.")
