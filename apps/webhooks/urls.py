"""Addresses below /webhooks/."""

from django.urls import path

from apps.webhooks.views import tiktok

app_name = "webhooks"
urlpatterns = [path("tiktok/", tiktok, name="tiktok")]
