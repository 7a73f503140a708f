"""Two-factor sign-in: set it up, show it, renew its backup codes, turn it off."""

import io

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.users.errors import NotSetUp
from apps.users.gates import open_gate
from apps.users.services import second_factor
from apps.users.views.forms import CodeForm, ProofForm
from apps.users.views.pages import page, safe_next, user_of


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Key and code; then the backup codes, on the page that answers the form and
    nowhere else."""
    user = user_of(request)
    try:
        authenticator = second_factor.begin(user)
    except NotSetUp as error:
        messages.info(request, str(error))
        return redirect("users:account")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            authenticator, codes = second_factor.confirm(
                user, form.cleaned_data["code"], address=address_of(request)
            )
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            open_gate(request, authenticator)
            return _codes_page(request, codes)
    return page(
        request,
        "two_factor_setup",
        "Set up two-factor sign-in",
        form=form,
        qr=_qr(second_factor.setup_address(authenticator)),
        key=second_factor.key_in_words(authenticator),
        is_asked_for=second_factor.must_have(user),
        next=safe_next(request, "users:account"),
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """After the password, before anything else."""
    user = user_of(request)
    target = safe_next(request)
    if not second_factor.is_on(user):
        return redirect(target)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            authenticator = second_factor.verify(
                user, form.cleaned_data["code"], address=address_of(request)
            )
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            open_gate(request, authenticator)
            if not second_factor.codes_left(user):
                messages.warning(request, "No backup codes are left: make new ones.")
            return redirect(target)
    return page(request, "two_factor_verify", "Second step", form=form, next=target)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def turn_off(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if not second_factor.is_on(user):
        return redirect("users:account")
    form = ProofForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            second_factor.turn_off(user, code, address=address_of(request))
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, "Two-factor sign-in is off.")
            return redirect("users:account")
    return page(request, "two_factor_off", "Turn off two-factor sign-in", form=form)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def backup_codes(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if not second_factor.is_on(user):
        return redirect("users:account")
    form = ProofForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            codes = second_factor.new_backup_codes(
                user, code, address=address_of(request)
            )
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            return _codes_page(request, codes)
    return page(request, "backup_codes", "New backup codes", form=form)


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    target = safe_next(request, "users:account")
    return page(request, "backup_codes_shown", "Backup codes", codes=codes, next=target)


def _qr(text: str) -> str:
    """As SVG of our own making; black on white in any theme, for cameras."""
    image = io.BytesIO()
    segno.make(text, error="m").save(
        image,
        kind="svg",
        scale=4,
        border=3,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=False,
        title="QR code with the key",
    )
    return image.getvalue().decode()
