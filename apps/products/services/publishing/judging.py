"""A draft before the rules: new ones as they are, edits by what they would change."""

import re

from apps.integrations.errors import PlatformError
from apps.integrations.tiktok.products.comparison import same
from apps.integrations.tiktok.reading import text
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.products.errors import CategoryUnknown
from apps.products.models import ListingDraft
from apps.products.services import taxonomy
from apps.products.services.publishing.outgoing import Outgoing
from apps.products.services.publishing.problems import Problem, advice
from apps.products.services.publishing.rules import check
from apps.products.services.taxonomy_facts import Facts


def problems_of(draft: ListingDraft, outgoing: Outgoing) -> list[Problem]:
    """What keeps the draft from being sent, errors first, then advice.

    What was wrong with a listing before and stays as it is, is advice: it stands on
    the platform as it is, and need not keep a new picture from it. Asks the platform
    what the category wants, if that is older than a day.
    """
    shop, after = draft.shop, outgoing.whole()
    if draft.listing_id is None:
        facts, told = _facts(shop, text(after, "category_id"))
        found = check(after, facts, shop.region, currency=shop.currency)
        return [*found, *told, *_unsettled(draft)]
    facts, told = _facts(shop, text(after, "category_id"))
    old_facts = facts
    if text(outgoing.before, "category_id") != text(after, "category_id"):
        old_facts, _ = _facts(shop, text(outgoing.before, "category_id"))
    before = check(
        outgoing.before, old_facts, shop.region, currency=shop.currency, is_new=False
    )
    found = check(after, facts, shop.region, currency=shop.currency, is_new=False)
    judged = [
        advice(each.field, f"{each.message} (It was like this before.)")
        if each in before and not _touches(outgoing, each)
        else each
        for each in found
    ]
    judged.sort(key=lambda problem: not problem.is_error)
    return [*judged, *told]


def _touches(outgoing: Outgoing, problem: Problem) -> bool:
    """Whether the part with the problem changes; SKUs are told apart by the problem."""
    name = re.split(r"[.\[]", problem.field)[0]
    after = outgoing.whole()
    return name != "skus" and not same(outgoing.before.get(name), after.get(name))


def _unsettled(draft: ListingDraft) -> list[Problem]:
    """Notes that still wait for a person."""
    return [
        advice(note["field"], note["text"])
        for note in draft.notes
        if note.get("needs_person")
    ]


def _facts(shop: Shop, category_id: str) -> tuple[Facts | None, list[Problem]]:
    if not category_id:
        return None, []
    try:
        return taxonomy.facts_for(shop, category_id), []
    except (PlatformError, ReconnectNeeded, CategoryUnknown) as error:
        return None, [advice("category_id", str(error))]
