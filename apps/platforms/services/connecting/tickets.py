"""Who may come back with a consent: one-use states, for ten minutes.

A signed-in user is bound by their account; somebody who is not (a shop owner with a
link, or a user whose session ended meanwhile) by a signed cookie naming the attempt.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.platforms.errors import ConnectFailed
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    ConnectLink,
    Shop,
)
from apps.platforms.regions import open_regions, region_of
from apps.platforms.services.clients import consent_url, creator_consent_url
from apps.platforms.services.token_store import wipe
from apps.users.models import AnyUser, Client, User
from apps.users.roles import MANAGE_CREDENTIALS

TICKET_LIFE = timedelta(minutes=10)
# Time to read, to ask a colleague, to pick.
DRAFT_LIFE = timedelta(hours=1)
# Consents from the App Store nobody has signed in for yet; more are turned away.
MOST_UNCLAIMED = 50

NO_LONGER_VALID = "This connection link is no longer valid. Start again from Add Shop."


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants connected. `region` is an expectation, not a fact."""

    client: Client
    api_app: ApiApp
    region: str
    environment: str = Shop.Environment.PRODUCTION
    name: str = ""
    reconnects: Shop | None = None


def begin(user: User, choice: Choice) -> ConnectAttempt:
    """Note who wants to connect what. Raises ConnectFailed where it cannot work."""
    tidy(timezone.now())
    check_app(choice.api_app, choice.client)
    check_region(choice.region)
    is_test_app = choice.api_app.environment != Shop.Environment.PRODUCTION
    if is_test_app and choice.environment == Shop.Environment.PRODUCTION:
        raise ConnectFailed(
            f"{choice.api_app} is a "
            f"{choice.api_app.get_environment_display().lower()} app; its shops "
            "cannot be production shops."
        )
    return ConnectAttempt.objects.create(
        state_hash=digest(secrets.token_urlsafe(32)),
        user=user,
        client=choice.client,
        api_app=choice.api_app,
        region=choice.region,
        environment=choice.environment,
        name=choice.name,
        reconnects=choice.reconnects,
        expires_at=timezone.now() + DRAFT_LIFE,
    )


def begin_for_creator(user: User, client: Client, api_app: ApiApp) -> ConnectAttempt:
    """Note who wants a creator's account connected. Raises ConnectFailed."""
    tidy(timezone.now())
    check_app(api_app, client)
    return ConnectAttempt.objects.create(
        state_hash=digest(secrets.token_urlsafe(32)),
        account_kind=ConnectAttempt.AccountKind.CREATOR,
        user=user,
        client=client,
        api_app=api_app,
        environment=api_app.environment,
        expires_at=timezone.now() + DRAFT_LIFE,
    )


def begin_with(link: ConnectLink) -> ConnectAttempt:
    """The same for a shop owner who came with a link."""
    tidy(timezone.now())
    check_app(link.api_app, link.client)
    return ConnectAttempt.objects.create(
        state_hash=digest(secrets.token_urlsafe(32)),
        link=link,
        client=link.client,
        api_app=link.api_app,
        region="US" if link.is_us else "",
        environment=link.api_app.environment,
        expires_at=timezone.now() + DRAFT_LIFE,
    )


def begin_unasked(user: AnyUser, app_key: str, code: str) -> ConnectAttempt:
    """A consent that began in TikTok's App Store: nobody here asked for it.

    The code is kept until somebody signed in says which client it is for.
    """
    now = timezone.now()
    tidy(now)
    if isinstance(user, User) and not user.has_perm(MANAGE_CREDENTIALS):
        raise ConnectFailed(
            "Your role does not connect shops. Ask an Admin to install the app."
        )
    app = ApiApp.objects.filter(app_key=app_key).first() if app_key else None
    # Not that of a client: whose consent this is, is not known yet.
    app = app or ApiApp.objects.filter(client=None).order_by("pk").first()
    if app is None:
        raise ConnectFailed("No API app is set up here yet. Ask an admin to add it.")
    if not isinstance(user, User):
        unclaimed = ConnectAttempt.objects.filter(user=None, link=None, client=None)
        if unclaimed.count() >= MOST_UNCLAIMED:
            raise ConnectFailed("Sign in first, then install the app again.")
    return ConnectAttempt.objects.create(
        state_hash=digest(secrets.token_urlsafe(32)),
        user=user if isinstance(user, User) else None,
        api_app=app,
        environment=app.environment,
        expires_at=now + TICKET_LIFE,
        used_at=now,
        code=code,
    )


def claim(attempt: ConnectAttempt, user: User, client: Client, api_app: ApiApp) -> None:
    """Say whose shop the unasked consent opens."""
    check_app(api_app, client)
    attempt.user, attempt.client, attempt.api_app = user, client, api_app
    attempt.environment = api_app.environment
    attempt.save()


