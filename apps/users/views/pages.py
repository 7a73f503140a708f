"""What the pages about oneself have in common."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from apps.users.models import User


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def page(
    request: HttpRequest, template: str, title: str, **context: Any
) -> TemplateResponse:
    everything = admin.site.each_context(request) | {"title": title} | context
    return TemplateResponse(request, f"users/{template}.html", everything)


def safe_next(request: HttpRequest, default: str = "landing") -> str:
    """Where `next` leads, if that is here; anything else is no address of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        target,
        allowed_hosts={request.get_host()},
        require_https=request.is_secure(),
    )
    return target if is_ours and target.startswith("/") else reverse(default)
