"""Addresses of applicants, and of reports shared by address."""

from django.urls import path

from apps.credit.views import applicants, shared

app_name = "credit"
urlpatterns = [
    path("consent/", applicants.consent, name="consent"),
    path("consent/status/", applicants.status, name="consent_status"),
    path("consent/leave/", applicants.leave, name="consent_leave"),
    path("shared/<slug:token>/", shared.page, name="shared"),
    path("shared/<slug:token>/pdf/", shared.pdf, name="shared_pdf"),
    path("shared/<slug:token>/object/", shared.object_to, name="shared_object"),
]
