"""Begin and end looking at the pages as a colleague sees them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from apps.core.addresses import address_of
from apps.users.middleware import SESSION_KEY
from apps.users.models import User
from apps.users.services import audit
from apps.users.services.preview import people_seen_by


@require_POST
@login_required
def start(request: HttpRequest, user_id: int) -> HttpResponse:
    """A person whose pages one may not see is as good as none."""
    assert isinstance(request.user, User)
    person = get_object_or_404(people_seen_by(request.user), pk=user_id)
    request.session[SESSION_KEY] = person.pk
    audit.record(
        "began to see as", person, actor=request.user, address=address_of(request)
    )
    return redirect("landing")


@require_POST
@login_required
def stop(request: HttpRequest) -> HttpResponse:
    key = request.session.pop(SESSION_KEY, None)
    person = User.objects.filter(pk=key).first() if key else None
    if person is not None:
        assert isinstance(request.user, User)
        audit.record(
            "ceased to see as", person, actor=request.user, address=address_of(request)
        )
        messages.info(request, f"You are yourself again, no longer {person}.")
    return redirect("landing")
