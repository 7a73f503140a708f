"""What the page is asked for; the address is the state."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from apps.backoffice.services.analytics.figures import Ask
from apps.backoffice.services.analytics.periods import (
    BASES,
    DEFAULT_DAYS,
    LONGEST_DAYS,
    PRESETS,
    last_day,
)
from apps.core.filtering import FilterForm, date_input
from apps.platforms.models import Shop
from apps.platforms.models.shop import ShopQuerySet
from apps.platforms.regions import REGIONS
from apps.users.models import Client
from apps.users.roles import VIEW_ANALYTICS

MOST_COMPARED = 5
_PERIODS = [
    *((str(days), f"Last {days} days") for days in PRESETS),
    ("own", "From … to …"),
]


class AnalyticsFilters(FilterForm):
    period = forms.ChoiceField(required=False, choices=_PERIODS)
    since = date_input("From")
    until = date_input("To")
    base = forms.ChoiceField(
        label="In", required=False, choices=[(code, code) for code in BASES]
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    region = forms.ChoiceField(required=False)
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    tests = forms.ChoiceField(
        label="Test shops",
        required=False,
        choices=[("", "Left out"), ("1", "Counted, too")],
    )
    money = forms.ChoiceField(
        required=False,
        choices=[("local", "local"), ("base", "base")],
        widget=forms.HiddenInput,
    )
    compare = forms.ModelMultipleChoiceField(
        Shop.objects.none(), required=False, widget=forms.MultipleHiddenInput
    )

    # What stands in the address of every link on the page.
    NAMES: ClassVar[tuple[str, ...]] = (
        "period",
        "since",
        "until",
        "base",
        "client",
        "region",
        "shop",
        "tests",
        "money",
        "compare",
    )

    def __init__(self, data: QueryDict, user: Any) -> None:
        """What was not asked is filled in, so that the form shows what holds."""
        said = data.copy()
        if not said.get("period"):
            has_ends = said.get("since") or said.get("until")
            said["period"] = "own" if has_ends else str(DEFAULT_DAYS)
        if not said.get("base"):
            said["base"] = BASES[0]
        super().__init__(said, user)

    def prepare(self) -> None:
        shops = self.visible
        self.choose("shop", shops)
        self.choose("compare", shops)
        clients = Client.objects.filter(shops__in=shops.order_by()).distinct()
        self.choose("client", clients)
        found = set(shops.order_by().values_list("region", flat=True).distinct())
        names = [(code, REGIONS[code].name) for code in sorted(found)]
        self.offer("region", [("", "All regions"), *names])

    @property
    def visible(self) -> ShopQuerySet:
        return Shop.objects.visible_to(self.user, VIEW_ANALYTICS).of_companies()

    def clean(self) -> dict[str, Any]:
        """A period of one's own is whole, the right way round and not too long."""
        said: dict[str, Any] = super().clean() or {}
        since, until = said.get("since"), said.get("until")
        if said.get("period") == "own":
            if since is None or until is None:
                self.add_error("period", "It needs both ends.")
            elif not timedelta(0) <= until - since < timedelta(days=LONGEST_DAYS):
                self.add_error("period", "It is the wrong way round, or too long.")
        compared = said.get("compare")
        if compared is not None and len(compared) > MOST_COMPARED:
            self.add_error("compare", f"At most {MOST_COMPARED} shops.")
        return said

    @property
    def is_local(self) -> bool:
        return bool(self.value("money") == "local")

    @property
    def is_narrowing(self) -> bool:
        """Whether shops are left out by what was chosen."""
        return any(self.value(name) for name in ("client", "region", "shop"))

    @property
    def compared(self) -> list[Shop]:
        return list(self.value("compare") or ())

    def shops(self) -> list[Shop]:
        rows = self.visible.select_related("client")
        if not self.value("tests"):
            rows = rows.production()
        if client := self.value("client"):
            rows = rows.filter(client=client)
        if region := self.value("region"):
            rows = rows.filter(region=region)
        if shop := self.value("shop"):
            rows = rows.filter(pk=shop.pk)
        return list(rows)

    def ask(self, shops: list[Shop], now: datetime) -> Ask:
        since, until = self._period(last_day(shops, now))
        return Ask(shops, since, until, self.value("base") or BASES[0])

    def _period(self, today: date) -> tuple[date, date]:
        period = self.value("period")
        if period == "own":
            return self.cleaned_data["since"], self.cleaned_data["until"]
        days = int(period) if period and period.isdecimal() else DEFAULT_DAYS
        return today - timedelta(days=days - 1), today
