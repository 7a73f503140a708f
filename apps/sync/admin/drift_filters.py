"""What the list of differences is asked for."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from apps.core.filtering import FormList
from apps.sync.admin.stock_base import AtShopFilters
from apps.sync.models import StockDrift

State = StockDrift.State


class DriftFilters(AtShopFilters):
    tabs = {
        "open": ("Open", Q(state=State.OPEN)),
        "repaired": ("Told again", Q(state=State.REPAIRED)),
        "taken_over": ("Taken over", Q(state=State.TAKEN_OVER)),
        "left": ("Left", Q(state=State.LEFT)),
        "gone": ("Gone by itself", Q(state=State.GONE)),
        "all": ("All", Q()),
    }

    mover = forms.ChoiceField(
        label="Moved by",
        required=False,
        choices=[("", "Anybody"), *StockDrift.Mover.choices],
    )

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filtered(rows)
        if mover := self.value("mover"):
            rows = rows.filter(mover=mover)
        return rows


class DriftList(FormList):
    form_class = DriftFilters
