"""People, and the clients they work for."""

from typing import Any, Self

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from apps.core.models import TimestampedModel
from apps.users.access import EVERYTHING, NOTHING, NOWHERE, Access, Places
from apps.users.roles import PERMISSIONS, VIEW_CLIENT, VIEW_TEAM, Role, permissions_of


class User(AbstractUser):
    """Somebody who signs in. What they may do hangs on their memberships alone."""

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="user_email_unique",
                violation_error_message="Somebody has this address already.",
            ),
        ]

    # Who looks through this person's eyes; set for one request, never stored.
    seen_by: "User | None" = None
    authenticator_key: int | None  # only of a request's user, see PasswordBackend

    @property
    def access(self) -> Access:
        """What they may do, and where. Read once for an object of this class, so a
        request asks once and the next request asks anew."""
        known: Access | None = self.__dict__.get("_access")
        if known is None:
            known = self.__dict__["_access"] = self._read_access()
        return known

    @property
    def shop_keys(self) -> dict[str, list[int]]:
        """{permission: keys of shops} as far as asked for; lives with `access`."""
        keys: dict[str, list[int]] = self.__dict__.setdefault("_shop_keys", {})
        return keys

    def limit_access(self, access: Access) -> None:
        """Let this object show no more than that; the row stays as it is."""
        self.__dict__["_access"] = access
        self.__dict__.pop("_shop_keys", None)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__.pop("_access", None)
        self.__dict__.pop("_shop_keys", None)
        super().refresh_from_db(*args, **kwargs)

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """As the backends would say: a page asks a hundred times, and Django would make
        all of them anew for each."""
        if obj is None:
            return self.is_active and self.access.may(perm)
        return super().has_perm(perm, obj)

    def _read_access(self) -> Access:
        if not self.is_active:
            return NOTHING
        if self.is_superuser:
            return EVERYTHING
        for backend in get_backends():
            access_of = getattr(backend, "access_of", None)
            if access_of is not None:
                found: Access = access_of(self)
                return found
        return NOTHING


AnyUser = User | AnonymousUser


def places_of(user: AnyUser, permission: str) -> Places:
    """Where somebody holds a permission ("orders.view_order"). The one question that
    every list, count and choice begins with."""
    return user.access.places(permission) if isinstance(user, User) else NOWHERE


class ClientQuerySet(models.QuerySet["Client"]):
    def companies(self) -> Self:
        """Those whose shops we run: what lists, choices and counts of clients are of.
        What was made for an applicant is nobody's client."""
        return self.filter(is_applicant=False)

    def visible_to(self, user: AnyUser, permission: str = VIEW_CLIENT) -> Self:
        """Companies where the permission is held, be it at one of their shops."""
        places = places_of(user, permission)
        return self.companies().filter(places.at_clients("pk"))

    def permitting(self, user: AnyUser, permission: str) -> Self:
        """Companies at all whose shops, also those to come, it is held."""
        places = places_of(user, permission)
        return self.companies().filter(places.at_whole_clients("pk"))


class Client(TimestampedModel):
    """A company whose shops we run: an agency's customer, or our own company.

    `is_applicant`: none, but what holds the shops that an applicant for credit opened
    by their own consent, so that nobody of the lender sees their orders.
    """

    name = models.CharField(max_length=120, unique=True)
    is_active = models.BooleanField(
        "active",
        default=True,
        help_text="A client that left keeps its records; its own people see nothing.",
    )
    is_applicant = models.BooleanField(default=False, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def validate_permission_names(names: Any) -> None:
    if not isinstance(names, list) or not set(names) <= PERMISSIONS.keys():
        raise ValidationError("Some of these permissions do not exist.")


class RoleFields(models.Model):
    """What somebody may do at a place: a role, and permissions beside it."""

    role = models.CharField(max_length=20, choices=Role, blank=True)
    extra_permissions = models.JSONField(
        default=list, blank=True, validators=[validate_permission_names]
    )

    class Meta:
        abstract = True

    @property
    def permissions(self) -> frozenset[str]:
        """Names of the matrix's lines."""
        return permissions_of(self.role, self.extra_permissions)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Members of the clients whose team one may see."""
        return self.filter(places_of(user, VIEW_TEAM).at_clients("client"))


class Membership(TimestampedModel, RoleFields):
    """A person working for a client. The role holds at all the client's shops, also
    those to come; platforms.ShopRole says where it is another."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    client = models.ForeignKey(Client, models.CASCADE, related_name="memberships")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["client__name", "user__username"]
        verbose_name_plural = "team and roles"
        permissions = [("manage_team", "Can invite and remove people and set roles")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client"], name="membership_unique_per_client"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.client}"
