"""One-time addresses for shop owners who have no account with us."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.platforms.errors import ConnectFailed
from apps.platforms.models import ApiApp, ConnectLink
from apps.platforms.services.connecting.tickets import check_app, digest
from apps.users.models import Client, User
from apps.users.services import audit

CLOSED = (
    "This link has been used, has expired or was taken back. Ask for a new one if you "
    "still want to connect your shop."
)


@transaction.atomic
def make_link(
    user: User,
    client: Client,
    api_app: ApiApp,
    *,
    is_us: bool,
    days: int,
    address: str | None = None,
) -> tuple[ConnectLink, str]:
    """The link and its token, which is told this once and kept as a hash only."""
    check_app(api_app, client)
    token = secrets.token_urlsafe(32)
    link = ConnectLink.objects.create(
        token_hash=digest(token),
        client=client,
        api_app=api_app,
        created_by=user,
        is_us=is_us,
        expires_at=timezone.now() + timedelta(days=days),
    )
    audit.record(
        "made a connect link",
        link,
        actor=user,
        client=client,
        address=address,
        api_app=str(api_app),
        days=days,
    )
    return link, token


@transaction.atomic
def revoke_link(link: ConnectLink, user: User, *, address: str | None = None) -> bool:
    """Take an unused link back; False if it was closed before."""
    now = timezone.now()
    if not ConnectLink.objects.open(now).filter(pk=link.pk).update(revoked_at=now):
        return False
    audit.record(
        "revoked a connect link",
        link,
        actor=user,
        client=link.client,
        address=address,
    )
    return True


def open_link(token: str) -> ConnectLink:
    """The link a shop owner came with. Raises ConnectFailed if it leads nowhere."""
    links = ConnectLink.objects.open(timezone.now()).select_related("client", "api_app")
    link = links.filter(token_hash=digest(token)).first()
    if link is None:
        raise ConnectFailed(CLOSED)
    return link
