"""Title, description, brand."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest

from apps.core.errors import DomainError
from apps.integrations.contracts import RemoteBrand
from apps.integrations.errors import PlatformError
from apps.products.admin.draft_content import whole
from apps.products.admin.draft_page import Judged
from apps.products.admin.draft_saving import Changes
from apps.products.models import ListingDraft
from apps.products.services import taxonomy
from apps.products.services.brand_names import brand_name
from apps.products.services.publishing import limits

TEMPLATE = "products/publishing/basics.html"


def show(draft: ListingDraft, request: HttpRequest, judged: Judged) -> dict[str, Any]:
    content = whole(draft)
    fewest, most = limits.title_lengths(draft.shop.region)
    title = str(content.get("title") or "")
    wanted = request.GET.get("brand", "").strip()[:100]
    brands, trouble = _found(draft, wanted) if wanted else ([], "")
    brand_id = str(content.get("brand_id") or "")
    return {
        "form_title": title,
        "title_count": len(title.strip()),
        "title_fewest": fewest,
        "title_most": most,
        "description": str(content.get("description") or ""),
        "description_most": limits.LONGEST_DESCRIPTION,
        "brand_id": brand_id,
        "brand_name": brand_name(draft, brand_id) if brand_id else "",
        "brand_query": wanted,
        "brands": brands,
        "brand_trouble": trouble,
        "title_problems": judged.at("title"),
        "description_problems": judged.at("description"),
        "brand_problems": judged.at("brand_id"),
    }


def read(draft: ListingDraft, request: HttpRequest) -> Changes:
    sent = request.POST
    content = whole(draft)
    changes: dict[str, Any] = {
        name: _as_shown(str(content.get(name) or ""), sent.get(name, ""))
        for name in ("title", "description")
    }
    if "brand_id" in sent:
        changes["brand_id"] = sent["brand_id"].strip()[:40] or None
    if _asks_for_brands(request):
        return Changes(changes, stay=f"?brand={quote(sent['brand'].strip()[:100])}")
    return Changes(changes)


def _as_shown(shown: str, typed: str) -> str:
    """What was typed; what was left as it was shown is not changed by the way: browsers
    have line ends of their own."""

    def plain(words: str) -> str:
        return words.replace("\r\n", "\n").replace("\r", "\n").strip()

    return shown if plain(shown) == plain(typed) else plain(typed)


def _asks_for_brands(request: HttpRequest) -> bool:
    return "find_brand" in request.POST and bool(request.POST.get("brand", "").strip())


def _found(draft: ListingDraft, name: str) -> tuple[list[RemoteBrand], str]:
    category_id = str(whole(draft).get("category_id") or "")
    try:
        found = taxonomy.brands(draft.shop, name=name, category_id=category_id)
    except (PlatformError, DomainError) as error:
        return [], str(error)
    usable = [brand for brand in found.brands if brand.is_available]
    return usable, "" if usable else f"TikTok has no brand “{name}” here."
