"""What else a category may ask: a size chart, papers, who made it, cash on delivery."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from apps.products.admin.draft_content import whole
from apps.products.admin.draft_page import Judged, own_pictures
from apps.products.admin.draft_saving import Changes
from apps.products.admin.draft_surroundings import facts_of
from apps.products.models import ListingDraft

TEMPLATE = "products/publishing/more.html"
KEEP = "keep"
_PARTIES = ("manufacturer_ids", "responsible_person_ids")


def show(draft: ListingDraft, request: HttpRequest, judged: Judged) -> dict[str, Any]:
    content = whole(draft)
    facts, trouble = facts_of(draft, str(content.get("category_id") or ""))
    rules = facts.rules if facts else None
    given = {
        str(row.get("id")): row
        for row in content.get("certifications") or []
        if isinstance(row, dict)
    }
    chart = content.get("size_chart") or {}
    shown = [
        "external_product_id",
        "size_chart",
        "is_cod_allowed",
        *_PARTIES,
        *(f"certifications[{paper.name}]" for paper in _papers(rules)),
    ]
    return {
        "rules": rules,
        "trouble": trouble,
        "external_id": str(content.get("external_product_id") or ""),
        "is_cod_allowed": bool(content.get("is_cod_allowed")),
        "pictures": list(own_pictures(draft)),
        "shows_chart": bool(chart)
        or bool(rules and (rules.size_chart_supported or rules.size_chart_required)),
        "chart": chart,
        "chart_image": (chart.get("image") or {}).get("image"),
        "papers": [
            _paper_row(paper, given.get(paper.remote_id, {}), judged)
            for paper in _papers(rules)
        ],
        "manufacturer_ids": ", ".join(content.get("manufacturer_ids") or []),
        "responsible_person_ids": ", ".join(
            content.get("responsible_person_ids") or []
        ),
        "asks_manufacturer": bool(rules and rules.manufacturer_required)
        or bool(content.get("manufacturer_ids")),
        "asks_person": bool(rules and rules.responsible_person_required)
        or bool(content.get("responsible_person_ids")),
        "external_problems": judged.at("external_product_id"),
        "chart_problems": judged.at("size_chart"),
        "cod_problems": judged.at("is_cod_allowed"),
        "manufacturer_problems": judged.at("manufacturer_ids"),
        "person_problems": judged.at("responsible_person_ids"),
        "other_problems": judged.elsewhere("more", shown),
    }


def read(draft: ListingDraft, request: HttpRequest) -> Changes:
    sent = request.POST
    content = whole(draft)
    changes: dict[str, Any] = {
        "external_product_id": sent.get("external_product_id", "").strip() or None,
    }
    if "asks_cod" in sent:
        is_allowed = "is_cod_allowed" in sent
        if is_allowed != bool(content.get("is_cod_allowed")):
            changes["is_cod_allowed"] = is_allowed
    if (chart := sent.get("size_chart", KEEP)) != KEEP:
        changes["size_chart"] = _chart(draft, chart)
    for name in _PARTIES:
        if name in sent:
            ids = [each.strip() for each in sent[name].split(",") if each.strip()]
            changes[name] = ids or None
    facts, _ = facts_of(draft, str(content.get("category_id") or ""))
    if facts is not None and facts.rules.certifications:
        changes["certifications"] = _certifications(draft, request, content, facts)
    return Changes(changes)


def _papers(rules: Any) -> Any:
    return rules.certifications if rules else ()


def _paper_row(paper: Any, row: dict[str, Any], judged: Judged) -> dict[str, Any]:
    told = row.get("expiration_date")
    return {
        "paper": paper,
        "images": len(row.get("images") or []),
        "files": len(row.get("files") or []),
        "expires_on": _day(told),
        "problems": judged.at(f"certifications[{paper.name}]"),
    }


def _day(told: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(int(told), tz=UTC):%Y-%m-%d}" if told else ""
    except (TypeError, ValueError, OverflowError, OSError):
        return ""


def _chart(draft: ListingDraft, told: str) -> dict[str, Any] | None:
    picture = _own(draft, told)
    return {"image": picture} if picture else None


def _own(draft: ListingDraft, told: str) -> dict[str, int] | None:
    if told.isdecimal() and own_pictures(draft).filter(pk=told).exists():
        return {"image": int(told)}
    return None


def _certifications(
    draft: ListingDraft, request: HttpRequest, content: dict[str, Any], facts: Any
) -> list[dict[str, Any]]:
    """Papers with a picture or a file; others stay as they were told."""
    sent = request.POST
    rows = {
        str(row.get("id")): dict(row)
        for row in content.get("certifications") or []
        if isinstance(row, dict)
    }
    for paper in facts.rules.certifications:
        key = paper.remote_id
        row = rows.get(key, {"id": key})
        told = sent.get(f"paper-{key}", KEEP)
        if told == "":
            rows.pop(key, None)
            continue
        if picture := _own(draft, told):
            row["images"] = [picture]
        if day := sent.get(f"expires-{key}", "").strip():
            row["expiration_date"] = _instant(day) or row.get("expiration_date")
        if row.get("images") or row.get("files") or row.get("expiration_date"):
            rows[key] = row
    return list(rows.values())


def _instant(day: str) -> int | None:
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
