"""What people say about words that nobody here understands."""

from django.db import transaction
from django.utils import timezone

from apps.orders.models import UnknownWord
from apps.users.services import audit
from apps.users.services.audit import By


@transaction.atomic
def mark_seen(word: UnknownWord, by: By) -> UnknownWord:
    """Somebody knows of it: the notice goes. Repeating it changes nothing."""
    said = UnknownWord.objects.open().filter(pk=word.pk)
    if said.update(seen_at=timezone.now(), seen_by=by.user):
        audit.record(
            "knows of a word of TikTok's",
            word,
            actor=by.user,
            client=word.shop.client,
            address=by.address,
            process=by.process,
        )
    word.refresh_from_db()
    return word
