"""Certificates a category asks for: pictures of them, PDFs, until when they hold."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from apps.core.errors import DomainError
from apps.integrations.contracts import RemoteCertification
from apps.integrations.errors import PlatformError
from apps.integrations.tiktok.reading import sequence
from apps.products.admin.draft_chart import KEEP, own_picture
from apps.products.admin.draft_page import Judged
from apps.products.admin.draft_saving import Changes, moment_in
from apps.products.models import ListingDraft
from apps.products.services.publishing import Channel, documents
from apps.products.services.publishing.drafts import refuse_unanswered

FIELD = "certifications"
Json = dict[str, Any]
Papers = Iterable[RemoteCertification]


def show(papers: Papers, content: Json, judged: Judged) -> list[Json]:
    given = given_in(content)
    return [_row(paper, given.get(paper.remote_id, {}), judged) for paper in papers]


def read(
    draft: ListingDraft, request: HttpRequest, papers: Papers, content: Json
) -> Changes:
    """Papers the form does not show, and what it does not ask of one, stay."""
    changes = Changes()
    rows = given_in(content)
    for paper in papers:
        before = rows.pop(paper.remote_id, None)
        after = _told(draft, request, paper.remote_id, before or {}, changes)
        if file := _uploaded(draft, request, paper, changes):
            after["files"] = [*sequence(after, "files"), file]
        if _is_kept(before, after):
            rows[paper.remote_id] = {"id": paper.remote_id, **after}
    changes.values[FIELD] = _in_order(content, rows)
    return changes


def given_in(content: Json) -> dict[str, Json]:
    return {
        str(row.get("id")): dict(row)
        for row in sequence(content, FIELD)
        if isinstance(row, dict)
    }


def _row(paper: RemoteCertification, given: Json, judged: Judged) -> Json:
    return {
        "paper": paper,
        "images": len(sequence(given, "images")),
        "files": [
            {"id": str(each.get("id")), "name": str(each.get("name") or "a file")}
            for each in _files(given)
        ],
        "expires_on": _day(given.get("expiration_date")),
        "problems": judged.at(f"{FIELD}[{paper.name}]"),
    }


def _told(
    draft: ListingDraft, request: HttpRequest, key: str, before: Json, changes: Changes
) -> Json:
    """The paper as the form has it, without a file that is yet to be uploaded."""
    sent, after = request.POST, dict(before)
    if (told := sent.get(f"paper-{key}", KEEP)) == "":
        after.pop("images", None)
    elif picture := own_picture(draft, told):
        after["images"] = [picture]
    if f"files-of-{key}" in sent:
        wanted = set(sent.getlist(f"file-{key}"))
        kept = [each for each in _files(before) if str(each.get("id")) in wanted]
        if len(kept) != len(_files(before)):
            after["files"] = kept
    day = sent.get(f"expires-{key}")
    if day is not None and day.strip() != _day(before.get("expiration_date")):
        after |= _expiry(day.strip(), changes)
        if not day.strip():
            after.pop("expiration_date", None)
    return after


def _expiry(day: str, changes: Changes) -> Json:
    if not day:
        return {}
    try:
        moment = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        changes.warnings.append("A date was not understood; the one before stays.")
        return {}
    return {"expiration_date": int(moment.timestamp())}


def _uploaded(
    draft: ListingDraft,
    request: HttpRequest,
    paper: RemoteCertification,
    changes: Changes,
) -> Json | None:
    """A PDF goes to the platform at once, which gives the name a draft knows it by."""
    file = request.FILES.get(f"upload-{paper.remote_id}")
    if file is None or file.file is None:
        return None
    name = documents.document_name(file.name or "")
    changes.stay = ""
    if draft.modified_at != moment_in(request.POST.get("seen_at", "")):
        changes.warnings.append(f"“{name}” was not uploaded. Choose it again.")
        return None
    try:
        refuse_unanswered(draft)
        kept = documents.upload_document(
            Channel(draft.shop, urgent=True), file.file, name
        )
    except (PlatformError, DomainError) as error:
        changes.warnings.append(str(error))
        return None
    changes.notices.append(f"“{name}” was added to “{paper.name}”.")
    return kept


def _is_kept(before: Json | None, after: Json) -> bool:
    """Without its last picture and file a paper is gone; one that has none yet waits
    for them with its date."""
    if after.get("images") or after.get("files"):
        return True
    if before is None:
        return bool(after.get("expiration_date"))
    had_some = bool(before.get("images") or before.get("files"))
    return not had_some and ("expiration_date" in after or after == before)


def _in_order(content: Json, rows: dict[str, Json]) -> list[Json] | None:
    """As they stood before, new ones behind."""
    order = [key for key in given_in(content) if key in rows]
    order += [key for key in rows if key not in order]
    return [rows[key] for key in order] or None


def _files(row: Json) -> list[Json]:
    return [each for each in sequence(row, "files") if isinstance(each, dict)]


def _day(told: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(int(told), tz=UTC):%Y-%m-%d}" if told else ""
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
