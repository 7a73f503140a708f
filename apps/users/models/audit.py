"""The trail of what was done."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, NoReturn, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.users.models.people import AnyUser, Client, User, places_of
from apps.users.roles import VIEW_AUDIT


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Entries about places where one may read the trail; those about no client
        are for superusers."""
        places = places_of(user, VIEW_AUDIT)
        return self.filter(places.at_shops(client="client", shop="shop_key"))

    def update(self, **values: Any) -> NoReturn:
        raise TypeError("Audit entries cannot be changed.")

    def delete(self) -> NoReturn:
        raise TypeError("Audit entries cannot be deleted.")

    def call_person(self, person: User, names: Collection[str], text: str) -> int:
        """Put `text` for somebody who was erased, wherever the trail names them; the
        deeds stay. `names` are those they went by, mail addresses included.

        How many entries changed.
        """
        changed = self._rewrite(Q(actor=person), actor_text=text)
        changed += self._rewrite(
            Q(target_type="users.user", target_id=str(person.pk)), target_text=text
        )
        for name in names:
            found = super().filter(
                target_type__in=_CALLED_BY_PEOPLE, target_text__icontains=name
            )
            for entry in found.iterator():
                called = _renamed(entry.target_text, name, text)
                changed += self._rewrite(Q(pk=entry.pk), target_text=called)
        for key in _NAMED_IN_DETAILS:
            found = super().filter(**{f"details__{key}__in": list(names)})
            for entry in found.iterator():
                details = entry.details | {key: text}
                changed += self._rewrite(Q(pk=entry.pk), details=details)
        return changed

    def forget_before(self, moment: datetime, *, most: int) -> int:
        """Drop what the retention settings no longer keep, the oldest `most` of it;
        how many went."""
        old = super().filter(at__lt=moment).order_by("at")
        keys = list(old.values_list("pk", flat=True)[:most])
        return super().filter(pk__in=keys)._raw_delete(self.db) if keys else 0

    def _rewrite(self, which: Q, **values: Any) -> int:
        rows = super().filter(which)
        return super(AuditEntryQuerySet, rows).update(**values)


# Rows that are called by the person they belong to.
_CALLED_BY_PEOPLE = (
    "users.membership",
    "users.apitoken",
    "users.authenticator",
    "platforms.shoprole",
    "platforms.invitation",
)
_NAMED_IN_DETAILS = ("person", "seen_as", "invited_by")


def _renamed(target_text: str, name: str, text: str) -> str:
    """As “ann for Northwind”, “Invitation of ann to …”, “Authenticator of ann”."""
    named = rf"(?:^|(?<= of )){re.escape(name)}(?= for | at | to |$)"
    return re.sub(named, lambda _: text, target_text, flags=re.IGNORECASE)[:200]


class AuditEntry(models.Model):
    """Who did what to which object, when and from where. Written once, kept.

    `details` never holds a secret or a buyer's data; a changed secret is said to have
    changed.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    # The person's row stays when the person is erased, so the trail survives it.
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+"
    )
    actor_text = models.CharField(
        max_length=150, help_text="The actor's name then, or the process."
    )
    verb = models.CharField(max_length=60)
    client = models.ForeignKey(
        Client, models.PROTECT, null=True, blank=True, related_name="+"
    )
    shop_key = models.BigIntegerField(
        null=True,
        blank=True,
        db_index=True,
        help_text="The shop it is about. A number: the trail outlives what it names.",
    )
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    target_text = models.CharField(max_length=200)
    address = models.GenericIPAddressField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(
                fields=["target_type", "target_id", "-at"], name="audit_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_text} {self.verb} {self.target_text}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only ever once: history is added to, never rewritten."""
        if self.pk is not None:
            raise TypeError("An audit entry cannot be changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("An audit entry cannot be deleted.")
