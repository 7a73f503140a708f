"""Lists filtered by a form of ours: no script needed, the address is the state."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)


def date_input(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput({"type": "date"})
    )


class FilterForm(forms.Form):
    """The filters of a list; a field that does not hold is dropped, with a notice."""

    def __init__(self, data: Mapping[str, Any], user: Any) -> None:
        super().__init__(data)
        self.user = user
        self.prepare()
        self.is_valid()

    def prepare(self) -> None:
        """Fill in the choices this user has."""

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of `rows` that match."""
        raise NotImplementedError

    def value(self, name: str) -> Any:
        """What was asked for under this name, or None."""
        value = self.cleaned_data.get(name)
        return None if value == "" else value

    @property
    def is_narrowing(self) -> bool:
        return any(self.value(field.name) for field in self.visible_fields())

    def choose(self, name: str, rows: QuerySet[M]) -> None:
        """What a drop-down offers."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class TabbedForm(FilterForm):
    """Filters of a list with tabs: {name in the address: (title, question)}. The first
    is where people land."""

    tabs: ClassVar[Mapping[str, tuple[str, Any]]] = {}

    tab = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_tab(self) -> str:
        name = str(self.cleaned_data["tab"])
        if name and name not in self.tabs:
            raise forms.ValidationError("There is no such tab.")
        return name

    @property
    def current_tab(self) -> str:
        return str(self.value("tab") or next(iter(self.tabs)))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.filtered(rows).filter(self.tabs[self.current_tab][1])

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All filters and the search, but not the tab."""
        raise NotImplementedError


class FilteredList(ChangeList):
    """Takes its filters from `form_class` instead of the theme's."""

    form_class: type[FilterForm]

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.filters = self.form_class(request.GET, request.user)
        super().__init__(request, *args, **kwargs)
        for name in self.filters.errors:
            label = str(self.filters.fields[name].label or name.capitalize())
            messages.warning(
                request, f"{label}: ignored, because it does not fit here."
            )

    def get_filters_params(
        self, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        known: dict[str, Any] = super().get_filters_params(params)
        for name in self.filters.fields:
            known.pop(name, None)
        return known

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Any = None
    ) -> QuerySet[Any]:
        return self.filters.apply(super().get_queryset(request, exclude_parameters))


class FormList(FilteredList):
    """Takes its questions from the form alone; a page there is none of is the first."""

    def get_filters_params(
        self, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """None but ours: columns in the address would answer any question."""
        return {}

    def get_results(self, request: HttpRequest) -> None:
        asked = request.GET.get(PAGE_VAR, "1")
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            self.page_num = 1
            super().get_results(request)
        if not self.multi_page:
            self.page_num = 1
        if asked != str(self.page_num):
            messages.warning(request, "Page: ignored, because it does not fit here.")
