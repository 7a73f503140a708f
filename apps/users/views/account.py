"""One's own account: who one is, how one signs in, and what one may do where."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.core.addresses import address_of
from apps.platforms.models import ShopRole
from apps.platforms.services.team.seats import seat_of
from apps.users.gates import began_at
from apps.users.models import Membership, User
from apps.users.services import second_factor
from apps.users.services.audit import record
from apps.users.services.passwords import note_change
from apps.users.views.forms import ChangePasswordForm, EmailForm, NameForm
from apps.users.views.pages import page, user_of


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody may do for a client, and at which shops it is something else."""

    client: str
    role: str
    shops: list[tuple[str, str]]


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """The form that was sent is named by its button."""
    deed = request.POST.get("deed", "")
    name = NameForm(request.POST if deed == "name" else None, instance=_own(request))
    email = EmailForm(
        request.POST if deed == "email" else None, request=request, user=_own(request)
    )
    if deed == "name" and name.is_valid():
        with transaction.atomic():
            changed = name.save()
            record(
                "changed their name",
                changed,
                actor=user_of(request),
                address=address_of(request),
            )
        messages.success(request, "Your name is changed.")
        return redirect("users:account")
    if deed == "email" and email.is_valid():
        with transaction.atomic():
            changed = email.save()
            record(
                "changed their e-mail address",
                changed,
                actor=user_of(request),
                address=address_of(request),
            )
        messages.success(request, f"Mails to you go to {changed.email} now.")
        return redirect("users:account")
    return page(request, "account", "Your account", **_shown(request, name, email))


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None, request=request, user=_own(request))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user = form.save()
            note_change(user, "changed their password", address=address_of(request))
        update_session_auth_hash(request, user)
        messages.success(
            request, "Your password is changed. You are signed out everywhere but here."
        )
        return redirect("users:account")
    return page(request, "password", "Change password", form=form)


def _own(request: HttpRequest) -> User:
    """A copy of one's row: a form that does not hold leaves its values in it, and the
    page's frame shows the user's name."""
    return User.objects.get(pk=user_of(request).pk)


def _shown(request: HttpRequest, name: NameForm, email: EmailForm) -> dict[str, Any]:
    user = user_of(request)
    began = began_at(request)
    return {
        "name_form": name,
        "email_form": email,
        "has_second_factor": second_factor.is_on(user),
        "codes_left": second_factor.codes_left(user),
        "must_have_second_factor": second_factor.must_have(user),
        "began_at": began,
        "ends_at": began and began + timedelta(hours=settings.SESSION_HOURS),
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "works": _works(user),
    }


def _works(user: User) -> list[Work]:
    memberships = Membership.objects.filter(user=user, client__is_active=True)
    shop_roles = ShopRole.objects.filter(membership__in=memberships).select_related(
        "shop"
    )
    own: dict[int, list[tuple[str, str]]] = {}
    for row in shop_roles.order_by("shop__name"):
        shops = own.setdefault(row.membership_id, [])
        shops.append((str(row.shop), seat_of(row).in_words))
    return [
        Work(str(row.client), seat_of(row).in_words, own.get(row.pk, []))
        for row in memberships.select_related("client")
    ]
