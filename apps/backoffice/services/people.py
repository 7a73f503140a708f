"""Somebody who signs in asks what we hold about them, or to be forgotten."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice

from apps.alerts.models import AlertHours, AlertMail, AlertPreference
from apps.backoffice.errors import PersonRefused
from apps.content.models import CreatorLogin
from apps.imports.models import ImportRun
from apps.orders.models import SavedView
from apps.platforms.models import (
    Authorization,
    ConnectAttempt,
    ConnectLink,
    Invitation,
    ShopRole,
)
from apps.platforms.services.connecting.tickets import abandon
from apps.platforms.services.team.accounts import set_active, set_superuser
from apps.platforms.services.team.members import remove
from apps.users.models import (
    ApiToken,
    AuditEntry,
    Authenticator,
    IdempotencyRecord,
    Membership,
    User,
)
from apps.users.services import audit
from apps.users.services.signin import forget_failures

# What opens doors in somebody's name goes with them.
KEYS: tuple[type[Model], ...] = (
    ApiToken,
    IdempotencyRecord,
    Authenticator,
    StaticDevice,
)
# What is nobody else's goes, too.
OWN: tuple[type[Model], ...] = (
    SavedView,
    AlertPreference,
    AlertHours,
    AlertMail,
    CreatorLogin,
)
# Whatever else points at a person: what becomes of it. A test asks that nothing that
# ever comes to point at one is forgotten.
REST = {
    "admin.logentry.user": "stays; rows about the person no longer name them",
    "users.auditentry.actor": "stays, under another name",
    "users.membership.user": "goes, by the rules of the team",
    "users.user_groups.user": "counts for nothing, and goes",
    "users.user_user_permissions.user": "counts for nothing, and goes",
    "platforms.authorization.connected_by": "stays: the shop's consent",
    "platforms.connectattempt.user": "stays, if a shop came of it; else it goes",
    "platforms.connectlink.created_by": "stays: the client's link",
    "platforms.invitation.invited_by": "stays: somebody else's invitation",
    "finance.exchangerate.typed_by": "stays: what sums were reckoned with",
    "credit.applicant.created_by": "stays: somebody else's application",
    "credit.score.made_by": "stays: scores are final",
    "credit.creditreport.issued_by": "stays: reports are final",
    "credit.reportshare.user": "stays: who could read a report",
    "credit.reportshare.created_by": "stays: who could read a report",
    "credit.reportview.user": "stays: who read a report",
    "credit.dispute.raised_by": "stays: what was said of a report",
    "credit.shopstanding.noted_by": "stays: what scores were made with",
    "credit.dispute.answered_by": "stays: what was said of a report",
    "platforms.invitation.accepted_by": "goes with the invitation",
    "imports.importrun.user": "stays: the shop's log",
    "imports.importrun.undone_by": "stays: the shop's log",
    "products.listingsku.mapped_by": "stays: the client's mapping",
    "products.mappingbatch.user": "stays: the shop's log",
    "products.listingdraft.user": "stays: the client's listing",
    "products.publishrun.user": "stays: the shop's log",
    "inventory.stockmovement.user": "stays: the client's ledger",
    "inventory.stockdocument.user": "stays: the client's ledger",
    "inventory.stockdocument.ended_by": "stays: the client's ledger",
    "inventory.oversellincident.taken_by": "stays: the client's ledger",
    "sync.stockdrift.settled_by": "stays: the shop's log",
    "orders.actionrun.user": "stays: the shop's log",
    "orders.orderaction.user": "stays: the shop's log",
    "orders.orderevent.user": "stays: the order's history",
    "orders.ordernote.user": "stays: the order's history",
    "orders.unknownword.seen_by": "stays: the shop's log",
    "alerts.alert.taken_by": "stays: the shop's log",
    "alerts.alert.resolved_by": "stays: the shop's log",
    "alerts.alertevent.user": "stays: the shop's log",
}


@dataclass(frozen=True, slots=True)
class PersonHoldings:
    """How much there is, for the question before the deed."""

    memberships: int
    invitations: int
    api_tokens: int
    devices: int
    entries: int

    def as_json(self) -> dict[str, Any]:
        return {
            "memberships": self.memberships,
            "invitations": self.invitations,
            "api_tokens": self.api_tokens,
            "second_factor_devices": self.devices,
            "audit_entries": self.entries,
        }


def is_erased(person: User) -> bool:
    return person.username == _new_name(person)


def holdings_of(person: User) -> PersonHoldings:
    """What erasing would take, and how many lines of the trail it would rename."""
    devices = (Authenticator, StaticDevice)
    return PersonHoldings(
        memberships=Membership.objects.filter(user=person).count(),
        invitations=_invitations_to(person).count(),
        api_tokens=ApiToken.objects.filter(user=person).count(),
        devices=sum(model.objects.filter(user=person).count() for model in devices),
        entries=AuditEntry.objects.filter(actor=person).count(),
    )


def may_export(asker: User, person: User) -> bool:
    """Oneself, and whoever looks after everybody."""
    return asker.pk == person.pk or (asker.is_superuser and asker.is_active)


@transaction.atomic
def export_person(
    person: User,
    *,
    actor: User | None = None,
    process: str = "system",
    address: str | None = None,
) -> dict[str, Any]:
    """Everything we hold about somebody, as plain values without any secret; the trail
    says it was taken. Raises PersonRefused for who may not ask."""
    if actor is not None and not may_export(actor, person):
        raise PersonRefused("Only superusers take somebody else's data.")
    taken = {
        "exported_at": timezone.now(),
        "account": _columns([person], _ACCOUNT)[0],
        "memberships": _memberships(person),
        "api_tokens": _columns(ApiToken.objects.filter(user=person), _TOKEN),
        "second_factor": [
            str(device.name)
            for model in (Authenticator, StaticDevice)
            for device in model.objects.filter(user=person)
        ],
        "invitations_received": _columns(_invitations_to(person), _INVITATION),
        "invitations_made": _columns(
            Invitation.objects.filter(invited_by=person), _INVITATION
        ),
        "connect_attempts": _columns(
            ConnectAttempt.objects.filter(user=person).select_related("client"),
            ("created_at", "client", "region", "name", "finished_at", "problem"),
        ),
        "connect_links": _columns(
            ConnectLink.objects.filter(created_by=person).select_related("client"),
            ("created_at", "client", "expires_at", "used_at", "revoked_at"),
        ),
        "consents": _columns(
            Authorization.objects.filter(connected_by=person),
            ("connected_at", "seller_name", "seller_region"),
        ),
        "saved_views": _columns(
            SavedView.objects.filter(user=person), ("name", "query")
        ),
        "alert_preferences": _columns(
            AlertPreference.objects.filter(user=person), ("code", "delivery")
        ),
        "alert_hours": _columns(
            AlertHours.objects.filter(user=person),
            ("time_zone", "quiet_from", "quiet_until"),
        ),
        "imports": _columns(
            ImportRun.objects.filter(user=person).select_related("shop"),
            ("started_at", "shop", "file_name", "state"),
        ),
        "audit_trail": _columns(
            AuditEntry.objects.filter(_about(person)).select_related("client"), _ENTRY
        ),
    }
    audit.record(
        "exported a person's data",
        person,
        actor=actor,
        process=process,
        address=address,
    )
    return taken


@transaction.atomic
def erase_person(
    person: User, typed: str, *, actor: User, address: str | None = None
) -> bool:
    """Forget somebody for good: the account is nobody's, what opened doors is gone, the
    trail keeps their deeds under another name.

    False where it was so already. Raises PersonRefused, LastAdmin where a shop would be
    left without an Admin, TeamRefuses for the last superuser; then nothing changes.
    """
    if not (actor.is_superuser and actor.is_active):
        raise PersonRefused("Only superusers erase people.")
    if actor.pk == person.pk:
        raise PersonRefused("Nobody erases themselves. Ask another superuser.")
    person = User.objects.get(pk=person.pk)
    if is_erased(person):
        return False
    if typed.strip() != person.username:
        raise PersonRefused(f"Type “{person.username}” to erase this person.")
    held = holdings_of(person)
    # In this order: the rules of the team lock clients first, then superusers.
    for membership in Membership.objects.filter(user=person).order_by("client"):
        remove(actor, membership, address=address)
    set_superuser(actor, person, is_superuser=False, address=address)
    set_active(actor, person, is_active=False, address=address)
    _forget_account(User.objects.select_for_update().get(pk=person.pk))
    person.refresh_from_db()
    audit.record(
        "erased a person",
        person,
        target_text=_trail_name(person),
        actor=actor,
        address=address,
        **held.as_json(),
    )
    return True


def _forget_account(person: User) -> None:
    trail_name = _trail_name(person)
    deeds = AuditEntry.objects.filter(actor=person).order_by()
    names = {person.username, person.email}
    names |= set(deeds.values_list("actor_text", flat=True).distinct())
    forget_failures(person)
    _end_sessions(person)
    for model in (*KEYS, *OWN):
        model._default_manager.filter(user=person).delete()
    for attempt in ConnectAttempt.objects.filter(user=person, finished_at=None):
        abandon(attempt)
    _invitations_to(person).delete()
    LogEntry.objects.filter(
        content_type__app_label="users",
        content_type__model="user",
        object_id=str(person.pk),
    ).update(object_repr=trail_name, change_message="")
    person.groups.clear()
    person.user_permissions.clear()
    User.objects.filter(pk=person.pk).update(
        username=_new_name(person),
        first_name="",
        last_name="",
        email="",
        password=make_password(None),
        last_login=None,
        is_active=False,
        is_staff=False,
        is_superuser=False,
    )
    AuditEntry.objects.call_person(person, names - {"", trail_name}, trail_name)


def _end_sessions(person: User) -> None:
    """All of them are read: a session says whose it is in what it holds."""
    open_ones = Session.objects.filter(expire_date__gte=timezone.now())
    for session in open_ones.iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()


def _invitations_to(person: User) -> QuerySet[Invitation]:
    theirs = Q(accepted_by=person)
    if person.email:
        theirs |= Q(email__iexact=person.email)
    return Invitation.objects.filter(theirs)


def _about(person: User) -> Q:
    return Q(actor=person) | Q(target_type="users.user", target_id=str(person.pk))


def _new_name(person: User) -> str:
    return f"erased-{person.pk}"


def _trail_name(person: User) -> str:
    return f"erased person {person.pk}"


_ACCOUNT = (
    "username",
    "first_name",
    "last_name",
    "email",
    "date_joined",
    "last_login",
    "is_active",
    "is_superuser",
)
_TOKEN = ("name", "scopes", "created", "expiry", "last_used_at")
_INVITATION = (
    "created_at",
    "client",
    "email",
    "role",
    "expires_at",
    "accepted_at",
    "revoked_at",
)
_ENTRY = ("at", "actor_text", "verb", "target_text", "client", "address", "details")


def _memberships(person: User) -> list[dict[str, Any]]:
    roles: dict[int, list[ShopRole]] = {}
    for role in ShopRole.objects.filter(membership__user=person).select_related("shop"):
        roles.setdefault(role.membership_id, []).append(role)
    said = ("created_at", "role", "extra_permissions")
    return [
        _columns([row], ("client", *said))[0]
        | {"shops": _columns(roles.get(row.pk, []), ("shop", *said))}
        for row in Membership.objects.filter(user=person).select_related("client")
    ]


def _columns(rows: Iterable[Model], names: Iterable[str]) -> list[dict[str, Any]]:
    """These columns alone; what another table is for, by its name."""
    return [{name: _plain(getattr(row, name)) for name in names} for row in rows]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Model) else value
