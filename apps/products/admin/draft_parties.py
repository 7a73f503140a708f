"""Who answers for a product: manufacturers and responsible persons, by name."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.integrations.tiktok.reading import sequence
from apps.products.admin.draft_page import Judged
from apps.products.models import ListingDraft
from apps.products.services.publishing import Channel, parties
from apps.products.services.publishing.parties import Party

_LONGEST_ID = 100
# Field of the content: how it is called, and who lists those there are.
_KINDS: dict[str, tuple[str, Callable[[Channel], list[Party]]]] = {
    "manufacturer_ids": ("manufacturer", parties.manufacturers),
    "responsible_person_ids": ("responsible person", parties.responsible_persons),
}
FIELDS = tuple(_KINDS)


def show(
    channel: Channel, content: dict[str, Any], rules: Any, judged: Judged
) -> list[dict[str, Any]]:
    """A block for each kind that is asked for, or named already."""
    required = {
        "manufacturer_ids": bool(rules and rules.manufacturer_required),
        "responsible_person_ids": bool(rules and rules.responsible_person_required),
    }
    return [
        _block(channel, name, chosen_in(content, name), judged)
        | {"is_required": required[name]}
        for name in FIELDS
        if required[name] or content.get(name)
    ]


def read(draft: ListingDraft, request: HttpRequest) -> dict[str, Any]:
    """Ticked or typed, each once, in the order they were shown."""
    sent = request.POST
    changes: dict[str, Any] = {}
    for name in FIELDS:
        if f"asks_{name}" not in sent and name not in sent:
            continue
        told = [
            each.strip()[:_LONGEST_ID]
            for value in sent.getlist(name)
            for each in value.split(",")
        ]
        changes[name] = list(dict.fromkeys(filter(None, told))) or None
    return changes


def chosen_in(content: dict[str, Any], name: str) -> list[str]:
    return [str(each) for each in sequence(content, name) if each]


def _block(
    channel: Channel, name: str, chosen: list[str], judged: Judged
) -> dict[str, Any]:
    """Those chosen come first, as they were; one that is not listed any more, too."""
    words, listed = _KINDS[name]
    try:
        found, trouble = listed(channel), ""
    except (PlatformError, DomainError) as error:
        found, trouble = [], str(error)
    known = {party.remote_id: party for party in found}
    first = [known.get(each) or Party(each, "") for each in chosen]
    return {
        "name": name,
        "words": words,
        "chosen": chosen,
        "typed": ", ".join(chosen),
        "rows": [*first, *(each for each in found if each.remote_id not in chosen)],
        "trouble": trouble,
        "problems": judged.at(name),
    }
