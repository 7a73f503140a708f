"""One's own API tokens: make, list, revoke."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.users.models import ApiToken
from apps.users.scopes import SCOPES, scopes_in_words
from apps.users.services.tokens import make_token, revoke_token
from apps.users.views.pages import page, user_of

SOON = timedelta(days=7)


class TokenForm(forms.Form):
    """What it is for, what it may do, and for how long."""

    name = forms.CharField(
        max_length=80, help_text="The program that uses it, to know it again."
    )
    days = forms.TypedChoiceField(
        label="Valid for",
        coerce=int,
        choices=[
            (7, "7 days"),
            (30, "30 days"),
            (90, "90 days"),
            (365, "One year"),
        ],
        initial=90,
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what the token is for."},
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list and the form. A new token is on the page that answers the form, and
    nowhere else: only its digest is kept."""
    user = user_of(request)
    form = TokenForm(request.POST or None)
    new_token = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            _, new_token = make_token(
                user,
                data["name"],
                data["scopes"],
                days=data["days"],
                address=address_of(request),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            form = TokenForm()
    rows = ApiToken.objects.visible_to(user)
    return page(
        request,
        "tokens",
        "API tokens",
        form=form,
        new_token=new_token,
        rows=[(row, *_shown(row)) for row in rows],
    )


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk)
    revoke_token(row, user_of(request), address=address_of(request))
    messages.success(request, f"“{row.name}” no longer works.")
    return redirect("users:tokens")


def _shown(row: ApiToken) -> tuple[str, str, list[str]]:
    """State in a word, its colour, and what the token may do."""
    words = scopes_in_words(row.scopes)
    if row.is_expired:
        return "Expired", "neutral", words
    if row.expiry and row.expiry - timezone.now() < SOON:
        return "Ends soon", "attention", words
    return "Works", "good", words
