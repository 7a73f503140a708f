"""All hosts of the platform, told apart by path; anything else is an API call."""

from django.urls import path, re_path

from apps.simulator.control.router import control
from apps.simulator.gallery import show_file, show_image
from apps.simulator.page import home, stylesheet
from apps.simulator.paperwork import show_document
from apps.simulator.rates import ecb_file, other_day
from apps.simulator.tiktok.auth import get_token, refresh_token
from apps.simulator.tiktok.consent import consent, creator_consent
from apps.simulator.tiktok.gate import api

urlpatterns = [
    path("", home, name="home"),
    path("simulator.css", stylesheet, name="stylesheet"),
    path("open/authorize", consent, name="consent"),
    path("oauth/authorize", consent, name="legacy-consent"),
    path("alliance/creator/auth", creator_consent, name="creator-consent"),
    path("api/v2/token/get", get_token),
    path("api/v2/token/refresh", refresh_token),
    path("images/<path:path>", show_image),
    path("files/<str:file_id>", show_file),
    path("documents/<path:path>", show_document),
    path("rates/ecb/<str:name>", ecb_file),
    path("rates/other/<str:day>/eur.json", other_day),
    re_path(r"^control(?:/(?P<path>.*))?$", control),
    re_path(r"^", api),
]
