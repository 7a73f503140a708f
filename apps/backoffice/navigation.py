"""The sidebar, by permission, and what each page loads of ours."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

# Section: (title, icon, address name, permission). An item is hidden without it.
_SECTIONS = (
    ("Work", (("Orders", "receipt_long", "orders_order", "orders.view_order"),)),
    (
        "Shops",
        (
            ("Shops", "storefront", "platforms_shop", "platforms.view_shop"),
            ("Clients", "business", "users_client", "users.view_client"),
            ("API apps", "key", "platforms_apiapp", "platforms.view_apiapp"),
        ),
    ),
    (
        "Plumbing",
        (
            ("Sync runs", "sync", "sync_syncrun", "sync.view_syncrun"),
            ("Imports", "upload_file", "imports_importrun", "imports.view_importrun"),
            (
                "Schedule",
                "schedule",
                "django_celery_beat_periodictask",
                "django_celery_beat.view_periodictask",
            ),
            ("Users", "person", "users_user", "users.view_user"),
        ),
    ),
)


def stylesheet(request: HttpRequest) -> str:
    return static("shopdesk/shopdesk.css")


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The theme's form of the sections above."""
    return [
        {
            "title": title,
            "separator": True,
            "items": [
                {
                    "title": name,
                    "icon": icon,
                    "link": reverse(f"admin:{address}_changelist"),
                    "permission": _holds(permission),
                }
                for name, icon, address, permission in items
            ],
        }
        for title, items in _SECTIONS
    ]


def _holds(permission: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(permission)
