"""How the state of a level is put, and what can be done to stock from a page."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.inventory.models import StockDocument, StockLevel, Warehouse
from apps.products.models import Variant

Kind = StockDocument.Kind
DEEDS = (
    (Kind.RECEIPT, "Receive"),
    (Kind.COUNT, "Count"),
    (Kind.ADJUSTMENT, "Adjust"),
    (Kind.TRANSFER, "Transfer"),
)
DEEDS_OF_A_SKU = (*DEEDS, (Kind.QUARANTINE, "Quarantine"), (Kind.HOLD, "Hold"))


def units(count: int) -> SafeString:
    kind = "money minus" if count < 0 else "money"
    return format_html('<span class="{}">{}</span>', kind, f"{count:,}")


def state_badges(level: StockLevel) -> list[SafeString]:
    """What staff must know of a level, worst first; at least one."""
    found = []
    if level.short:
        found.append(badge(f"Oversold by {level.short:,}", "bad"))
    elif level.is_counted and level.available <= 0:
        found.append(badge("None left", "attention"))
    if not level.is_counted:
        found.append(badge("Not counted", "attention"))
        if level.available < 0:
            found.append(badge("Below zero", "neutral"))
    elif level.on_hand < 0:
        found.append(badge("Below zero", "bad"))
    return found or [badge("In stock", "good")]


def deeds() -> list[tuple[str, str]]:
    """(title, address) of the forms that book something."""
    return [(title, _form(kind=kind)) for kind, title in DEEDS]


def deeds_for(variant: Variant, warehouse: Warehouse | None) -> list[tuple[str, str]]:
    """The same, filled in for a SKU and a warehouse."""
    known = {"client": str(variant.client_id), "sku": variant.sku}
    if warehouse is not None:
        known["warehouse"] = str(warehouse.pk)
    return [(title, _form(kind=kind, **known)) for kind, title in DEEDS_OF_A_SKU]


def _form(**known: str) -> str:
    return f"{reverse('admin:inventory_document_new')}?{urlencode(known)}"
