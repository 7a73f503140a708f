"""Picked shops become accounts: found again or made, once each."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import RemoteShop
from apps.platforms.errors import ConnectFailed
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    Credential,
    Shop,
)
from apps.platforms.regions import region_of
from apps.platforms.services.connecting.exchange import offered_shops
from apps.platforms.services.connecting.offers import offers_of
from apps.platforms.services.connecting.tickets import NO_LONGER_VALID
from apps.platforms.services.seller_types import seller_type_of
from apps.platforms.services.shops import ensure_default
from apps.platforms.services.token_store import wipe
from apps.users.models import Client, User
from apps.users.services import audit


@transaction.atomic
def link_shops(
    attempt: ConnectAttempt,
    remote_ids: Sequence[str],
    names: Mapping[str, str] | None = None,
    *,
    actor: User | None = None,
    address: str | None = None,
) -> list[Shop]:
    """Link the picked shops; those of a client that had none get a main shop.

    `names` are {remote id: wanted name}, for shops not linked before. An actor links
    what they may connect: new shops where that is all the client's, else shops they
    look after already; nobody signed in (None) came with a link for all of them. Raises
    ConnectFailed, and then nothing changes. Repeating it returns what was linked.
    """
    attempt = (
        ConnectAttempt.objects.select_for_update(of=["self"])
        .select_related("client", "api_app", "authorization")
        .get(pk=attempt.pk)
    )
    if attempt.finished_at is not None:
        return list(attempt.shops.all())
    authorization, client = attempt.authorization, attempt.client
    if authorization is None or client is None or attempt.expires_at <= timezone.now():
        raise ConnectFailed(NO_LONGER_VALID)
    picked = [r for r in offered_shops(attempt) if r.remote_id in set(remote_ids)]
    if not picked:
        raise ConnectFailed("Pick at least one shop.")
    if actor is not None:
        _check_may_link(actor, attempt, picked)
    # One after the other for a client, so that one shop becomes the main one.
    Client.objects.select_for_update().get(pk=client.pk)
    process = f"connect link {attempt.link_id}" if attempt.link_id else "system"
    shops = []
    for remote in sorted(picked, key=lambda remote: remote.remote_id):
        name = (names or {}).get(remote.remote_id, "").strip() or remote.name
        shop, created = account_for(
            remote, client, attempt.api_app, name, attempt.environment
        )
        open_with(shop, authorization, remote.cipher)
        audit.record(
            "connected" if created else "reconnected",
            shop,
            actor=actor,
            process=process,
            client=client,
            address=address,
            api_app=str(attempt.api_app),
            seller=authorization.seller_name,
        )
        shops.append(shop)
    ensure_default(client)
    attempt.shops.set(shops)
    attempt.finished_at = timezone.now()
    attempt.code, attempt.offered = "", ""
    attempt.save()
    return shops


def _check_may_link(
    actor: User, attempt: ConnectAttempt, picked: Sequence[RemoteShop]
) -> None:
    chosen = {remote.remote_id for remote in picked}
    for offer in offers_of(attempt, actor):
        if offer.remote.remote_id not in chosen or offer.can_be_linked:
            continue
        if offer.shop is None:
            raise ConnectFailed(
                f"You connect single shops of {attempt.client}. A new one is added by "
                "somebody who connects all of them."
            )
        raise _already_linked(offer.remote)


def _already_linked(remote: RemoteShop) -> ConnectFailed:
    """The same words whosever it is."""
    return ConnectFailed(
        f"The shop with the ID {remote.remote_id} is already linked. A shop can be "
        "linked once."
    )


def account_for(
    remote: RemoteShop, client: Client, app: ApiApp, name: str, environment: str
) -> tuple[Shop, bool]:
    """The shop's one record, made if need be, and whether it is new.

    Raises ConnectFailed if it is another client's.
    """
    region = region_of(remote.region)
    shop, created = Shop.objects.get_or_create(
        platform=app.platform,
        remote_id=remote.remote_id,
        defaults={
            "client": client,
            "environment": environment,
            "name": name[:120] or remote.remote_id,
            "code": remote.code[:40],
            "region": region.code[:2],
            "seller_type": seller_type_of(remote),
            "currency": region.currency,
            "time_zone": region.time_zone,
        },
    )
    if shop.client_id != client.pk:
        raise _already_linked(remote)
    return shop, created


def open_with(shop: Shop, authorization: Authorization, cipher: str) -> None:
    """Let this consent open the shop, in the place of the one before it."""
    app = authorization.api_app
    before = Authorization.objects.filter(
        credentials__shop=shop, credentials__api_app=app
    ).exclude(pk=authorization.pk)
    replaced = list(before)
    Credential.objects.update_or_create(
        shop=shop,
        api_app=app,
        defaults={"authorization": authorization, "shop_cipher": cipher},
    )
    shop.state, shop.state_reason = Shop.State.CONNECTED, ""
    shop.save(update_fields=["state", "state_reason", "modified_at"])
    for row in replaced:
        if not row.credentials.exists():
            wipe(row)
