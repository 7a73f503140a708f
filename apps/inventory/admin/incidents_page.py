"""What is known of an oversell, and what can be done about it, with figures."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.inventory.admin.causes import causes_of, document_cause
from apps.inventory.admin.sku_page_queue import promises
from apps.inventory.models import (
    Booking,
    OversellIncident,
    StockDocument,
    StockLevel,
)
from apps.products.admin.base import other_pages
from apps.users.models import AnyUser
from apps.users.roles import CHANGE_STOCK

MOST_HOLDS = 20
MOST_PAST = 20
Kind = StockDocument.Kind
OUTCOME_BADGES = {
    OversellIncident.Outcome.COVERED: "good",
    OversellIncident.Outcome.SHIPPED: "good",
    OversellIncident.Outcome.WITHDRAWN: "neutral",
    OversellIncident.Outcome.PASSED_ON: "neutral",
}


@dataclass(frozen=True, slots=True)
class WayOut:
    """Something that can be done; `url` is where, for those who may."""

    words: str
    figure: str
    url: str = ""
    button: str = ""


def page_context(request: HttpRequest, incident: OversellIncident) -> dict[str, Any]:
    """For templates/inventory/incident.html. A number of queries that does not grow."""
    level = incident.level
    user = request.user
    page, queue = promises([level], user, request.GET.get("p"))
    past = level.incidents.filter(closed_at__isnull=False).exclude(pk=incident.pk)
    earlier = list(past.select_related("booking").order_by("-closed_at")[:MOST_PAST])
    causes = causes_of(user, [incident.booking, *(row.booking for row in earlier)])
    may_act = user.has_perm(CHANGE_STOCK, incident)
    is_open = incident.closed_at is None
    return {
        "title": f"Oversell: {level.variant.sku}",
        "incident": incident,
        "level": level,
        "badge": state_of(incident),
        "is_open": is_open,
        "cause": causes[incident.booking_id],
        "opened": ago(incident.opened_at),
        "closed": ago(incident.closed_at),
        "taken": ago(incident.taken_at),
        "is_mine": incident.taken_by_id == user.pk,
        "may_act": may_act,
        "page": page,
        "pages": other_pages(request, page, "p"),
        "queue": queue,
        "ways": _ways_out(level, user) if is_open else [],
        "rules": reverse("admin:inventory_stockrule_changelist"),
        "earlier": [
            (row, causes[row.booking_id], ago(row.closed_at)) for row in earlier
        ],
    }


def state_of(row: OversellIncident) -> SafeString:
    if row.closed_at is None:
        return badge("Open", "bad")
    kind = OUTCOME_BADGES.get(OversellIncident.Outcome(row.outcome), "neutral")
    return badge(row.get_outcome_display(), kind)


def ways_in_short(levels: Sequence[StockLevel]) -> dict[int, list[str]]:
    """{level: what there is to be had, as “12 in Annex”}, for a list of incidents."""
    others = defaultdict(list)
    variants = {level.variant_id for level in levels}
    for row in _elsewhere(variants):
        others[row.variant_id].append(row)
    found = {}
    for level in levels:
        told = [
            f"{row.available:,} in {row.warehouse}"
            for row in others[level.variant_id]
            if row.pk != level.pk
        ]
        if level.quarantined:
            told.append(f"{level.quarantined:,} quarantined")
        if level.expected_back:
            told.append(f"{level.expected_back:,} expected back")
        found[level.pk] = told[:3]
    return found


def _elsewhere(variants: set[int]) -> QuerySet[Any]:
    """Levels from which something can be fetched, the fullest first."""
    rows: Any = StockLevel.objects.filter(
        variant__in=variants, warehouse__is_active=True
    )
    found: QuerySet[Any] = rows.with_available().filter(free__gt=0)
    return found.select_related("warehouse").order_by("-free", "pk")


def _ways_out(level: StockLevel, user: AnyUser) -> list[WayOut]:
    return [
        *_transfers(level),
        *_holds(level, user),
        *_from_quarantine(level),
        *_coming_back(level),
        WayOut(
            "More has come in, or will be bought",
            f"{level.short:,} missing",
            _new(level, Kind.RECEIPT, level.short),
            "Receive",
        ),
        WayOut(
            "The books are wrong: count what lies there",
            f"{level.on_hand:,} by the books",
            _new(level, Kind.COUNT),
            "Count",
        ),
    ]


def _transfers(level: StockLevel) -> list[WayOut]:
    found = []
    for row in _elsewhere({level.variant_id}):
        if row.pk != level.pk:
            units = min(level.short, row.available)
            url = _new(row, Kind.TRANSFER, units, to_warehouse=level.warehouse_id)
            words = f"Fetch {units:,} from {row.warehouse}"
            found.append(
                WayOut(words, f"{row.available:,} free there", url, "Transfer")
            )
    return found


def _holds(level: StockLevel, user: AnyUser) -> list[WayOut]:
    rows = Booking.objects.holding().filter(
        level=level, cause_kind=Booking.Kind.DOCUMENT
    )
    held: dict[int, int] = defaultdict(int)
    for key, units in rows.values_list("cause_id", "reserved"):
        held[key] += units
    documents = StockDocument.objects.filter(pk__in=held).select_related("supplier")
    return [
        WayOut(
            f"Let go what is held back by {document_cause(user, row).words}",
            f"{held[row.pk]:,} held",
            reverse("admin:inventory_stockdocument_act", args=[row.pk, "take-back"]),
            "Let go",
        )
        for row in documents.order_by("pk")[:MOST_HOLDS]
    ]


def _from_quarantine(level: StockLevel) -> list[WayOut]:
    if not level.quarantined:
        return []
    units = min(level.short, level.quarantined)
    url = _new(level, Kind.QUARANTINE, units, direction="back")
    words = "Sell what is quarantined, if it is good after all"
    return [WayOut(words, f"{level.quarantined:,} quarantined", url, "Take out")]


def _coming_back(level: StockLevel) -> list[WayOut]:
    if not level.expected_back:
        return []
    query = urlencode({"q": level.variant.sku, "warehouse": level.warehouse_id})
    url = f"{reverse('admin:inventory_coming_back')}?{query}"
    words = "Inspect what is expected back"
    return [WayOut(words, f"{level.expected_back:,} expected back", url, "Inspect")]


def _new(level: StockLevel, kind: Kind, units: int = 0, **more: object) -> str:
    """A new document with this filled in."""
    told: dict[str, object] = {
        "kind": kind.value,
        "warehouse": level.warehouse_id,
        "sku": level.variant.sku,
    }
    if units:
        told["quantity"] = units
    query = urlencode({name: str(value) for name, value in (told | more).items()})
    return f"{reverse('admin:inventory_document_new')}?{query}"
