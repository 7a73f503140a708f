"""What we hold about somebody who signs in: for themselves, and for superusers."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.backoffice.privacy.downloads import json_file
from apps.backoffice.services.people import (
    erase_person,
    export_person,
    holdings_of,
    is_erased,
    may_export,
)
from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.users.models import User

View = Callable[[HttpRequest, User, User], HttpResponse]


def with_person(view: View) -> Callable[..., HttpResponse]:
    """Hands who asks and about whom to the view; somebody else's page is as good as
    none to all but superusers."""

    @never_cache
    @login_required
    @wraps(view)
    def found(request: HttpRequest, pk: int) -> HttpResponse:
        asker = request.user
        person = User.objects.filter(pk=pk).first()
        if not isinstance(asker, User) or not person or not may_export(asker, person):
            raise Http404
        return view(request, asker, person)

    return found


@require_safe
@with_person
def person(request: HttpRequest, asker: User, person: User) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": "Personal data",
        "person": person,
        "is_oneself": asker.pk == person.pk,
        "is_erased": is_erased(person),
        "held": holdings_of(person),
        "may_erase": asker.is_superuser and asker.pk != person.pk,
    }
    return TemplateResponse(request, "backoffice/person.html", context)


@require_POST
@with_person
def export(request: HttpRequest, asker: User, person: User) -> HttpResponse:
    data = export_person(person, actor=asker, address=address_of(request))
    return json_file(f"person-{person.pk}", data)


@require_POST
@with_person
def erase(request: HttpRequest, asker: User, person: User) -> HttpResponse:
    try:
        erase_person(
            person,
            request.POST.get("typed_name", ""),
            actor=asker,
            address=address_of(request),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The person's data is erased.")
    return redirect("backoffice:person", person.pk)
