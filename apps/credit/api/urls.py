"""Addresses below /api/v1/: credit."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.credit.api.applicants import Applicants, Scores
from apps.credit.api.connect import Connect
from apps.credit.api.reports import Reports

router = SimpleRouter(use_regex_path=False)
router.register("credit/applicants", Applicants, "credit_applicant")
router.register("credit/scores", Scores, "credit_score")
router.register("credit/reports", Reports, "credit_report")

urlpatterns = [
    path("credit/connect", Connect.as_view(), name="credit_connect"),
    *router.urls,
]
