"""Addresses of applicants."""

from django.urls import path

from apps.credit.views import applicants

app_name = "credit"
urlpatterns = [
    path("consent/", applicants.consent, name="consent"),
    path("consent/status/", applicants.status, name="consent_status"),
    path("consent/leave/", applicants.leave, name="consent_leave"),
]
