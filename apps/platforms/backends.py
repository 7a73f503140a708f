"""Who may do what: the backend that Django asks, answering from roles at shops."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import F, Model

from apps.platforms.models import Shop, ShopRole
from apps.users.access import Access, Place
from apps.users.models import Client, Membership, User
from apps.users.roles import BESIDE_MATRIX, grants_of


class RoleBackend(BaseBackend):
    """Signs nobody in. Permissions come from roles alone, never from Django's groups
    or a user's own; of an object they are those at its shop or client."""

    def access_of(self, user: User) -> Access:
        """What the rows say: two queries."""
        memberships = Membership.objects.filter(user=user, client__is_active=True)
        clients = {row.client_id: row.permissions for row in memberships}
        beside = [BESIDE_MATRIX.get(row.role, frozenset()) for row in memberships]
        if not clients:
            return Access()
        shop_roles = ShopRole.objects.filter(
            membership__in=memberships, shop__client=F("membership__client")
        ).select_related("membership")
        shops = {
            row.shop_id: (row.membership.client_id, row.permissions)
            for row in shop_roles
        }
        return Access(clients=clients, shops=shops, beside=frozenset().union(*beside))

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        if obj is None:
            return user_obj.access.may(perm)
        place = place_of(obj)
        return place is not None and user_obj.access.may(perm, place)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        access = user_obj.access
        return access.everything or any(
            name.startswith(f"{app_label}.") for name in self._held(access)
        )

    def get_all_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        return self._held(user_obj.access) if isinstance(user_obj, User) else set()

    def _held(self, access: Access) -> set[str]:
        names = set().union(*access.clients.values())
        names = names.union(*(names for _, names in access.shops.values()))
        return set(grants_of(names) | access.beside)


def place_of(obj: Model) -> Place | None:
    """The shop or client a row belongs to; None for what belongs to neither."""
    if isinstance(obj, Shop):
        return Place(obj.client_id, obj.pk)
    if isinstance(obj, Client):
        return Place(obj.pk)
    shop = getattr(obj, "shop", None)
    if isinstance(shop, Shop):
        return Place(shop.client_id, shop.pk)
    client_id = getattr(obj, "client_id", None)
    if client_id is None:
        return None
    return Place(client_id, getattr(obj, "shop_key", None))
