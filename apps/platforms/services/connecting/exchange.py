"""A code for tokens, tokens for the shops they open. What fails is noted in words.

The code works once, so whatever it gave is stored at once; a later failure (the list
of shops) can be repeated with the tokens alone.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import RemoteShop, TokenPair
from apps.integrations.errors import (
    ConsentNeeded,
    OurFault,
    PlatformError,
    PlatformUnavailable,
    RateLimited,
    ScopeMissing,
)
from apps.integrations.http import Timeouts
from apps.integrations.tiktok.clock import seconds_ahead
from apps.integrations.tiktok.codes import MANY_FAULTS_CODE
from apps.integrations.tiktok.retries import RetryPolicy
from apps.integrations.tiktok.scopes import in_words, scopes_named_in
from apps.platforms.errors import ConnectFailed
from apps.platforms.models import ConnectAttempt, ConnectLink
from apps.platforms.services.clients import TikTokTokens, authorized_shops, hosts
from apps.platforms.services.connecting.tickets import (
    DRAFT_LIFE,
    TICKET_LIFE,
    lease,
)
from apps.platforms.services.creators import (
    CREATOR,
    check_is_creator,
    open_account,
    read_profile,
)
from apps.platforms.services.seller_types import note_seller_types
from apps.platforms.services.token_store import store_new_authorization
from apps.platforms.services.trail import Actor

logger = logging.getLogger(__name__)
T = TypeVar("T")

# A person waits for the answer: three repeats and no long pauses.
PATIENCE = RetryPolicy(tries=4, base_seconds=0.5, jitter_seconds=0.2, cap_seconds=5.0)
TIMEOUTS = Timeouts(connect=5.0, read=10.0)
LEASE_SECONDS = 180.0
LONGEST_BELIEVED = timedelta(days=731)
# Documented: an access token lives for 7 days, a seller's consent for a year at most.
ACCESS_LIFE = timedelta(days=7)
CONSENT_LIFE = timedelta(days=365)
SELLER = 0

NO_ANSWER = "TikTok did not answer. Your consent is kept for 10 minutes."
NO_SHOP = "No active TikTok Shop found. Please set up your shop first."
SCOPE = (
    "The app lacks a permission package. Apply for it in Partner Center, Manage API."
)
A_CREATOR = (
    "This consent was given by a creator, not by a seller. Sign in to Seller Center "
    "first, or connect a creator account instead."
)
SPENT = (
    "TikTok no longer accepts this consent: its code was used already or is too old."
)

Problem = ConnectAttempt.Problem
CAN_BE_REPEATED = {Problem.NO_ANSWER, Problem.CREDENTIALS, Problem.NO_SHOP}
SIGNATURE_CODE = 106001


def complete(attempt: ConnectAttempt) -> None:
    """Get the tokens and the list of shops, or note on the attempt what is wrong.

    Where a creator was asked there is nothing to pick from: their account is opened,
    and the attempt is finished.

    Repeating it goes on where it stopped; while another request is at it, it does
    nothing.
    """
    if not lease(attempt, LEASE_SECONDS):
        return
    try:
        attempt.refresh_from_db()
        if not (attempt.offered or attempt.finished_at):
            _go_on(attempt)
    except ConnectFailed as error:
        _note(attempt, Problem.REFUSED, str(error))
    except PlatformError as error:
        problem, text = explain(error)
        logger.warning(
            "connect failed attempt=%s problem=%s error=%s", attempt.pk, problem, error
        )
        _note(attempt, problem, text)
    finally:
        ConnectAttempt.objects.filter(pk=attempt.pk).update(busy_until=None)
    attempt.refresh_from_db()


def explain(error: PlatformError) -> tuple[Problem, str]:
    """What a failed exchange means for the person in front of it."""
    if isinstance(error, ScopeMissing):
        return Problem.SCOPE, _missing_in_words(error)
    if isinstance(error, ConsentNeeded):
        return Problem.CONSENT, f"{SPENT} (TikTok Shop says: {error})"
    if isinstance(error, PlatformUnavailable | RateLimited):
        return Problem.NO_ANSWER, NO_ANSWER
    is_credentials = error.code in (SIGNATURE_CODE, MANY_FAULTS_CODE)
    if isinstance(error, OurFault) and is_credentials:
        off = seconds_ahead(hosts())
        clock = "of unknown accuracy" if off is None else f"off by {abs(off)} s"
        return (
            Problem.CREDENTIALS,
            f"Check the app secret and this server's clock ({clock}). {error}",
        )
    return Problem.REFUSED, str(error)


def _go_on(attempt: ConnectAttempt) -> None:
    app = attempt.api_app
    if attempt.authorization is None:
        code = str(attempt.code)
        pair = patiently(lambda: TikTokTokens(app, TIMEOUTS).exchange_code(code))
        _check_kind(attempt, pair.user_type)
        _store(attempt, pair)
    assert attempt.authorization is not None
    if attempt.account_kind == ConnectAttempt.AccountKind.CREATOR:
        _open_creator(attempt)
        return
    token = str(attempt.authorization.access_token)
    remotes = authorized_shops(app, token, retries=PATIENCE, timeouts=TIMEOUTS)
    if not remotes:
        _note(attempt, Problem.NO_SHOP, NO_SHOP)
        return
    note_seller_types(app.platform, remotes)
    attempt.offered = json.dumps([asdict(remote) for remote in remotes])
    attempt.expires_at = timezone.now() + DRAFT_LIFE
    attempt.problem, attempt.problem_text = "", ""
    attempt.save()


def _check_kind(attempt: ConnectAttempt, user_type: int) -> None:
    """Raises ConnectFailed where another kind of account consented than was asked; its
    tokens are not kept."""
    if attempt.account_kind == ConnectAttempt.AccountKind.CREATOR:
        check_is_creator(user_type)
    elif user_type == CREATOR:
        raise ConnectFailed(A_CREATOR)


def _open_creator(attempt: ConnectAttempt) -> None:
    assert attempt.client is not None
    assert attempt.authorization is not None
    with transaction.atomic():
        attempt.creator_account = open_account(
            attempt.client, attempt.authorization, by=_actor(attempt)
        )
        attempt.finished_at = timezone.now()
        attempt.problem, attempt.problem_text = "", ""
        attempt.save()
    read_profile(attempt.creator_account)


def _actor(attempt: ConnectAttempt) -> Actor:
    process = f"connect link {attempt.link_id}" if attempt.link_id else "connect"
    return Actor(attempt.user, process=process)


@transaction.atomic
def _store(attempt: ConnectAttempt, pair: TokenPair) -> None:
    now = timezone.now()
    believed = believable(pair, now)
    attempt.authorization = store_new_authorization(
        attempt.api_app,
        believed,
        by=_actor(attempt),
        client=attempt.client,
    )
    attempt.has_odd_expiry = believed != pair
    attempt.code = ""
    attempt.expires_at = now + DRAFT_LIFE
    attempt.save()


def believable(pair: TokenPair, now: datetime) -> TokenPair:
    """The pair with documented lifetimes in the place of expiries years away.

    Creators' consents do not end, so theirs may be.
    """
    if pair.access_expires_at > now + LONGEST_BELIEVED:
        pair = replace(pair, access_expires_at=now + ACCESS_LIFE)
    is_seller = pair.user_type == SELLER
    if is_seller and pair.refresh_expires_at > now + LONGEST_BELIEVED:
        pair = replace(pair, refresh_expires_at=now + CONSENT_LIFE)
    return pair


def patiently(call: Callable[[], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """Repeat what the platform did not answer, three times."""
    repeat = 0
    while True:
        try:
            return call()
        except PlatformError as error:
            repeat += 1
            pause = PATIENCE.pause_seconds(error, repeat)
            if pause is None:
                raise
            logger.info("exchange to be repeated repeat=%s error=%s", repeat, error)
            sleep(pause)


def offered_shops(attempt: ConnectAttempt) -> list[RemoteShop]:
    return [RemoteShop(**row) for row in json.loads(str(attempt.offered) or "[]")]


def _missing_in_words(error: ScopeMissing) -> str:
    words = ", ".join(map(in_words, scopes_named_in(error.message)))
    return f"{SCOPE} {f'Missing: {words}.' if words else error}"


def _note(attempt: ConnectAttempt, problem: Problem, text: str) -> None:
    """Keep the words; a link whose consent came to nothing may be used again."""
    now = timezone.now()
    attempt.problem, attempt.problem_text = problem, text[:600]
    if problem in CAN_BE_REPEATED:
        life = TICKET_LIFE if attempt.authorization is None else DRAFT_LIFE
        attempt.expires_at = now + life
    else:
        attempt.code = ""
        ConnectLink.objects.filter(attempts=attempt).update(used_at=None)
    attempt.save()
