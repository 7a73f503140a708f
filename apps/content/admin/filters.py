"""What the pages of creators are asked for; the address is the state."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from apps.backoffice.services.analytics.periods import BASES
from apps.content.models import AffiliateOrder, AffiliateOrderQuerySet
from apps.content.services.creator_figures import SORTS, Totals, figures
from apps.core.filtering import FilterForm, date_input
from apps.platforms.models import Shop
from apps.users.roles import VIEW_CREATOR

DEFAULT_DAYS = 28
LONGEST_DAYS = 366
_PERIODS = [
    *((str(days), f"Last {days} days") for days in (7, 28, 90)),
    ("own", "From … to …"),
]
SHOPS, CREATORS = "shops", "creators"


class CreatorFilters(FilterForm):
    period = forms.ChoiceField(required=False, choices=_PERIODS)
    since = date_input("From")
    until = date_input("To")
    base = forms.ChoiceField(
        label="In", required=False, choices=[(code, code) for code in BASES]
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    told = forms.ChoiceField(
        label="Told by",
        required=False,
        choices=[(SHOPS, "Shops"), (CREATORS, "Creators")],
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in SORTS],
        widget=forms.HiddenInput,
    )
    way = forms.ChoiceField(
        required=False,
        choices=[("up", "up"), ("down", "down")],
        widget=forms.HiddenInput,
    )

    def __init__(self, data: QueryDict, user: Any) -> None:
        """What was not asked is filled in, so that the form shows what holds."""
        said = data.copy()
        if not said.get("period"):
            has_ends = said.get("since") or said.get("until")
            said["period"] = "own" if has_ends else str(DEFAULT_DAYS)
        for name, usual in (("base", BASES[0]), ("told", SHOPS)):
            if not said.get(name):
                said[name] = usual
        super().__init__(said, user)

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_CREATOR))

    def clean(self) -> dict[str, Any]:
        """A period of one's own is whole, the right way round and not too long."""
        said: dict[str, Any] = super().clean() or {}
        since, until = said.get("since"), said.get("until")
        if said.get("period") == "own":
            if since is None or until is None:
                self.add_error("period", "It needs both ends.")
            elif not timedelta(0) <= until - since < timedelta(days=LONGEST_DAYS):
                self.add_error("period", "It is the wrong way round, or too long.")
        return said

    @property
    def is_narrowing(self) -> bool:
        return self.value("shop") is not None

    @property
    def days(self) -> tuple[date, date]:
        """Both included, in UTC."""
        if self.value("period") == "own":
            return self.cleaned_data["since"], self.cleaned_data["until"]
        period = self.value("period") or ""
        length = int(period) if period.isdecimal() else DEFAULT_DAYS
        today = timezone.now().date()
        return today - timedelta(days=length - 1), today

    @property
    def currency(self) -> str:
        return str(self.value("base") or BASES[0])

    def sales(self) -> AffiliateOrderQuerySet:
        """Those of one side alone: both tell of the same sales."""
        rows = AffiliateOrder.objects.visible_to(self.user)
        if self.value("told") == CREATORS:
            rows = rows.filter(creator_account__isnull=False)
        else:
            rows = rows.told_by_shops()
        if shop := self.value("shop"):
            rows = rows.filter(shop=shop)
        return rows

    def figures(self, rows: AffiliateOrderQuerySet, by: str = "creator") -> Totals:
        since, until = self.days
        return figures(
            rows,
            since,
            until,
            self.currency,
            by=by,
            sort=self.value("sort") or "gmv",
            is_ascending=self.value("way") == "up",
        )
