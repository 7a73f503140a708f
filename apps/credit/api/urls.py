"""Addresses below /api/v1/: credit."""

from django.urls import path

from apps.credit.api.connect import Connect

urlpatterns = [
    path("credit/connect", Connect.as_view(), name="credit_connect"),
]
