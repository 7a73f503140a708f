"""Signs of life: that Beat sends, and that each queue has a worker that takes."""

from datetime import datetime

from django.utils import timezone

from apps.backoffice.models import Heartbeat

# The sweep that Beat sends; beside it stand the queues, by their names.
BEAT = "beat"


def note(name: str) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def last() -> dict[str, datetime]:
    """{name: when it was last seen}. One query."""
    return dict(Heartbeat.objects.values_list("name", "at"))
