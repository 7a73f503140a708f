"""Creators' accounts: opened by a consent, closed for good.

Their consents do not end by themselves; they live until the creator or we end them.
"""

import logging

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import TokenPair
from apps.integrations.contracts.affiliate import CreatorProfile
from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.platforms.errors import ConnectFailed, ReconnectNeeded
from apps.platforms.models import ApiApp, Authorization, CreatorAccount
from apps.platforms.regions import region_of
from apps.platforms.services.clients import client_for_creator
from apps.platforms.services.token_store import store_new_authorization, wipe
from apps.platforms.services.trail import Actor
from apps.users.models import Client
from apps.users.services import audit

logger = logging.getLogger(__name__)

CREATOR = 1  # the platform's `user_type`
NOT_A_CREATOR = (
    "This consent was given by a seller, not by a creator. Have the creator sign in to "
    "TikTok with their own account and start again."
)
SOMEBODY_ELSES = (
    "This creator account is already linked. An account can be linked once."
)

State = CreatorAccount.State


@transaction.atomic
def connect_creator(
    client: Client, api_app: ApiApp, pair: TokenPair, *, by: Actor | None = None
) -> CreatorAccount:
    """Keep a fresh consent and the account it opens.

    The same creator again gets the same account. Raises ConnectFailed where the consent
    is not a creator's, or the account is another client's.
    """
    check_is_creator(pair.user_type)
    row = store_new_authorization(api_app, pair, by=by, client=client)
    return open_account(client, row, by=by)


@transaction.atomic
def open_account(
    client: Client, authorization: Authorization, *, by: Actor | None = None
) -> CreatorAccount:
    """The account that a stored consent opens, made if need be. See connect_creator."""
    check_is_creator(authorization.user_type)
    by = by or Actor(process="connect")
    account, created = CreatorAccount.objects.get_or_create(
        platform=authorization.api_app.platform,
        open_id=authorization.open_id,
        defaults={"client": client},
    )
    account = CreatorAccount.objects.select_for_update().get(pk=account.pk)
    if account.client_id != client.pk:
        raise ConnectFailed(SOMEBODY_ELSES)
    account.api_app = authorization.api_app
    account.authorization = authorization
    account.nickname = account.nickname or authorization.seller_name
    account.state, account.state_reason = State.CONNECTED, ""
    account.connected_at, account.disconnected_at = timezone.now(), None
    _note_region(account, authorization.seller_region)
    account.save()
    audit.record(
        "connected" if created else "reconnected",
        account,
        actor=by.user,
        process=by.process,
        client=client,
        address=by.address,
        api_app=str(authorization.api_app),
    )
    return account


def read_profile(account: CreatorAccount) -> CreatorAccount:
    """Ask the platform who they are; what it does not tell stays. Trouble is none: the
    account serves without a name, and is asked again with each pull."""
    try:
        profile = client_for_creator(account).creator_profile()
    except (ConsentNeeded, ReconnectNeeded, PlatformError) as error:
        logger.warning("profile not read account=%s error=%s", account.pk, error)
        return account
    return note_profile(account, profile)


@transaction.atomic
def note_profile(account: CreatorAccount, profile: CreatorProfile) -> CreatorAccount:
    row = CreatorAccount.objects.select_for_update().get(pk=account.pk)
    row.username = profile.username.removeprefix("@")[:120] or row.username
    row.nickname = profile.nickname[:120] or row.nickname
    _note_region(row, profile.region)
    row.save(
        update_fields=["username", "nickname", "region", "time_zone", "modified_at"]
    )
    return row


@transaction.atomic
def disconnect_creator(account: CreatorAccount, *, by: Actor) -> CreatorAccount:
    """Stop reading the account and forget what opens it; what was read stays.

    Repeating it changes nothing.
    """
    row = CreatorAccount.objects.select_for_update().get(pk=account.pk)
    if row.state == State.DISCONNECTED:
        return row
    opened = row.authorization
    row.state, row.authorization = State.DISCONNECTED, None
    row.disconnected_at = timezone.now()
    row.state_reason = f"Disconnected on {row.disconnected_at:%d %b %Y %H:%M} UTC."
    row.save()
    if opened is not None and not _opens_anything(opened):
        wipe(opened, by=by, client=row.client)
    audit.record(
        "disconnected",
        row,
        actor=by.user,
        process=by.process,
        client=row.client,
        address=by.address,
    )
    return row


def check_is_creator(user_type: int) -> None:
    """Raises ConnectFailed."""
    if user_type != CREATOR:
        raise ConnectFailed(NOT_A_CREATOR)


def _opens_anything(row: Authorization) -> bool:
    return row.credentials.exists() or row.creator_accounts.exists()


def _note_region(account: CreatorAccount, code: str) -> None:
    """With the region comes the clock by which their days are counted, unless somebody
    has set another."""
    if not code.strip():
        return
    region = region_of(code)
    account.region = region.code[:8]
    if account.time_zone == "UTC" and region.time_zone:
        account.time_zone = region.time_zone
