"""Which drafts, and which runs, a list shows."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from apps.core.filtering import FilteredList, FilterForm
from apps.platforms.models import Shop
from apps.products.models import ListingDraft, PublishRun
from apps.users.roles import VIEW_LISTING


class AtShopFilters(FilterForm):
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_LISTING))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for name in self.fields:
            if value := self.value(name):
                rows = rows.filter(**{name: value})
        return rows


class DraftFilters(AtShopFilters):
    state = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Being written"),
            ("any", "All"),
            *ListingDraft.State.choices[1:],
        ],
    )

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if shop := self.value("shop"):
            rows = rows.filter(shop=shop)
        state = self.value("state") or ListingDraft.State.OPEN
        return rows if state == "any" else rows.filter(state=state)


class RunFilters(AtShopFilters):
    kind = forms.ChoiceField(
        label="What",
        required=False,
        choices=[("", "Anything"), *PublishRun.Kind.choices],
    )
    state = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *PublishRun.State.choices]
    )


class _OursAlone(FilteredList):
    """Columns in the address answer no question; unknown names are ignored."""

    def get_filters_params(
        self, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return {}


class DraftList(_OursAlone):
    form_class = DraftFilters


class RunList(_OursAlone):
    form_class = RunFilters
