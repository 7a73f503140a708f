"""/api/: version 1, one include per app; what explains it; and nothing else."""

from django.urls import include, path, re_path

from apps.core.api.views import ProblemDetail, ProblemList, UnknownAddress
from apps.users.api.docs import Docs, Schema

app_name = "api"
urlpatterns = [
    path("v1/", include("apps.users.api.urls")),
    path("v1/", include("apps.platforms.api.urls")),
    path("v1/", include("apps.orders.api.urls")),
    path("v1/", include("apps.products.api.urls")),
    path("v1/", include("apps.inventory.api.urls")),
    path("v1/", include("apps.sync.api.urls")),
    path("v1/", include("apps.imports.api.urls")),
    path("v1/", include("apps.finance.api.urls")),
    path("v1/", include("apps.content.api.urls")),
    path("v1/", include("apps.credit.api.urls")),
    path("v1/", include("apps.webhooks.api.urls")),
    path("v1/", include("apps.alerts.api.urls")),
    path("v1/", include("apps.backoffice.api.urls")),
    path("v1/schema/", Schema.as_view(), name="schema"),
    path("v1/docs/", Docs.as_view(), name="docs"),
    path("problems", ProblemList.as_view(), name="problems"),
    path("problems/<slug:code>", ProblemDetail.as_view(), name="problem"),
    re_path("", UnknownAddress.as_view(), name="unknown"),
]
