"""The sidebar, by permission, and what each page loads of ours."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from apps.alerts.models import Alert, Severity
from apps.inventory.models import OversellIncident, StockLevel
from apps.orders.models import Order, questions
from apps.products.models import ListingSku
from apps.sync.models import StockPush, SyncGap
from apps.users.roles import VIEW_ALERT, VIEW_ORDER, VIEW_RUN, VIEW_STOCK

# Section: (title, icon, address, permissions). An item is hidden without all of them.
_SECTIONS = (
    (
        "Work",
        (
            (
                "Alerts",
                "notifications",
                "admin:alerts_alert_changelist",
                "alerts.view_alert",
            ),
            (
                "Orders",
                "receipt_long",
                "admin:orders_order_changelist",
                "orders.view_order",
            ),
            (
                "Packages",
                "package_2",
                "admin:orders_package_changelist",
                "orders.view_order",
            ),
            (
                "Cancellations",
                "event_busy",
                "admin:orders_cancellation_changelist",
                "orders.view_order",
            ),
            (
                "Returns",
                "assignment_return",
                "admin:orders_return_changelist",
                "orders.view_order",
            ),
            (
                "Customers",
                "group",
                "admin:orders_buyer_changelist",
                "orders.process_orders",
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
        "Stock",
        (
            (
                "Stock",
                "warehouse",
                "admin:inventory_stocklevel_changelist",
                "inventory.view_stocklevel",
            ),
            (
                "Stock flow",
                "air",
                "admin:inventory_stockmovement_flow",
                "inventory.view_stocklevel",
            ),
            (
                "Stock documents",
                "description",
                "admin:inventory_stockdocument_changelist",
                "inventory.view_stocklevel",
            ),
            (
                "Oversells",
                "production_quantity_limits",
                "admin:inventory_oversellincident_changelist",
                "inventory.view_stocklevel",
            ),
            (
                "Shop stock",
                "sync_alt",
                "admin:sync_stockpush_changelist",
                "inventory.view_stocklevel",
            ),
            (
                "Warehouses",
                "home_work",
                "admin:inventory_warehouse_changelist",
                "inventory.view_stocklevel",
            ),
            (
                "Stock rules",
                "rule",
                "admin:inventory_stockrule_changelist",
                "inventory.view_stocklevel",
            ),
        ),
    ),
    (
        "Content",
        (
            (
                "Creators",
                "star",
                "admin:content_creator_changelist",
                "content.view_creator|content.view_commission",
            ),
            (
                "Affiliate orders",
                "sell",
                "admin:content_affiliateorder_changelist",
                "content.view_creator|content.view_commission",
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
                "Creator accounts",
                "person_heart",
                "admin:platforms_creatoraccount_changelist",
                "content.view_creator",
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
                "Credit reports",
                "credit_score",
                "admin:credit_creditreport_changelist",
                "credit.view_creditreport",
            ),
            (
                "Applicants",
                "badge",
                "admin:credit_applicant_changelist",
                "credit.view_applicant",
            ),
            (
                "Lenders",
                "account_balance",
                "admin:credit_lender_changelist",
                "credit.score_applicant",
            ),
            (
                "Analytics",
                "bar_chart",
                "admin:backoffice_analytics_changelist",
                "backoffice.view_analytics",
            ),
            (
                "Settlements",
                "payments",
                "admin:finance_statement_changelist",
                "finance.view_statement",
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
                "Sync dashboard",
                "monitoring",
                "admin:sync_syncdashboard_changelist",
                "sync.view_syncrun",
            ),
            (
                "Sync runs",
                "sync",
                "admin:sync_syncrun_changelist",
                "sync.view_syncrun",
            ),
            (
                "Gaps",
                "difference",
                "admin:sync_syncgap_changelist",
                "sync.view_syncrun",
            ),
            (
                "Webhook log",
                "webhook",
                "admin:webhooks_webhookevent_changelist",
                "webhooks.view_webhookevent",
            ),
            (
                "API log",
                "lan",
                "admin:platforms_apicall_changelist",
                "platforms.view_apicall",
            ),
            (
                "Alert hooks",
                "webhook",
                "admin:alerts_alerthook_changelist",
                "platforms.change_shop",
            ),
            (
                "Imports",
                "upload_file",
                "admin:imports_importrun_changelist",
                "imports.view_importrun",
            ),
            (
                "Exchange rates",
                "currency_exchange",
                "admin:finance_exchangerate_changelist",
                "finance.view_exchangerate",
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


def overdue(request: HttpRequest) -> str:
    """How many orders the user sees should have been shipped by now."""
    if not request.user.has_perm(VIEW_ORDER):
        return ""
    late = questions.overdue(timezone.now())
    count = Order.objects.visible_to(request.user).filter(late).count()
    return f"{count:,}" if count else ""


def critical_alerts(request: HttpRequest) -> str:
    """How many critical alerts are open, of those the user may see."""
    if not request.user.has_perm(VIEW_ALERT):
        return ""
    alerts = Alert.objects.visible_to(request.user).awake(timezone.now())
    count = alerts.filter(severity=Severity.CRITICAL).count()
    return f"{count:,}" if count else ""


def unmatched(request: HttpRequest) -> str:
    """How many listing SKUs nobody has matched, of those the user may see."""
    if not request.user.has_perm("products.view_listing"):
        return ""
    rows = ListingSku.objects.visible_to(request.user).listed()
    count = rows.filter(mapping=ListingSku.Mapping.UNMATCHED).count()
    return f"{count:,}" if count else ""


def oversold(request: HttpRequest) -> str:
    """How many open oversells the user may see."""
    if not request.user.has_perm(VIEW_STOCK):
        return ""
    # From the few that are open: with a join, a database may go through all levels.
    levels = StockLevel.objects.visible_to(request.user).filter(pk=OuterRef("level"))
    count = OversellIncident.objects.open().filter(Exists(levels)).count()
    return f"{count:,}" if count else ""


def stuck_pushes(request: HttpRequest) -> str:
    """How many SKUs wait for a person before their shop can be told."""
    if not request.user.has_perm(VIEW_STOCK):
        return ""
    pushes = StockPush.objects.visible_to(request.user)
    count = pushes.filter(state=StockPush.State.BLOCKED).count()
    return f"{count:,}" if count else ""


def open_gaps(request: HttpRequest) -> str:
    """On how many days orders do not agree, of shops whose runs the user may see."""
    if not request.user.has_perm(VIEW_RUN):
        return ""
    count = SyncGap.objects.visible_to(request.user).open().count()
    return f"{count:,}" if count else ""


# By address: what stands behind the title.
_BADGES = {
    "admin:alerts_alert_changelist": critical_alerts,
    "admin:orders_order_changelist": overdue,
    "admin:products_listingsku_changelist": unmatched,
    "admin:inventory_oversellincident_changelist": oversold,
    "admin:sync_stockpush_changelist": stuck_pushes,
    "admin:sync_syncgap_changelist": open_gaps,
}


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
    """All of those parted by blanks, or one set of those parted by bars."""
    ways = [way.split() for way in permissions.split("|")]
    return lambda request: any(request.user.has_perms(way) for way in ways)
