"""Asking somebody to work for a client, and their answer."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.platforms.errors import InvitationClosed, NotYours, TeamRefuses
from apps.platforms.models import Invitation, Shop, ShopRole
from apps.platforms.services.team.seats import (
    Seat,
    as_of_now,
    changing,
    check_may_offer,
    check_seat,
    seat_of,
)
from apps.users.models import Client, Membership, User
from apps.users.services import audit

LIFE = timedelta(days=7)
# An address becomes the name to sign in with, and a name has that many places.
LONGEST_EMAIL = 150
CLOSED = (
    "This invitation has been used, has expired or was taken back. Ask whoever invited "
    "you for a new one."
)
HAS_ACCOUNT = "You have an account here: sign in to accept."


@transaction.atomic
def invite(
    actor: User,
    client: Client,
    email: str,
    seat: Seat,
    *,
    shops: Sequence[Shop] = (),
    address: str | None = None,
) -> Invitation:
    """Note the invitation; a task mails it. One that waits for the same address gives
    way to it, if the actor may take that back.

    Without `shops` the role is to hold at all shops of the client. Raises NotYours or
    TeamRefuses.
    """
    email = _checked(email)
    check_seat(seat, at_shop=bool(shops))
    if not seat.role and not seat.extra_permissions:
        raise TeamRefuses("Choose a role, or at least one permission.")
    if any(shop.client_id != client.pk for shop in shops):
        raise TeamRefuses(f"Choose shops of {client}.")
    check_may_offer(actor, client, seat, shops)
    client = Client.objects.select_for_update().get(pk=client.pk)
    check_may_offer(as_of_now(actor), client, seat, shops)
    if not client.is_active:
        raise TeamRefuses(f"{client} is inactive. Make it active first.")
    if Membership.objects.filter(client=client, user__email__iexact=email).exists():
        raise TeamRefuses(
            f"{email} works for {client} already. Change their role on the team page."
        )
    now = timezone.now()
    _give_way(actor, client, email)
    invitation = Invitation.objects.create(
        client=client,
        email=email,
        role=seat.role,
        extra_permissions=list(seat.extra_permissions),
        invited_by=actor,
        expires_at=now + LIFE,
    )
    invitation.shops.set(shops)
    _record("invited", invitation, actor, address)
    return invitation


@transaction.atomic
def revoke(actor: User, invitation: Invitation, *, address: str | None = None) -> bool:
    """Take an invitation back; False if it was closed before."""
    Client.objects.select_for_update().get(pk=invitation.client_id)
    check_may_handle(as_of_now(actor), invitation)
    if not _waiting(invitation).update(revoked_at=timezone.now()):
        return False
    _record("revoked an invitation", invitation, actor, address)
    invitation.refresh_from_db()
    return True


@transaction.atomic
def send_again(
    actor: User, invitation: Invitation, *, address: str | None = None
) -> Invitation:
    """Let the mail go out once more, and live another seven days.

    Who sends it answers for it from then on. The link stays the same while it works;
    one that expired does not come back to life. Raises InvitationClosed or NotYours.
    """
    Client.objects.select_for_update().get(pk=invitation.client_id)
    check_may_handle(as_of_now(actor), invitation)
    now = timezone.now()
    is_open = Invitation.objects.open(now).filter(pk=invitation.pk).exists()
    if not _waiting(invitation).update(
        invited_by=actor,
        nonce=invitation.nonce if is_open else Invitation().nonce,
        expires_at=now + LIFE,
        mail_state=Invitation.Mail.QUEUED,
        mail_error="",
        modified_at=now,
    ):
        raise InvitationClosed("This invitation is closed. Invite the person anew.")
    _record("sent an invitation again", invitation, actor, address)
    invitation.refresh_from_db()
    return invitation


def check_may_handle(actor: User, invitation: Invitation) -> None:
    """Raises NotYours unless the actor could have made it: nobody takes back what
    they may not give."""
    check_may_offer(
        actor, invitation.client, seat_of(invitation), invitation.shops.all()
    )


def open_invitation(token: str) -> Invitation:
    """The invitation a link leads to. Raises InvitationClosed if it leads nowhere."""
    invitation = Invitation.named_by(token)
    now = timezone.now()
    if (
        invitation is None
        or not Invitation.objects.open(now).filter(pk=invitation.pk).exists()
    ):
        raise InvitationClosed(CLOSED)
    return invitation


def has_account(invitation: Invitation) -> bool:
    return User.objects.filter(email__iexact=invitation.email).exists()


def is_for(invitation: Invitation, user: User) -> bool:
    return user.email.lower() == invitation.email.lower()


@transaction.atomic
def accept(
    invitation: Invitation, user: User, *, address: str | None = None
) -> Membership:
    """Let somebody signed in take the seat. The first acceptance wins, once.

    Raises InvitationClosed: too late, for another address, for who works there
    already, or the inviter may no longer give it.
    """
    if not is_for(invitation, user):
        raise InvitationClosed(
            f"This invitation is for {invitation.email}. Sign in with that address, or "
            "ask for an invitation to yours."
        )
    client = Client.objects.select_for_update().get(pk=invitation.client_id)
    now = timezone.now()
    mine = Invitation.objects.open(now).filter(pk=invitation.pk)
    if not client.is_active or not mine.update(accepted_at=now, accepted_by=user):
        raise InvitationClosed(CLOSED)
    if Membership.objects.filter(user=user, client=client).exists():
        raise InvitationClosed(
            f"You work for {client} already. Ask there to change your role."
        )
    shops = list(invitation.shops.all())
    seat = seat_of(invitation)
    try:
        inviter = User.objects.get(pk=invitation.invited_by_id)
        check_may_offer(inviter, client, seat, shops)
    except NotYours as error:
        raise InvitationClosed(CLOSED) from error
    member = Membership.objects.create(user=user, client=client)
    with changing(None, member):
        _seat(member, seat, shops)
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    audit.record(
        "accepted an invitation",
        member,
        actor=user,
        client=client,
        address=address,
        role=seat.in_words,
        invited_by=str(inviter),
    )
    invitation.refresh_from_db()
    user.refresh_from_db()
    return member


@transaction.atomic
def accept_with_account(
    invitation: Invitation,
    *,
    first_name: str,
    last_name: str,
    password: str,
    address: str | None = None,
) -> User:
    """Make the account of somebody new, who signs in by their address, and accept.

    Raises InvitationClosed, also where the address has an account: its owner signs in
    instead. Raises ValidationError for a password that breaks the rules.
    """
    if has_account(invitation):
        raise InvitationClosed(HAS_ACCOUNT)
    user = User(
        username=invitation.email,
        email=invitation.email,
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        is_staff=True,
    )
    validate_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        # Sent twice at once, or the name was taken by somebody without an address.
        raise InvitationClosed(HAS_ACCOUNT) from error
    accept(invitation, user, address=address)
    return user


def _checked(email: str) -> str:
    """In the form all addresses are kept. Raises TeamRefuses for what is none."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise TeamRefuses(f"“{email[:80]}” is no e-mail address.") from error
    if len(email) > LONGEST_EMAIL:
        raise TeamRefuses(
            f"An address has at most {LONGEST_EMAIL} characters here; this one is "
            "longer."
        )
    return email


