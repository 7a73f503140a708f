"""Who works where, and who was asked to."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.platforms.models import Invitation, Shop, ShopRole
from apps.platforms.services.team.invitations import LIFE
from apps.users.models import Client, Membership, User
from apps.users.roles import Role
from tests.factories.users import make_client, make_user


def make_member(client: Client, role: str = "", **fields: Any) -> Membership:
    """Somebody new in that role at all the client's shops."""
    user = make_user(clients=[client], role=role, **fields)
    user.email = f"{user.username}@example.com"
    user.save()
    return user.memberships.get()


def make_shop_member(shop: Shop, role: str, **fields: Any) -> Membership:
    """Somebody new who works at this shop alone."""
    member = make_member(shop.client)
    give_role(member, shop, role, **fields)
    return member


def give_role(
    member: Membership, shop: Shop, role: str = "", *, permissions: Any = ()
) -> ShopRole:
    """Said of one shop; without a role it is closed to them."""
    return ShopRole.objects.create(
        membership=member, shop=shop, role=role, extra_permissions=[*permissions]
    )


def make_invitation(
    client: Client | None = None,
    email: str = "new@example.com",
    role: str = Role.ANALYST,
    *,
    shops: Any = (),
    invited_by: User | None = None,
    expires_in: timedelta = LIFE,
    **fields: Any,
) -> Invitation:
    """One made by somebody who may give all."""
    row = Invitation.objects.create(
        client=client or make_client(),
        email=email,
        role=role,
        invited_by=invited_by or make_user(is_superuser=True),
        expires_at=timezone.now() + expires_in,
        **fields,
    )
    row.shops.set(shops)
    return row


def as_user(member: Membership) -> User:
    """The person, fresh from the table."""
    return User.objects.get(pk=member.user_id)
