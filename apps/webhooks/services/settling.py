"""What time alone brings: shops that are connected by now, and permissions given."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from apps.platforms.models import Credential, Shop
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services import days

State = WebhookEvent.State

# A shop is connected step by step, and its news may be faster.
GRACE = timedelta(minutes=1)
# How long an event may wait for its shop to be shown there.
_RECENT = timedelta(hours=1)
NO_SHOP = "No shop here has this ID, or the app that told it does not open it."


def settle(now: datetime) -> int:
    """Give events their shops, let those go that have none, and take up again what
    waited for a consent; how many rows changed."""
    return find_shops(now) + give_up_strangers(now) + take_up_failed(now)


def find_shops(now: datetime) -> int:
    """Genuine events that came before their shop was connected."""
    credentials = Credential.objects.filter(
        api_app=OuterRef("api_app"), shop__remote_id=OuterRef("owner_id")
    )
    rows = WebhookEvent.objects.filter(
        Exists(credentials),
        shop__isnull=True,
        api_app__isnull=False,
        received_at__gte=now - _RECENT,
    ).exclude(owner_id="")
    return rows.update(shop=Subquery(credentials.values("shop")[:1]))


def give_up_strangers(now: datetime) -> int:
    return WebhookEvent.objects.filter(
        shop__isnull=True, state__in=WebhookEvent.OPEN, received_at__lt=now - GRACE
    ).update(state=State.UNKNOWN_SHOP, error=NO_SHOP, next_try_at=None)


def take_up_failed(now: datetime) -> int:
    """A person has connected the shop since they failed."""
    connected = Credential.objects.filter(
        shop=OuterRef("shop"),
        shop__state=Shop.State.CONNECTED,
        authorization__connected_at__gt=OuterRef("processed_at"),
    )
    rows = WebhookEvent.objects.filter(Exists(connected), state=State.FAILED)
    with transaction.atomic():
        received = days.received_on(rows)
        changed = rows.update(state=State.WAITING, attempts=0, next_try_at=now)
        days.forget(received, now)
    return changed
