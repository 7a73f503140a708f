"""Which pictures, and in which order: the listing's own, ours, and new ones."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.products.admin.draft_content import whole
from apps.products.admin.draft_page import Judged, own_pictures, product_of
from apps.products.admin.draft_saving import Changes
from apps.products.models import ListingDraft
from apps.products.services.images import add_image
from apps.products.services.publishing import limits
from apps.users.models import User
from apps.users.roles import CHANGE_PRODUCT

TEMPLATE = "products/publishing/pictures.html"
Picture = dict[str, Any]


def show(draft: ListingDraft, request: HttpRequest, judged: Judged) -> dict[str, Any]:
    current = _current(draft)
    used = {picture.get("image") for picture in current}
    product = product_of(draft)
    return {
        "current": [
            {"name": f"current-{at}", "order": at + 1, "src": address(draft, each, at)}
            for at, each in enumerate(current)
        ],
        "own": [
            {
                "name": f"own-{row.pk}",
                "src": reverse("products:thumb", args=[row.pk]),
                "words": f"{row.width} x {row.height}"
                + (f", {row.variant}" if row.variant else ""),
            }
            for row in own_pictures(draft).select_related("variant")
            if row.pk not in used
        ],
        "most": limits.MOST_IMAGES,
        "may_upload": product is not None
        and request.user.has_perm(CHANGE_PRODUCT, product),
        "product": product,
        "picture_problems": judged.by_section.get("pictures", []),
    }


def read(draft: ListingDraft, request: HttpRequest) -> Changes:
    """Those with a number, by it; of equal numbers the one shown first."""
    changes = Changes()
    current = _current(draft)
    numbered: list[tuple[int, int, Picture]] = []
    candidates = [(f"current-{at}", each) for at, each in enumerate(current)]
    candidates += [
        (f"own-{pk}", {"image": pk})
        for pk in own_pictures(draft).values_list("pk", flat=True)
    ]
    for place, (name, picture) in enumerate(candidates):
        told = request.POST.get(name, "").strip()
        if told.isdecimal() and int(told[:4]) > 0:
            numbered.append((int(told[:4]), place, picture))
        elif told:
            changes.warnings.append("A place is a number from 1 on; others are left.")
    wanted = [picture for _, _, picture in sorted(numbered, key=lambda row: row[:2])]
    if added := _uploaded(draft, request, changes):
        if added not in wanted:
            wanted.append(added)
        changes.stay = ""
    changes.values["main_images"] = wanted
    return changes


def address(draft: ListingDraft, picture: Picture, at: int) -> str:
    """Where a page finds a small copy."""
    if isinstance(picture.get("image"), int):
        return reverse("products:thumb", args=[picture["image"]])
    page = reverse("admin:products_listingdraft_picture", args=[draft.pk])
    return f"{page}?n={at}"


def _current(draft: ListingDraft) -> list[Picture]:
    rows = whole(draft).get("main_images") or []
    return [dict(row) for row in rows if isinstance(row, dict)]


def _uploaded(
    draft: ListingDraft, request: HttpRequest, changes: Changes
) -> Picture | None:
    """A new picture becomes one of our product, and the last of the listing."""
    file = request.FILES.get("upload")
    product = product_of(draft)
    if file is None or file.file is None:
        return None
    if product is None or not request.user.has_perm(CHANGE_PRODUCT, product):
        changes.warnings.append("The picture was not kept: it has no product of ours.")
        return None
    assert isinstance(request.user, User)
    try:
        row, _ = add_image(
            product, file.file, actor=request.user, address=address_of(request)
        )
    except DomainError as error:
        changes.warnings.append(str(error))
        return None
    changes.notices.append("The picture was added at the end.")
    return {"image": row.pk}
