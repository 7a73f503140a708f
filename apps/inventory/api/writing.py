"""From a body to a deed: SKUs become variants, a place is found, faults are named."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.exceptions import ValidationError

from apps.core.storing import portions
from apps.inventory.models import StockDocument
from apps.inventory.services.documents import Deed, Line
from apps.inventory.services.places import default_warehouse
from apps.products.models import Variant
from apps.products.services.skus import named
from apps.users.models import Client

_PREFIX = "api:"
LONGEST_KEY = 80 - len(_PREFIX)
_PORTION = 500  # a function call for each SKU is more to read than a number


def deed_from(kind: StockDocument.Kind, asked: dict[str, Any]) -> Deed:
    """What a checked body asks for. Raises ValidationError for SKUs that are not
    there."""
    client = asked["client"]
    lines = _lines_from(client, asked["lines"])
    return Deed(
        kind=kind,
        warehouse=asked.get("warehouse") or default_warehouse(client.pk),
        lines=lines,
        effective_at=asked.get("effective_at"),
        to_warehouse=asked.get("to_warehouse"),
        supplier=asked.get("supplier"),
        reason=asked.get("reason", ""),
        reference=asked.get("reference", ""),
        note=asked.get("note", ""),
        source=StockDocument.Source.API,
        key=stored_key(asked),
    )


def stored_key(asked: Mapping[str, Any]) -> str:
    """The caller's name for the deed, apart from those that pages and files give."""
    return f"{_PREFIX}{asked['key']}" if "key" in asked else ""


def told_key(key: str) -> str:
    """As the caller knows it; empty where no program gave it."""
    return key.removeprefix(_PREFIX) if key.startswith(_PREFIX) else ""


def _lines_from(client: Client, rows: Sequence[dict[str, Any]]) -> list[Line]:
    by_key = _by_key(client, [r["variant"] for r in rows if "variant" in r])
    by_sku = _by_sku(client, [r["sku"] for r in rows if "sku" in r])
    lines: list[Line] = []
    faults: dict[str, Any] = {}
    for number, row in enumerate(rows):
        is_key = "variant" in row
        found = by_key.get(row["variant"]) if is_key else by_sku.get(row["sku"].lower())
        if found is None:
            faults[str(number)] = _unknown(row)
        else:
            said = {name: row[name] for name in ("outcome", "note") if name in row}
            lines.append(Line(found, row["quantity"], **said))
    if faults:
        raise ValidationError({"lines": faults}, code="does_not_exist")
    return lines


def _unknown(row: dict[str, Any]) -> dict[str, str]:
    """A foreign one is told what a missing one is."""
    if "variant" in row:
        return {"variant": "There is nothing with this id."}
    return {"sku": f"There is no SKU “{row['sku']}”."}


def _by_key(client: Client, keys: Sequence[int]) -> dict[int, Variant]:
    return {
        row.pk: row
        for some in portions(sorted(set(keys)))
        for row in Variant.objects.filter(client=client, pk__in=some)
    }


def _by_sku(client: Client, skus: Sequence[str]) -> dict[str, Variant]:
    """{SKU in lower case: variant}"""
    return {
        row.sku.lower(): row
        for some in portions(sorted(set(skus)), _PORTION)
        for row in named(client.pk, some)
    }
