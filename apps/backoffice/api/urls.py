"""Addresses below /api/v1/: figures of what shops sold."""

from django.urls import path

from apps.backoffice.api.analytics import SPLITS, Revenue

urlpatterns = [
    path("analytics/revenue/", Revenue.as_view(), name="analytics-revenue"),
    *(
        path(
            f"analytics/{address}/",
            view.as_view(),
            name=f"analytics-{address.replace('/', '-')}",
        )
        for address, view in SPLITS.items()
    ),
]
