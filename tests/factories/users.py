"""People and clients."""

import itertools
from collections.abc import Iterable

from django.contrib.auth.models import Permission

from apps.users.models import Client, Membership, User

_numbers = itertools.count(1)


def make_client(name: str = "") -> Client:
    return Client.objects.create(name=name or f"Client {next(_numbers)}")


def make_user(
    username: str = "",
    *,
    clients: Iterable[Client] = (),
    permissions: Iterable[str] = (),
    is_staff: bool = True,
    is_superuser: bool = False,
) -> User:
    """`permissions` are named as in has_perm(): "orders.view_order"."""
    user = User.objects.create_user(
        username or f"user{next(_numbers)}",
        password="a password",
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    for client in clients:
        Membership.objects.create(user=user, client=client)
    for name in permissions:
        app, _, codename = name.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user
