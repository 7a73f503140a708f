"""Addresses of the consent flow."""

from django.urls import path

from apps.platforms import views

app_name = "platforms"
urlpatterns = [
    path("connect/", views.connect, name="connect"),
    path("tiktok/callback/", views.callback, name="callback"),
]
