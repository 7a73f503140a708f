"""Back from the platform's consent page."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import DomainError
from apps.credit.views import applicants
from apps.platforms.models import ApiApp, ConnectAttempt
from apps.platforms.services.connecting import tickets
from apps.platforms.views.access import (
    attempts,
    page,
    plain_page,
    problem_page,
    remember,
    remembered,
    shop_page,
    staff_page,
)
from apps.users.models import AnyUser, Client
from apps.users.roles import MANAGE_CREDENTIALS
from apps.users.views.pages import user_of

REFUSED = "You did not grant access. Nothing was stored."
NO_CODE = "TikTok sent no authorisation code."


@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Step 4. The code is taken off the address at once and kept encrypted.

    Nobody needs to be signed in yet: a user whose session ended meanwhile signs in
    next, a shop owner with a link never does.
    """
    code = request.GET.get("code", "").strip()
    state = request.GET.get("state", "")
    trouble = ""
    if request.GET.get("error") or code == "null":
        trouble = REFUSED
    elif not code:
        trouble = NO_CODE
    try:
        if not state:
            return _without_state(request, code, trouble)
        if applicant := applicants.consent_of(state):
            return applicants.back_from_consent(request, applicant, code, trouble)
        attempt = tickets.find(state, request.user, remembered(request))
        if trouble:
            return _without_code(request, attempt, trouble)
        if tickets.redeem(attempt, code):
            return redirect(_next_page(attempt))
        return _used_before(request, attempt)
    except DomainError as error:
        return _stop(request, str(error))


def _without_state(request: HttpRequest, code: str, trouble: str) -> HttpResponse:
    """TikTok's App Store sends sellers here whom nobody sent there."""
    if trouble:
        return _stop(request, trouble)
    app_key = request.GET.get("app_key", "")
    attempt = tickets.begin_unasked(request.user, app_key, code)
    response = redirect("platforms:claim", pk=attempt.pk)
    remember(request, response, attempt.pk)
    return response


def _without_code(
    request: HttpRequest, attempt: ConnectAttempt, trouble: str
) -> HttpResponse:
    tickets.refuse(attempt)
    if attempt.link_id:
        return plain_page(request, "grant_refused", "Connect your shop", text=trouble)
    messages.warning(request, trouble)
    return redirect("platforms:explain", pk=attempt.pk)


def _used_before(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    """A reload or the Back button: on to where the consent has led."""
    attempt.refresh_from_db()
    shop = attempt.shops.first()
    if shop is not None and not attempt.link_id:
        messages.info(request, f"This consent was used already. {shop} is connected.")
        return redirect(shop_page(shop))
    if attempt.authorization_id or attempt.code:
        return redirect(_next_page(attempt))
    return _stop(request, tickets.NO_LONGER_VALID)


def _next_page(attempt: ConnectAttempt) -> str:
    if attempt.link_id:
        return reverse("platforms:grant_finish")
    return reverse("platforms:finish", args=[attempt.pk])


def _stop(request: HttpRequest, text: str) -> HttpResponse:
    """Staff go back to the beginning; who is not signed in gets one plain page."""
    if not request.user.is_authenticated:
        return problem_page(request, text)
    messages.error(request, text)
    return redirect("platforms:connect")


class ClaimForm(forms.Form):
    """Whose shop it is, and through which app TikTok sent them here."""

    client = forms.ModelChoiceField(Client.objects.none(), empty_label="Choose …")
    api_app = forms.ModelChoiceField(
        ApiApp.objects.none(), label="API app", empty_label=None
    )

    def __init__(self, data: Any, user: AnyUser, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        for name, rows in (
            ("client", Client.objects.permitting(user, MANAGE_CREDENTIALS)),
            ("api_app", ApiApp.objects.visible_to(user)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


@staff_page
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """A consent that came without a state waits here for its client."""
    user = user_of(request)
    attempt = attempts().filter(pk=pk, link=None, client=None).first()
    is_ours = attempt is not None and (
        attempt.user_id == user.pk
        or (attempt.user_id is None and remembered(request) == pk)
    )
    if attempt is None or not is_ours:
        messages.error(request, tickets.NO_LONGER_VALID)
        return redirect("platforms:connect")
    form = ClaimForm(request.POST or None, user, {"api_app": attempt.api_app_id})
    if request.method == "POST" and form.is_valid():
        try:
            tickets.claim(attempt, user, **form.cleaned_data)
        except DomainError as error:
            form.add_error("api_app", str(error))
        else:
            return redirect("platforms:finish", pk=attempt.pk)
    return page(request, "connect_claim", "Whose shop is this?", form=form)
