"""People and clients."""

import itertools
from collections.abc import Iterable
from typing import Any

from apps.users.models import Client, Membership, User

_numbers = itertools.count(1)


def make_client(name: str = "", **fields: Any) -> Client:
    return Client.objects.create(name=name or f"Client {next(_numbers)}", **fields)


def make_user(
    username: str = "",
    *,
    clients: Iterable[Client] = (),
    role: str = "",
    permissions: Iterable[str] = (),
    is_staff: bool = True,
    is_superuser: bool = False,
) -> User:
    """A member of all the clients in that role; `permissions` are lines of the
    matrix, beside it."""
    user = User.objects.create_user(
        username or f"user{next(_numbers)}",
        password="a password",
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    for client in clients:
        Membership.objects.create(
            user=user, client=client, role=role, extra_permissions=[*permissions]
        )
    return user
