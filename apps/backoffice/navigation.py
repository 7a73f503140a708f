"""The sidebar, by permission, and what each page loads of ours."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

# Section: (title, icon, address, permissions). An item is hidden without all of them.
_SECTIONS = (
    (
        "Work",
        (
            (
                "Orders",
                "receipt_long",
                "admin:orders_order_changelist",
                "orders.view_order",
            ),
        ),
    ),
    (
        "Shops",
        (
            (
                "Shop accounts",
                "storefront",
                "admin:platforms_shop_changelist",
                "platforms.view_shop",
            ),
            (
                "Connect links",
                "link",
                "platforms:links",
                "platforms.manage_credentials",
            ),
            (
                "Clients",
                "business",
                "admin:users_client_changelist",
                "users.view_client",
            ),
            (
                "Team and roles",
                "groups",
                "admin:users_membership_changelist",
                "users.view_membership",
            ),
            (
                "API apps",
                "key",
                "admin:platforms_apiapp_changelist",
                "platforms.view_apiapp",
            ),
        ),
    ),
    (
        "Plumbing",
        (
            (
                "Sync runs",
                "sync",
                "admin:sync_syncrun_changelist",
                "sync.view_syncrun",
            ),
            (
                "API log",
                "lan",
                "admin:platforms_apicall_changelist",
                "platforms.view_apicall",
            ),
            (
                "Imports",
                "upload_file",
                "admin:imports_importrun_changelist",
                "imports.view_importrun",
            ),
            (
                "Audit trail",
                "history",
                "admin:users_auditentry_changelist",
                "users.view_auditentry",
            ),
            (
                "Buyers' data",
                "person_search",
                "backoffice:buyers",
                "orders.process_orders platforms.change_shop",
            ),
            (
                "Data retention",
                "auto_delete",
                "admin:backoffice_retentionrule_changelist",
                "backoffice.view_retentionrule",
            ),
            (
                "Schedule",
                "schedule",
                "admin:django_celery_beat_periodictask_changelist",
                "django_celery_beat.view_periodictask",
            ),
            ("Users", "person", "admin:users_user_changelist", "users.view_user"),
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
                    "link": reverse(address),
                    "permission": _holds(permission),
                }
                for name, icon, address, permission in items
            ],
        }
        for title, items in _SECTIONS
    ]


def _holds(permissions: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perms(permissions.split())