def leave_for_consent(attempt: ConnectAttempt, *, asks: Client | None = None) -> str:
    """Sign a fresh state; the address of the platform's consent page. `asks` is whose
    app may be used, where that is not the attempt's client.

    Raises ConnectFailed when the attempt is too old, or its link was closed.
    """
    now = timezone.now()
    is_open = attempt.authorization_id is None and attempt.created_at > now - DRAFT_LIFE
    if not is_open or (attempt.link and not _is_open(attempt.link, now)):
        raise ConnectFailed(NO_LONGER_VALID)
    check_app(attempt.api_app, asks or attempt.client)
    state = secrets.token_urlsafe(32)
    attempt.state_hash = digest(state)
    attempt.expires_at = now + TICKET_LIFE
    attempt.used_at = None
    attempt.code = ""
    attempt.problem, attempt.problem_text = "", ""
    attempt.save()
    if attempt.account_kind == ConnectAttempt.AccountKind.CREATOR:
        return creator_consent_url(attempt.api_app, state)
    is_us = region_of(attempt.region).is_us
    return consent_url(attempt.api_app, state, is_us=is_us)


def find(state: str, user: AnyUser, cookie_attempt: int | None) -> ConnectAttempt:
    """The attempt this state was signed for, if it is theirs who bring it.

    Raises ConnectFailed for a wrong one, another's, or one too old.
    """
    rows = ConnectAttempt.objects.select_related("link", "client", "api_app")
    attempt = rows.filter(state_hash=digest(state)).first()
    if attempt is None or not _is_theirs(attempt, user, cookie_attempt):
        raise ConnectFailed(NO_LONGER_VALID)
    if attempt.used_at is None and attempt.expires_at <= timezone.now():
        raise ConnectFailed(NO_LONGER_VALID)
    return attempt


def redeem(attempt: ConnectAttempt, code: str) -> bool:
    """Use up the state and keep the code; False if it was used up before.

    A link is used up with it: the first consent through it wins.
    """
    now = timezone.now()
    fresh = ConnectAttempt.objects.filter(
        pk=attempt.pk,
        state_hash=attempt.state_hash,
        used_at__isnull=True,
        expires_at__gt=now,
    )
    if not fresh.update(used_at=now, expires_at=now + TICKET_LIFE, code=code):
        return False
    if attempt.link_id and not (
        ConnectLink.objects.open(now).filter(pk=attempt.link_id).update(used_at=now)
    ):
        ConnectAttempt.objects.filter(pk=attempt.pk).delete()
        raise ConnectFailed(NO_LONGER_VALID)
    attempt.refresh_from_db()
    return True


def refuse(attempt: ConnectAttempt) -> None:
    """Use up the state of somebody who came back without a code; they may try again."""
    rows = ConnectAttempt.objects.filter(pk=attempt.pk, used_at__isnull=True)
    rows.update(used_at=timezone.now())


def abandon(attempt: ConnectAttempt) -> None:
    """Forget the attempt, and its tokens if they open no shop."""
    now = timezone.now()
    ConnectAttempt.objects.filter(pk=attempt.pk).update(expires_at=now)
    tidy(now)


def check_app(app: ApiApp, client: Client | None = None) -> None:
    """Raises ConnectFailed naming what the app lacks, or whose alone it is."""
    if app.client_id is not None and client is not None and app.client_id != client.pk:
        raise ConnectFailed(
            f"Shops of {client} are not connected through this app. Choose another."
        )
    lacks = {
        "secret": app.app_secret,
        "app key": app.app_key,
        "service ID": app.service_id,
        "redirect address": settings.PUBLIC_URL,
    }
    for name, value in lacks.items():
        if not value:
            raise ConnectFailed(f"This app has no {name} yet. Ask an admin to add it.")


def check_region(code: str) -> None:
    """Raises ConnectFailed, naming the open markets, where TikTok takes no sellers."""
    if code not in {region.code for region in open_regions()}:
        names = ", ".join(sorted(region.name for region in open_regions()))
        raise ConnectFailed(
            f"TikTok Shop is not available in your region yet. It is open in: {names}."
        )


def tidy(now: datetime) -> None:
    """Forget attempts that ended unfinished, and tokens no shop was picked for."""
    old = ConnectAttempt.objects.filter(finished_at__isnull=True, expires_at__lte=now)
    opened = list(
        old.exclude(authorization=None).values_list("authorization", flat=True)
    )
    old.delete()
    unused = Authorization.objects.filter(
        pk__in=opened, credentials=None, attempts=None, creator_accounts=None
    )
    for row in unused:
        wipe(row)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _is_theirs(
    attempt: ConnectAttempt, user: AnyUser, cookie_attempt: int | None
) -> bool:
    if attempt.link_id is None and user.is_authenticated:
        return attempt.user_id == user.pk
    return attempt.pk == cookie_attempt


def _is_open(link: ConnectLink, now: datetime) -> bool:
    return ConnectLink.objects.open(now).filter(pk=link.pk).exists()


def lease(attempt: ConnectAttempt, seconds: float) -> bool:
    """Whether the exchange is ours to do; another request may be at it."""
    now = timezone.now()
    free = Q(busy_until__isnull=True) | Q(busy_until__lt=now)
    rows = ConnectAttempt.objects.filter(free, pk=attempt.pk)
    return bool(rows.update(busy_until=now + timedelta(seconds=seconds)))
