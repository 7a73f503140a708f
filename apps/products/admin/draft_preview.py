"""The dry run: exactly what a draft would send, and what that changes."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.integrations.tiktok.products.bodies import Difference
from apps.products.admin.draft_content import whole
from apps.products.admin.draft_page import Judged, page_context
from apps.products.admin.pictures_shown import addresses_in, jpeg
from apps.products.models import ChannelImage, ListingDraft
from apps.products.services import publishing
from apps.products.services.channel_pictures import channel_thumbnail
from apps.products.services.publishing import Problem


def context(draft: ListingDraft, request: HttpRequest) -> dict[str, Any]:
    """Asks the platform for the listing as it is now; nothing is changed. Posted, the
    platform judges a new listing, too, for which it takes the pictures in."""
    shown: dict[str, Any] = {"preview": None, "trouble": ""}
    asks = request.method == "POST" and draft.listing_id is None
    try:
        preview = publishing.preview(draft, ask_platform=asks)
    except (DomainError, PlatformError) as error:
        shown["trouble"] = str(error)
        return page_context(draft, "preview", Judged.of(draft)) | shown
    judged = Judged.sorted_out(preview.problems)
    body = json.dumps(preview.body, indent=2, ensure_ascii=False)
    stale = preview.stale
    return page_context(draft, "preview", judged) | {
        "preview": preview,
        "trouble": "",
        "body": body,
        "rows": rows_of(preview.differences),
        "asked": asks,
        "check": preview.check,
        "stale": stale,
        "stale_rows": rows_of(stale.differences) if stale else [],
        "version_seen": _pretty(stale.seen) if stale else "",
        "version_now": _pretty(stale.now) if stale else "",
        "blocking": [located(each) for each in preview.problems if each.is_error],
        "advice": [located(each) for each in preview.problems if not each.is_error],
    }


def to_read(draft: ListingDraft) -> dict[str, Any]:
    """A draft as it stands, for who only reads; nothing is asked of the platform."""
    return page_context(draft, "read", Judged.sorted_out([])) | {
        "body": _pretty(draft.content),
        "items": draft.items.select_related("run").order_by("-pk")[:10],
    }


def rows_of(differences: list[Difference]) -> list[dict[str, str]]:
    """For the table of differences."""
    return [
        {
            "field": field_words(each.path),
            "before": value_words(each.before),
            "after": value_words(each.after),
        }
        for each in differences
    ]


def field_words(path: str) -> str:
    """ "skus[Red / M].price.amount" as "SKU Red / M: price amount"."""
    if match := re.fullmatch(r"skus\[(.*?)\](?:\.(.*))?", path, re.DOTALL):
        rest = (match[2] or "the whole SKU").replace(".", " ").replace("_", " ")
        return f"SKU {match[1]}: {rest}"
    return path.replace(".", " ").replace("_", " ")


def located(problem: Problem) -> tuple[str, str]:
    """(which SKU, what is wrong): the words alone do not always name it."""
    match = re.match(r"skus\[(.*?)\]", problem.field, re.DOTALL)
    return (f"SKU {match[1]}" if match else ""), problem.message


def value_words(value: Any) -> str:
    """A value for people; of what has parts, a line each."""
    if value is None or value in ("", [], {}):
        return "—"
    return "\n".join(_lines(value))


def _lines(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        if "value_name" in value and value.get("name"):  # a variation
            value = {str(value["name"]): value["value_name"]}
        elif value.get("name") and value.keys() <= {"id", "name"}:
            value = value["name"]
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _lines(entry, f"{name} {str(key).replace('_', ' ')}".strip())
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _lines(entry, name)
    else:
        shown = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        yield f"{name}: {shown}" if name else shown


def picture(draft: ListingDraft, request: HttpRequest) -> HttpResponse:
    """One of its main pictures that is not our own file, small."""
    told = request.GET.get("n", "")
    rows = whole(draft).get("main_images") or []
    at = int(told) if told.isdecimal() and len(told) < 4 else len(rows)
    if at >= len(rows) or not isinstance(rows[at], dict):
        raise Http404
    row = rows[at]
    address = str(row.get("from_url") or "") or _served_at(draft, str(row.get("uri")))
    if not address:
        raise Http404
    try:
        return jpeg(channel_thumbnail(address))
    except (PlatformError, DomainError):
        raise Http404 from None


def _served_at(draft: ListingDraft, uri: str) -> str:
    if draft.listing is not None and (found := addresses_in(draft.listing).get(uri)):
        return found
    apps = draft.shop.credentials.values("api_app")
    sent = ChannelImage.objects.filter(api_app__in=apps, uri=uri)
    return sent.values_list("url", flat=True).first() or ""


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
