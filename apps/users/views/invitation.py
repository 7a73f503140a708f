"""The page an invitation's link leads to: an account for somebody new, or a yes."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.core.addresses import address_of
from apps.platforms.errors import InvitationClosed
from apps.platforms.models import Invitation
from apps.platforms.services.team.invitations import (
    accept,
    accept_with_account,
    has_account,
    is_for,
    open_invitation,
)
from apps.platforms.services.team.seats import seat_of
from apps.users.models import User

TITLE = "Your invitation"
BACKEND = "apps.users.backends.PasswordBackend"


class AccountForm(forms.Form):
    """What somebody new says of themselves; their address the invitation knows."""

    first_name = forms.CharField(
        max_length=150, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        max_length=150, widget=forms.TextInput({"autocomplete": "family-name"})
    )
    password = forms.CharField(
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password", again):
            raise ValidationError("The two passwords differ.")
        return again


def keeps_its_address(
    view: Callable[[HttpRequest, str], HttpResponse],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """The address is the key: no other page is told it, no cache keeps the page.

    Not "no-referrer": with it browsers send forms without an origin, which the check
    against forged requests refuses.
    """

    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return never_cache(answer)


@keeps_its_address
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What is offered, and the way to take it. What leads nowhere gets one answer."""
    try:
        row = open_invitation(token)
        user = request.user
        if isinstance(user, User):
            return _signed_in(request, row, user)
        if has_account(row):
            return _page(request, row, "sign_in", sign_in=_sign_in_address(request))
        return _somebody_new(request, row)
    except InvitationClosed as error:
        # Also by who clicked twice: the account is there, and that is the way to it.
        return TemplateResponse(
            request,
            "users/invitation_closed.html",
            {"title": TITLE, "text": str(error)},
        )


def _signed_in(request: HttpRequest, row: Invitation, user: User) -> HttpResponse:
    if not is_for(row, user):
        return _page(request, row, "another")
    if request.method == "POST":
        accept(row, user, address=address_of(request))
        return _welcome(request, row)
    return _page(request, row, "accept")


def _somebody_new(request: HttpRequest, row: Invitation) -> HttpResponse:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            user = accept_with_account(
                row,
                first_name=data["first_name"],
                last_name=data["last_name"],
                password=data["password"],
                address=address_of(request),
            )
        except ValidationError as error:
            form.add_error("password", error)
        else:
            login(request, user, backend=BACKEND)
            return _welcome(request, row)
    rules = password_validators_help_texts()
    return _page(request, row, "new", form=form, rules=rules)


def _welcome(request: HttpRequest, row: Invitation) -> HttpResponse:
    messages.success(request, f"Welcome. You work for {row.client} from now on.")
    return redirect("landing")


def _page(
    request: HttpRequest, row: Invitation, who: str, **context: Any
) -> TemplateResponse:
    """`who` is new, sign_in, accept or another: what they can do here."""
    everything = {
        "title": TITLE,
        "invitation": row,
        "role": seat_of(row).in_words,
        "shops": list(row.shops.all()),
        "who": who,
    }
    return TemplateResponse(request, "users/invitation.html", everything | context)


def _sign_in_address(request: HttpRequest) -> str:
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.path})}"
