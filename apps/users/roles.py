"""The table of roles: what each may do, and what each of those opens. Data alone.

A *permission* here is a line of the team page's matrix. It grants permissions of
Django's kind ("orders.view_order"), which pages, actions and the API ask for. Nothing
of ours is granted in another way: a user's groups and own permissions do not count.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices


class Role(TextChoices):
    ADMIN = "admin", "Admin"
    CONTENT_MANAGER = "content_manager", "Content Manager"
    ORDER_FULFILLMENT = "order_fulfillment", "Order Fulfillment"
    CREATOR_PARTNER = "creator_partner", "Creator Partner"
    ANALYST = "analyst", "Analyst"
    # Outside the matrix: reads the credit reports shared with them, and no shop.
    UNDERWRITER = "underwriter", "Underwriter"


IN_MATRIX = tuple(role for role in Role if role != Role.UNDERWRITER)


@dataclass(frozen=True, slots=True)
class Permission:
    """A line of the matrix: its words, who has it by role, and what it opens."""

    name: str
    words: str
    roles: frozenset[Role]
    grants: frozenset[str]


def _line(
    name: str, words: str, roles: Iterable[Role], grants: Iterable[str] = ()
) -> Permission:
    return Permission(name, words, frozenset(roles), frozenset(grants))


_A, _C, _O, _P, _N = IN_MATRIX

VIEW_SHOP = "platforms.view_shop"
MANAGE_CREDENTIALS = "platforms.manage_credentials"
CHANGE_SHOP = "platforms.change_shop"
VIEW_CALL = "platforms.view_apicall"
VIEW_ORDER = "orders.view_order"
PROCESS_ORDERS = "orders.process_orders"
VIEW_PRODUCT = "products.view_product"
VIEW_COST = "products.view_cost"
CHANGE_PRODUCT = "products.change_product"
VIEW_LISTING = "products.view_listing"
CHANGE_LISTING = "products.change_listing"
VIEW_STOCK = "inventory.view_stocklevel"
CHANGE_STOCK = "inventory.change_stocklevel"
VIEW_RUN = "sync.view_syncrun"
START_SYNC = "sync.start_sync"
VIEW_IMPORT = "imports.view_importrun"
VIEW_WEBHOOK = "webhooks.view_webhookevent"
REPLAY_WEBHOOK = "webhooks.replay_webhook"
VIEW_ALERT = "alerts.view_alert"
CHANGE_ALERT = "alerts.change_alert"
VIEW_ANALYTICS = "backoffice.view_analytics"
VIEW_FINANCE = "finance.view_statement"
VIEW_RATE = "finance.view_exchangerate"
VIEW_CREATOR = "content.view_creator"
VIEW_COMMISSION = "content.view_commission"
VIEW_CREDIT = "credit.view_applicant"
SCORE_APPLICANT = "credit.score_applicant"
VIEW_REPORT = "credit.view_creditreport"
VIEW_CLIENT = "users.view_client"
VIEW_TEAM = "users.view_membership"
MANAGE_TEAM = "users.manage_team"
VIEW_AUDIT = "users.view_auditentry"

_SEES_PRODUCTS = (VIEW_PRODUCT, VIEW_LISTING)
_SEES_TRAFFIC = (VIEW_RUN, VIEW_WEBHOOK, VIEW_ALERT)
_STEERS_TRAFFIC = (*_SEES_TRAFFIC, START_SYNC, REPLAY_WEBHOOK, CHANGE_ALERT)
_WORKS_ON_STOCK = (*_SEES_PRODUCTS, VIEW_STOCK, CHANGE_STOCK)

PERMISSIONS: dict[str, Permission] = {
    line.name: line
    for line in (
        _line(
            "manage_credentials",
            "Connect and disconnect shops, see their consents and calls",
            [_A],
            [MANAGE_CREDENTIALS, VIEW_SHOP, VIEW_CALL],
        ),
        _line(
            "manage_settings",
            "Change a shop's settings, features and schedule, read the audit trail",
            [_A],
            [
                VIEW_SHOP,
                CHANGE_SHOP,
                *_STEERS_TRAFFIC,
                VIEW_IMPORT,
                VIEW_AUDIT,
                VIEW_CREDIT,
                SCORE_APPLICANT,
                VIEW_REPORT,
            ],
        ),
        _line(
            "manage_team",
            "Invite and remove people, change their roles, read the audit trail",
            [_A],
            [VIEW_SHOP, VIEW_CLIENT, VIEW_TEAM, MANAGE_TEAM, VIEW_AUDIT],
        ),
        _line(
            "manage_products",
            "Edit and match products, publish listings, see what they cost",
            [_A, _C],
            [*_SEES_PRODUCTS, VIEW_COST, CHANGE_PRODUCT, CHANGE_LISTING, VIEW_STOCK],
        ),
        _line("manage_videos", "Edit videos and what they show", [_A, _C]),
        _line("schedule_live", "Plan live sessions", [_A, _C]),
        _line(
            "process_orders",
            "Work on orders and see the buyers",
            [_A, _O],
            [VIEW_SHOP, VIEW_ORDER, PROCESS_ORDERS, *_STEERS_TRAFFIC, VIEW_IMPORT],
        ),
        _line(
            "manage_logistics",
            "Look after stock, warehouses, packages and carriers",
            [_A, _O],
            [VIEW_SHOP, *_WORKS_ON_STOCK, VIEW_ALERT, CHANGE_ALERT],
        ),
        _line(
            "view_analytics",
            "See figures, and orders without their buyers",
            [_A, _C, _N],
            [
                VIEW_SHOP,
                VIEW_ORDER,
                VIEW_RUN,
                VIEW_ALERT,
                VIEW_COST,
                VIEW_STOCK,
                VIEW_ANALYTICS,
                VIEW_FINANCE,
                VIEW_RATE,
                VIEW_CREATOR,
            ],
        ),
        _line("view_products", "See products and listings", IN_MATRIX, _SEES_PRODUCTS),
        _line("create_content", "Upload content of their own", [_A, _P]),
        _line(
            "view_commission",
            "See their own commission",
            [_A, _P],
            [VIEW_COMMISSION],
        ),
    )
}


# What a role opens at no place: which rows, those say themselves. A report names who it
# was shared with.
BESIDE_MATRIX: dict[str, frozenset[str]] = {Role.UNDERWRITER: frozenset({VIEW_REPORT})}


def permissions_of(role: str, extra: Iterable[str] = ()) -> frozenset[str]:
    """Names of PERMISSIONS that a role has, and those given beside it.

    No role has none; an underwriter's have nothing to do with shops.
    """
    if role == Role.UNDERWRITER:
        return frozenset()
    by_role = {line.name for line in PERMISSIONS.values() if role in line.roles}
    return frozenset(by_role | (set(extra) & PERMISSIONS.keys()))


def grants_of(permissions: Iterable[str]) -> frozenset[str]:
    """What they open, in Django's names."""
    return frozenset().union(*(PERMISSIONS[name].grants for name in permissions))
