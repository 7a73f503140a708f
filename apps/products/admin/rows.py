"""Small rows of a catalogue, each with one form: a list, a page, three deeds."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path

from apps.core.addresses import address_of
from apps.core.admin import OwnList
from apps.core.errors import DomainError
from apps.products.admin.base import CatalogueAdmin, key_of
from apps.products.errors import ProductRefused
from apps.users.models import Client
from apps.users.roles import CHANGE_PRODUCT


def by_whom(request: HttpRequest) -> dict[str, Any]:
    """Who answers for a deed, as the services note it."""
    return {"actor": request.user, "address": address_of(request)}


def managed_clients(request: HttpRequest) -> QuerySet[Client]:
    """Clients whose catalogue one may change."""
    clients = Client.objects.permitting(request.user, CHANGE_PRODUCT)
    return clients.filter(is_active=True)


def chosen_client(request: HttpRequest, clients: QuerySet[Client]) -> Client | None:
    """The one the address names, or the only one there is."""
    key = request.GET.get("client", "")
    if not key:
        found = list(clients[:2])
        return found[0] if len(found) == 1 else None
    found_one = clients.filter(pk=key_of(key)).first()
    if found_one is None:
        messages.warning(request, "Client: ignored, because it does not fit here.")
    return found_one


def show_faults(form: forms.Form, error: DomainError) -> None:
    """What a service refused, beside the fields it speaks of."""
    if not isinstance(error, ProductRefused):
        form.add_error(None, str(error))
        return
    for fault in error.faults:
        name = fault.field if fault.field in form.fields else None
        form.add_error(name, fault.message)


class SimpleRows(OwnList, CatalogueAdmin):
    """Those below say which form, which service and which words."""

    noun = ""
    lead = ""
    row_template = "products/row.html"

    def form_for(
        self, request: HttpRequest, client: Client, row: Any, data: Any
    ) -> forms.Form:
        raise NotImplementedError

    def save_row(
        self, client: Client, row: Any, form: forms.Form, by: dict[str, Any]
    ) -> Any:
        """The row as it is now. Raises DomainError."""
        raise NotImplementedError

    def delete_row(self, row: Any, by: dict[str, Any]) -> None:
        raise NotImplementedError

    def row_context(
        self, request: HttpRequest, client: Client, row: Any, form: forms.Form
    ) -> dict[str, Any]:
        """What the page shows beside the form."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        kept = [
            url for url in super().get_urls() if url.name == self._name("changelist")
        ]
        return [
            *kept,
            self._path("add/", self.add_view, "add"),
            self._path("<path:object_id>/change/", self.change_view, "change"),
            self._path("<path:object_id>/delete/", self.delete_view, "delete"),
        ]

    def _name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _path(self, route: str, view: Any, name: str) -> URLPattern:
        wrapped = self.admin_site.admin_view(view)
        pattern: URLPattern = path(route, wrapped, name=self._name(name))
        return pattern

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not the theme's button: the list has its own, with words."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("client")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        return super().list_context(request, cl) | {
            "noun": self.noun,
            "lead": self.lead,
            "add_address": f"admin:{self._name('add')}",
            "may_add": managed_clients(request).exists(),
        }

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        clients = managed_clients(request)
        if not clients.exists():
            raise PermissionDenied
        client = chosen_client(request, clients)
        if client is None:
            context = {"title": f"Add {self.noun}", "clients": clients}
            return self.own_page(request, "products/for_client.html", context)
        return self._form_page(request, client, None)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self._row(request, object_id)
        if row is None:
            return self.missing(request, object_id)
        if request.method == "POST" and not self.has_change_permission(request, row):
            raise PermissionDenied
        return self._form_page(request, row.client, row)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self._row(request, object_id)
        if row is None:
            return self.missing(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        name = str(row)
        try:
            self.delete_row(row, by_whom(request))
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(f"admin:{self._name('change')}", row.pk)
        messages.success(request, f"{name} is deleted.")
        return redirect(f"admin:{self._name('changelist')}")

    def _row(self, request: HttpRequest, object_id: str) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, object_id)

    def _form_page(
        self, request: HttpRequest, client: Client, row: Any
    ) -> HttpResponse:
        form = self.form_for(request, client, row, request.POST or None)
        wants_preview = "preview" in request.POST
        if request.method == "POST" and form.is_valid() and not wants_preview:
            try:
                saved = self.save_row(client, row, form, by_whom(request))
            except DomainError as error:
                show_faults(form, error)
            else:
                messages.success(request, f"{saved} is saved.")
                return redirect(f"admin:{self._name('change')}", saved.pk)
        may_change = row is None or self.has_change_permission(request, row)
        context = {
            "title": str(row) if row else f"Add {self.noun}",
            "noun": self.noun,
            "client": client,
            "row": row,
            "form": form,
            "may_change": may_change,
            "list_address": f"admin:{self._name('changelist')}",
            "delete_address": f"admin:{self._name('delete')}",
        }
        context |= self.row_context(request, client, row, form)
        return self.own_page(request, self.row_template, context)
