"""What else a category may ask: a size chart, papers, who made it, cash on delivery."""

from typing import Any

from django.http import HttpRequest

from apps.products.admin import draft_chart, draft_papers, draft_parties
from apps.products.admin.draft_content import whole
from apps.products.admin.draft_page import Judged, own_pictures
from apps.products.admin.draft_saving import Changes
from apps.products.admin.draft_surroundings import facts_of
from apps.products.admin.listing_words import seller_center_of
from apps.products.models import ListingDraft
from apps.products.services.publishing import Channel

TEMPLATE = "products/publishing/more.html"


def show(draft: ListingDraft, request: HttpRequest, judged: Judged) -> dict[str, Any]:
    content = whole(draft)
    facts, trouble = facts_of(draft, str(content.get("category_id") or ""))
    rules = facts.rules if facts else None
    papers = rules.certifications if rules else ()
    channel = Channel(draft.shop, urgent=True)
    blocks = draft_parties.show(channel, content, rules, judged)
    chart = draft_chart.show(channel, content, rules, judged)
    shown = [
        "external_product_id",
        "is_cod_allowed",
        *(block["name"] for block in blocks),
        *([draft_chart.FIELD] if chart["shows_chart"] else []),
        *(f"{draft_papers.FIELD}[{paper.name}]" for paper in papers),
    ]
    return chart | {
        "rules": rules,
        "trouble": trouble,
        "external_id": str(content.get("external_product_id") or ""),
        "is_cod_allowed": bool(content.get("is_cod_allowed")),
        "pictures": list(own_pictures(draft)),
        "papers": draft_papers.show(papers, content, judged),
        "parties": blocks,
        "seller_center": seller_center_of(draft.shop),
        "external_problems": judged.at("external_product_id"),
        "cod_problems": judged.at("is_cod_allowed"),
        "other_problems": judged.elsewhere("more", shown),
    }


def read(draft: ListingDraft, request: HttpRequest) -> Changes:
    sent = request.POST
    content = whole(draft)
    values: dict[str, Any] = {
        "external_product_id": sent.get("external_product_id", "").strip() or None,
    }
    if "asks_cod" in sent:
        is_allowed = "is_cod_allowed" in sent
        if is_allowed != bool(content.get("is_cod_allowed")):
            values["is_cod_allowed"] = is_allowed
    values |= draft_chart.read(draft, request, content)
    values |= draft_parties.read(draft, request)
    facts, _ = facts_of(draft, str(content.get("category_id") or ""))
    if facts is None or not facts.rules.certifications:
        return Changes(values)
    changes = draft_papers.read(draft, request, facts.rules.certifications, content)
    changes.values |= values
    return changes
