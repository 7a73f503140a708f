"""The sidebar, by permission, and what each page loads of ours."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from apps.products.models import ListingSku

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
            (
                "Product mapping",
                "join_inner",
                "admin:products_listingsku_changelist",
                "products.view_listing",
            ),
        ),
    ),
    (
        "Catalogue",
        (
            (
                "Products",
                "inventory_2",
                "admin:products_product_changelist",
                "products.view_product",
            ),
            (
                "Listings",
                "list_alt",
                "admin:products_listing_changelist",
                "products.view_listing",
            ),
            (
                "Publishing runs",
                "publish",
                "admin:products_publishrun_changelist",
                "products.view_listing",
            ),
            (
                "Categories",
                "account_tree",
                "admin:products_category_changelist",
                "products.view_product",
            ),
            (
                "Suppliers",
                "local_shipping",
                "admin:products_supplier_changelist",
                "products.view_cost",
            ),
            (
                "Price rules",
                "price_change",
                "admin:products_pricerule_changelist",
                "products.view_product",
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


def keys(request: HttpRequest) -> str:
    """Comfort by keyboard; nothing hangs on it."""
    return static("shopdesk/keys.js")


def unmatched(request: HttpRequest) -> str:
    """How many listing SKUs nobody has matched, of those the user may see."""
    if not request.user.has_perm("products.view_listing"):
        return ""
    rows = ListingSku.objects.visible_to(request.user).listed()
    count = rows.filter(mapping=ListingSku.Mapping.UNMATCHED).count()
    return f"{count:,}" if count else ""


# By address: what stands behind the title.
_BADGES = {"admin:products_listingsku_changelist": unmatched}


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
                    "badge": _BADGES[address](request) if address in _BADGES else "",
                }
                for name, icon, address, permission in items
            ],
        }
        for title, items in _SECTIONS
    ]


def _holds(permissions: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perms(permissions.split())
