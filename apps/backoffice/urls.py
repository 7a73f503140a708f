"""Addresses of the pages about people's data."""

from django.urls import path

from apps.backoffice.privacy import buyers, people

app_name = "backoffice"
urlpatterns = [
    path("buyers/", buyers.buyers, name="buyers"),
    *(
        path(f"buyers/{kind}/<int:pk>/{tail}", view, {"kind": kind}, name=name)
        for kind in ("buyer", "order")
        for tail, view, name in (
            ("", buyers.buyer, kind),
            ("export/", buyers.export, f"{kind}_export"),
            ("erase/", buyers.erase, f"{kind}_erase"),
        )
    ),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/export/", people.export, name="person_export"),
    path("people/<int:pk>/erase/", people.erase, name="person_erase"),
]
