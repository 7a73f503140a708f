"""Addresses: the admin, the consent flow, health."""

from django.contrib import admin
from django.urls import include, path

from apps.backoffice.views import health, landing

urlpatterns = [
    path("", landing, name="landing"),
    path("admin/", admin.site.urls),
    path("platforms/", include("apps.platforms.urls")),
    path("health/", health, name="health"),
]
