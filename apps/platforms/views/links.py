"""One-time links for shop owners: make, list, take back."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.platforms.models import ApiApp, ConnectLink
from apps.platforms.services.connecting.links import make_link, revoke_link
from apps.platforms.views.access import page, staff_page
from apps.users.models import AnyUser, Client
from apps.users.roles import MANAGE_CREDENTIALS
from apps.users.views.pages import user_of

SHOWN = 100


class LinkForm(forms.Form):
    """Whom the link is for and how long it lives."""

    client = forms.ModelChoiceField(Client.objects.none(), empty_label="Choose …")
    api_app = forms.ModelChoiceField(
        ApiApp.objects.none(), label="API app", empty_label="Choose …"
    )
    market = forms.ChoiceField(
        choices=[("row", "Any market but the United States"), ("us", "United States")],
        help_text="TikTok asks US sellers for consent on a page of its own.",
    )
    days = forms.TypedChoiceField(
        label="Valid for",
        coerce=int,
        choices=[(1, "1 day"), (3, "3 days"), (7, "7 days"), (30, "30 days")],
        initial=7,
    )

    def __init__(self, data: Any, user: AnyUser) -> None:
        super().__init__(data)
        for name, rows in (
            ("client", Client.objects.permitting(user, MANAGE_CREDENTIALS)),
            ("api_app", ApiApp.objects.visible_to(user)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


@staff_page
@require_http_methods(["GET", "POST"])
def links(request: HttpRequest) -> HttpResponse:
    """The list and the form. A new link is on the page that answers the form, and
    nowhere else: only its hash is kept."""
    user = user_of(request)
    form = LinkForm(request.POST or None, user)
    new_address = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            _, token = make_link(
                user,
                data["client"],
                data["api_app"],
                is_us=data["market"] == "us",
                days=data["days"],
                address=address_of(request),
            )
        except DomainError as error:
            form.add_error("api_app", str(error))
        else:
            path = reverse("platforms:grant", args=[token])
            new_address = settings.PUBLIC_URL + path
            form = LinkForm(None, user)
    rows = ConnectLink.objects.visible_to(user).select_related("client", "created_by")
    found = rows.prefetch_related("attempts__shops")[:SHOWN]
    return page(
        request,
        "connect_links",
        "Connect links",
        form=form,
        new_address=new_address,
        rows=[(link, *_state_of(link)) for link in found],
    )


@staff_page
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    rows = ConnectLink.objects.visible_to(request.user).select_related("client")
    link = get_object_or_404(rows, pk=pk)
    if revoke_link(link, user_of(request), address=address_of(request)):
        messages.success(request, f"The link for {link.client} no longer works.")
    else:
        messages.info(request, "That link was closed already.")
    return redirect("platforms:links")


def _state_of(link: ConnectLink) -> tuple[str, str, str]:
    """In a word, its colour, and the shops it brought."""
    shops = [shop for attempt in link.attempts.all() for shop in attempt.shops.all()]
    names = ", ".join(str(shop) for shop in shops)
    if shops:
        return "Used", "good", names
    if link.revoked_at:
        return "Revoked", "neutral", ""
    if link.used_at:
        return "Used, no shop yet", "attention", ""
    if link.expires_at <= timezone.now():
        return "Expired", "neutral", ""
    return "Open", "progress", ""
