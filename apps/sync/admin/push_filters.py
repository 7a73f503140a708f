"""What the list of pushes is asked for: states, differences, refusals."""

from typing import Any

from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.core.filtering import FormList
from apps.sync.admin.stock_base import AtShopFilters
from apps.sync.admin.stock_words import FAULTS
from apps.sync.models import StockDrift, StockPush

State = StockPush.State

TABS: dict[str, tuple[str, Q]] = {
    "all": ("All", Q()),
    "blocked": ("Needs a person", Q(state=State.BLOCKED)),
    "failed": ("Retry scheduled", Q(state=State.FAILED)),
    "due": ("To be sent", Q(state__in=[State.DUE, State.SENDING])),
    "in_step": ("In step", Q(state=State.IN_STEP)),
    "unknown": ("Not told", Q(state=State.UNKNOWN)),
}

_NOT_TOLD_YET = Q(wanted_total__isnull=False) & (
    Q(accepted_total__isnull=True) | ~Q(wanted_total=F("accepted_total"))
)
_SHOWS_ANOTHER = Q(found_at__gte=F("accepted_at")) & ~Q(found_total=F("accepted_total"))


def with_drifts(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate `has_drift`: a difference that is not settled yet."""
    drifts = StockDrift.objects.open().filter(listing_sku=OuterRef("listing_sku"))
    marked: QuerySet[Any] = rows.annotate(has_drift=Exists(drifts))
    return marked


class PushFilters(AtShopFilters):
    tabs = TABS

    difference = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any figures"),
            ("told", "Not told the newest"),
            ("shows", "Shows another than told"),
            ("drift", "Open difference"),
        ],
    )
    fault = forms.ChoiceField(
        label="Refused because",
        required=False,
        choices=[
            ("", "Any reason"),
            *((str(name), title) for name, (title, _) in FAULTS.items()),
        ],
    )

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filtered(rows)
        if fault := self.value("fault"):
            rows = rows.filter(fault=fault)
        difference = self.value("difference")
        if difference == "told":
            rows = rows.filter(_NOT_TOLD_YET)
        elif difference == "shows":
            rows = rows.filter(_SHOWS_ANOTHER)
        elif difference == "drift":
            rows = with_drifts(rows).filter(has_drift=True)
        return rows


class PushList(FormList):
    form_class = PushFilters