def _give_way(actor: User, client: Client, email: str) -> None:
    """Close what waits for this address. Raises TeamRefuses where that is another's:
    inviting must be no way to undo an invitation one could not revoke."""
    now = timezone.now()
    waiting = Invitation.objects.filter(
        client=client, email=email, accepted_at=None, revoked_at=None
    )
    for before in waiting.select_related("client"):
        if before.expires_at > now:
            try:
                check_may_handle(actor, before)
            except NotYours as error:
                raise TeamRefuses(
                    f"{email} was invited to {client} by somebody who may give more. "
                    "Wait for their answer."
                ) from error
    waiting.update(revoked_at=now)


def _seat(member: Membership, seat: Seat, shops: Sequence[Shop]) -> None:
    rows: list[Membership | ShopRole] = [
        ShopRole(membership=member, shop=shop) for shop in shops
    ]
    for row in rows or [member]:
        row.role = seat.role
        row.extra_permissions = list(seat.extra_permissions)
        row.save()


def _waiting(invitation: Invitation) -> QuerySet[Invitation]:
    """The row, unless it was answered or taken back."""
    return Invitation.objects.filter(
        pk=invitation.pk, accepted_at=None, revoked_at=None
    )


def _record(
    verb: str, invitation: Invitation, actor: User, address: str | None
) -> None:
    shops = list(invitation.shops.all())
    audit.record(
        verb,
        invitation,
        actor=actor,
        client=invitation.client,
        address=address,
        # An entry is about one shop or about the client as a whole.
        shop_key=shops[0].pk if len(shops) == 1 else None,
        role=seat_of(invitation).in_words,
        shops=", ".join(map(str, shops)) or "all",
    )
