"""What an applicant may ask for: an end, a copy, to be forgotten."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.backoffice.privacy.downloads import json_file
from apps.core.addresses import address_of
from apps.core.admin import of_row
from apps.core.errors import DomainError
from apps.credit.models import Applicant
from apps.credit.services import erasing
from apps.users.services.audit import By
from apps.users.views.pages import user_of
from apps.webhooks.services import parting

_PAGE = "admin:credit_applicant_change"


class DataViews:
    """For the admin class of applicants; those who may change one."""

    has_change_permission: Any

    @of_row("POST")
    def part_view(self, request: HttpRequest, applicant: Applicant) -> HttpResponse:
        parting.part(applicant, self._by(request, applicant))
        messages.success(
            request,
            "Nothing more is read for this applicant. Scores made before stay.",
        )
        return redirect(_PAGE, applicant.pk)

    @of_row("POST")
    def data_view(self, request: HttpRequest, applicant: Applicant) -> HttpResponse:
        told = erasing.export(applicant, self._by(request, applicant))
        return json_file(f"applicant-{applicant.pk}", told)

    @of_row("POST")
    def erase_view(self, request: HttpRequest, applicant: Applicant) -> HttpResponse:
        by = self._by(request, applicant)
        try:
            parting.erase(applicant, request.POST.get("typed", ""), by)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "The applicant is erased.")
        return redirect(_PAGE, applicant.pk)

    def _by(self, request: HttpRequest, applicant: Applicant) -> By:
        if not self.has_change_permission(request, applicant):
            raise PermissionDenied
        return By(user_of(request), address_of(request))
