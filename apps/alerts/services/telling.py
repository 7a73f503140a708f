"""Whom an event is told: mails to people, deliveries to hooks. Rows only; sending is
another matter."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse

from apps.alerts.models import (
    AlertEvent,
    AlertHook,
    AlertHookDelivery,
    AlertMail,
    Delivery,
)
from apps.alerts.services.reading import readers
from apps.users.models import User

BATCH = 200
Name = AlertEvent.Name
# What tools are posted. People are told where the life cycle says so.
POSTED = (Name.OPENED, Name.ESCALATED, Name.REOPENED, Name.RESOLVED)


def tell(now: datetime) -> int:
    """Work out whom the events nobody was told of yet are for; how many there were."""
    seen = 0
    while events := _tell_some(now):
        seen += events
        if events < BATCH:
            break
    return seen


@transaction.atomic
def _tell_some(now: datetime) -> int:
    waits = not connection.features.has_select_for_update_skip_locked
    rows = AlertEvent.objects.select_for_update(of=["self"], skip_locked=not waits)
    events = list(
        rows.filter(told_at__isnull=True)
        .select_related("alert__shop__client")
        .order_by("pk")[:BATCH]
    )
    if not events:
        return 0
    _mail([event for event in events if event.name == Name.NOTIFY], now)
    _post([event for event in events if event.name in POSTED], now)
    AlertEvent.objects.filter(pk__in=[event.pk for event in events]).update(told_at=now)
    return len(events)


def _mail(events: Sequence[AlertEvent], now: datetime) -> None:
    if not events:
        return
    clients = {e.alert.shop.client_id for e in events if e.alert.shop is not None}
    people = User.objects.filter(
        Q(is_superuser=True) | Q(memberships__client__in=clients), is_active=True
    ).exclude(email="")
    mails = []
    for reader in readers(people.order_by("pk").distinct()):
        for event in events:
            delivery = reader.delivery(event.alert)
            if delivery in (Delivery.NOW, Delivery.DIGEST):
                mails.append(
                    AlertMail(
                        event=event,
                        user=reader.user,
                        is_digest=delivery == Delivery.DIGEST,
                        due_at=reader.due_at(delivery, now),
                    )
                )
    AlertMail.objects.bulk_create(mails, ignore_conflicts=True)


def _post(events: Sequence[AlertEvent], now: datetime) -> None:
    """The server's own alerts are no client's."""
    clients = {e.alert.shop.client_id for e in events if e.alert.shop is not None}
    if not clients:
        return
    hooks = list(AlertHook.objects.filter(client__in=clients, is_on=True))
    AlertHookDelivery.objects.bulk_create(
        (
            AlertHookDelivery(
                hook=hook,
                event=event,
                body=body_of(event),
                made_at=now,
                next_try_at=now,
            )
            for event in events
            for hook in hooks
            if event.alert.shop is not None
            and hook.client_id == event.alert.shop.client_id
            and hook.wants(event.alert.code)
        ),
        ignore_conflicts=True,
    )


def body_of(event: AlertEvent) -> str:
    """What a hook is posted, as JSON. No buyer and no secret is ever in an alert."""
    alert = event.alert
    shop = alert.shop
    return json.dumps(
        {
            "event": event.name,
            "at": event.at.isoformat(),
            "alert": {
                "id": alert.pk,
                "kind": alert.code,
                "subject": alert.subject,
                "severity": event.severity or alert.severity,
                "title": alert.title,
                "message": alert.message,
                "opened_at": alert.opened_at.isoformat(),
                "address": address_of(alert.pk),
            },
            "shop": shop and {"id": shop.pk, "name": shop.name, "region": shop.region},
        },
        ensure_ascii=False,
    )


def address_of(alert: int) -> str:
    """The alert's page, for mails and tools."""
    page = reverse("admin:alerts_alert_change", args=[alert])
    return f"{settings.PUBLIC_URL}{page}"
