"""From "Add shop" to a connected shop: the ticket, the tokens, the shops."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import RemoteShop
from apps.integrations.errors import ConsentNeeded, ScopeMissing
from apps.platforms.errors import ConnectFailed
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    Credential,
    Shop,
)
from apps.platforms.regions import region_of
from apps.platforms.services.clients import (
    TikTokTokens,
    authorized_shops,
    consent_url,
)
from apps.platforms.services.tokens import store_new_authorization
from apps.users.models import Client, User

TICKET_LIFE = timedelta(minutes=10)


def start(user: User, client: Client, api_app: ApiApp, *, is_us: bool) -> str:
    """Note who wants to connect what; return the consent page's address.

    The state in it works once, for this user, for ten minutes.
    """
    if not app_secret_is_set(api_app):
        raise ConnectFailed("This app has no secret yet. Ask an admin to add it.")
    state = secrets.token_urlsafe(32)
    ConnectAttempt.objects.create(
        state_hash=_hash(state),
        user=user,
        client=client,
        api_app=api_app,
        expires_at=timezone.now() + TICKET_LIFE,
    )
    return consent_url(api_app, state, is_us=is_us)


def redeem(user: User, state: str) -> ConnectAttempt:
    """Use up the ticket. Raises ConnectFailed if it is not this user's, old or used."""
    now = timezone.now()
    ticket = ConnectAttempt.objects.filter(state_hash=_hash(state), user=user)
    if not ticket.filter(used_at__isnull=True, expires_at__gt=now).update(used_at=now):
        raise ConnectFailed(
            "This connection link is no longer valid. Start again from Add Shop."
        )
    return ticket.select_related("client", "api_app").get()


def finish(ticket: ConnectAttempt, code: str) -> list[Shop]:
    """Exchange the code and link every shop the seller let us work for.

    Reconnecting finds the shop's record. Raises ConnectFailed with what to do next,
    PlatformError if TikTok does not answer.
    """
    app = ticket.api_app
    try:
        pair = TikTokTokens(app).exchange_code(code)
        remotes = authorized_shops(app, pair.access_token)
    except ScopeMissing as error:
        raise ConnectFailed(
            "The app lacks a permission package. Apply for it in Partner Center, "
            f"Manage API. TikTok says: {error}"
        ) from error
    except ConsentNeeded as error:
        raise ConnectFailed(
            "TikTok no longer accepts this consent. Start again from Add Shop. "
            f"TikTok says: {error}"
        ) from error
    if not remotes:
        raise ConnectFailed(
            "No active TikTok Shop found. Please set up your shop first."
        )
    with transaction.atomic():
        authorization = store_new_authorization(app, pair)
        return [_link(ticket.client, authorization, remote) for remote in remotes]


def app_secret_is_set(api_app: ApiApp) -> bool:
    return bool(api_app.app_secret)


def _link(client: Client, authorization: Authorization, remote: RemoteShop) -> Shop:
    region = region_of(remote.region)
    app = authorization.api_app
    shop, _ = Shop.objects.get_or_create(
        platform=app.platform,
        remote_id=remote.remote_id,
        defaults={
            "client": client,
            "environment": app.environment,
            "name": remote.name[:120] or remote.remote_id,
            "code": remote.code[:40],
            "region": region.code,
            "currency": region.currency,
            "time_zone": region.time_zone,
        },
    )
    if shop.client_id != client.pk:
        raise ConnectFailed(
            f"The shop with the ID {remote.remote_id} is already linked."
        )
    shop.state, shop.state_reason = Shop.State.CONNECTED, ""
    shop.save(update_fields=["state", "state_reason", "modified_at"])
    Credential.objects.update_or_create(
        shop=shop,
        api_app=app,
        defaults={"authorization": authorization, "shop_cipher": remote.cipher},
    )
    return shop


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
