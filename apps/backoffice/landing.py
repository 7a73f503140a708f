"""Where one's work begins, by role."""

from django.urls import reverse

from apps.platforms.models import ShopRole
from apps.users.models import AnyUser, Membership, User
from apps.users.roles import VIEW_ORDER, VIEW_SHOP, Role

_ORDERS = "admin:orders_order_changelist"
_SHOPS = "admin:platforms_shop_changelist"
_REPORTS = "admin:credit_creditreport_changelist"
_START = "start"

# The first role that somebody holds anywhere says it: (page, its query).
_BY_ROLE: dict[Role, tuple[str, str]] = {
    Role.ADMIN: (_ORDERS, ""),
    Role.ORDER_FULFILLMENT: (_ORDERS, "?tab=ship-24h"),
    Role.ANALYST: (_ORDERS, "?tab=all"),
    Role.CONTENT_MANAGER: (_SHOPS, ""),
    Role.CREATOR_PARTNER: (_START, ""),
    Role.UNDERWRITER: (_REPORTS, ""),
}
# Whoever has permissions without a role begins with the first page they may see.
_BY_PERMISSION = ((VIEW_ORDER, _ORDERS), (VIEW_SHOP, _SHOPS))


def landing_of(user: AnyUser) -> str:
    """The address after signing in."""
    held = roles_of(user)
    for role, (page, query) in _BY_ROLE.items():
        if role in held:
            return reverse(page) + query
    for permission, page in _BY_PERMISSION:
        if user.has_perm(permission):
            return reverse(page)
    return reverse(_START if user.is_authenticated else "admin:index")


def roles_of(user: AnyUser) -> set[str]:
    """The roles somebody holds at any client or shop, as far as their access goes: who
    is looked at by a colleague, no further. A superuser's is Admin."""
    if not isinstance(user, User):
        return set()
    if user.access.everything:
        return {Role.ADMIN}
    working = Membership.objects.filter(user=user, client__in=user.access.clients)
    own = ShopRole.objects.filter(membership__in=working)
    roles = {
        *working.values_list("role", flat=True),
        *own.values_list("role", flat=True),
    }
    return roles - {""}
