"""A new password for who forgot theirs, by a link in a mail."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.addresses import address_of
from apps.core.queueing import after_commit
from apps.users.services.passwords import note_change, person_to_mail
from apps.users.tasks import mail_password_reset
from apps.users.views.forms import ResetForm
from apps.users.views.pages import page


@never_cache
@require_http_methods(["GET", "POST"])
def password_reset(request: HttpRequest) -> HttpResponse:
    """The same answer and the same work, be the address somebody's or nobody's."""
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = person_to_mail(form.cleaned_data["email"])
        key = person.pk if person else 0
        after_commit(mail_password_reset.delay, key)
        return redirect("users:password_reset_sent")
    return page(request, "reset", "Set a new password", form=form)


@require_safe
def password_reset_sent(request: HttpRequest) -> HttpResponse:
    return page(request, "reset_sent", "Look into your mailbox")


class PasswordResetConfirm(PasswordResetConfirmView):
    """Django's, which takes the token out of the address before it shows a form. It
    signs nobody in: the second factor is still to come."""

    template_name = "users/reset_confirm.html"
    title = "Choose a new password"
    success_url = reverse_lazy("admin:login")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame = admin.site.each_context(self.request)
        return frame | super().get_context_data(**kwargs)

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:  # type: ignore[type-arg]
        person = form.user
        with transaction.atomic():
            answer = super().form_valid(form)
            note_change(
                person, "set a new password by mail", address=address_of(self.request)
            )
        messages.success(self.request, "Your new password is set. Sign in with it.")
        return answer
