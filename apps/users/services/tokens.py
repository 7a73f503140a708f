"""API tokens: made, told once, used, taken back."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from apps.users.errors import BeyondToken, TooManyTokens
from apps.users.models import ApiToken, User
from apps.users.scopes import SCOPES
from apps.users.services import audit

LONGEST_DAYS = 365
MOST_TOKENS = 50
# The time of last use is worth one write a minute, not one a request.
NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_token(
    user: User,
    name: str,
    scopes: Iterable[str],
    *,
    days: int,
    made_with: ApiToken | None = None,
    address: str | None = None,
) -> tuple[ApiToken, str]:
    """The row and the token, which is told this once.

    Raises BeyondToken where it was asked for with a token that has fewer scopes, and
    TooManyTokens.
    """
    wanted = [scope for scope in SCOPES if scope in set(scopes)]
    if made_with is not None and (more := set(wanted) - set(made_with.scopes)):
        raise BeyondToken(
            "A token cannot make one with more scopes than its own. Missing: "
            f"{', '.join(sorted(more))}."
        )
    User.objects.select_for_update().get(pk=user.pk)
    living = ApiToken.objects.living(timezone.now()).filter(user=user)
    if living.count() >= MOST_TOKENS:
        raise TooManyTokens(
            f"You have {MOST_TOKENS} API tokens. Revoke one that is no longer used."
        )
    digest, token = get_digest_token()  # type: ignore[no-untyped-call]
    row = ApiToken.objects.create(
        user=user,
        digest=digest,
        token_key=token[: CONSTANTS.TOKEN_KEY_LENGTH],
        ends_with=token[-4:],
        expiry=timezone.now() + timedelta(days=days),
        name=name,
        scopes=wanted,
    )
    audit.record(
        "made an API token", row, actor=user, address=address, scopes=wanted, days=days
    )
    return row, token


@transaction.atomic
def revoke_token(row: ApiToken, user: User, *, address: str | None = None) -> None:
    """End a token; whoever holds it is refused from now on."""
    audit.record("revoked an API token", row, actor=user, address=address)
    row.delete()


def note_use(row: ApiToken) -> None:
    """Remember when it was last used, to the minute."""
    now = timezone.now()
    if row.last_used_at is not None and row.last_used_at > now - NOTED_EVERY:
        return
    due = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
    ApiToken.objects.filter(due, pk=row.pk).update(last_used_at=now)
