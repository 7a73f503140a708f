"""The size chart: a template the seller keeps, or a picture."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from apps.core.errors import DomainError
from apps.integrations.contracts import RemoteSizeChart
from apps.integrations.errors import PlatformError
from apps.integrations.tiktok.reading import identifier, mapping
from apps.products.admin.base import key_of
from apps.products.admin.draft_page import Judged, own_pictures
from apps.products.models import ListingDraft
from apps.products.services.publishing import Channel, parties

KEEP = "keep"
FIELD = "size_chart"
_TEMPLATE = "template-"
_LONGEST_ID = 100


def show(
    channel: Channel, content: dict[str, Any], rules: Any, judged: Judged
) -> dict[str, Any]:
    """Nothing where the category takes none and none is there."""
    chart = mapping(content, FIELD)
    if not chart and not (
        rules and (rules.size_chart_supported or rules.size_chart_required)
    ):
        return {"shows_chart": False}
    templates, trouble = _templates(channel)
    chosen = _shown(chart)
    template_id = chosen.removeprefix(_TEMPLATE) if chosen != KEEP else ""
    return {
        "shows_chart": True,
        "chart": chart,
        "chart_chosen": chosen,
        "chart_templates": [
            (f"{_TEMPLATE}{each.remote_id}", each.name or each.remote_id)
            for each in templates
        ],
        "chart_unlisted": template_id
        if template_id not in {"", *(each.remote_id for each in templates)}
        else "",
        "chart_pictures": [
            (each.name or each.remote_id, address)
            for each in templates
            for address in each.image_urls[:1]
            if address.startswith(("https://", "http://"))
        ],
        "chart_trouble": trouble,
        "chart_problems": judged.at(FIELD),
    }


def read(
    draft: ListingDraft, request: HttpRequest, content: Mapping[str, Any]
) -> dict[str, Any]:
    """What is left as it was shown stays as it is, whatever it says besides."""
    sent = request.POST
    typed = sent.get("size_chart_template", "").strip()[:_LONGEST_ID]
    told = f"{_TEMPLATE}{typed}" if typed else sent.get(FIELD, KEEP)
    if told in (KEEP, _shown(mapping(content, FIELD))):
        return {}
    if told.startswith(_TEMPLATE):
        template_id = told.removeprefix(_TEMPLATE)[:_LONGEST_ID]
        return {FIELD: {"template": {"id": template_id}} if template_id else None}
    picture = own_picture(draft, told)
    return {FIELD: {"image": picture} if picture else None}


def own_picture(draft: ListingDraft, told: str) -> dict[str, int] | None:
    """One of our product's pictures, if that is what the form names."""
    key = key_of(told)
    return {"image": key} if own_pictures(draft).filter(pk=key).exists() else None


def _shown(chart: Mapping[str, Any]) -> str:
    """Which choice stands for what is there."""
    template_id = identifier(mapping(chart, "template"), "id")
    if template_id and not chart.get("image"):
        return f"{_TEMPLATE}{template_id}"
    return KEEP if chart else ""


def _templates(channel: Channel) -> tuple[list[RemoteSizeChart], str]:
    try:
        return parties.size_charts(channel), ""
    except (PlatformError, DomainError) as error:
        return [], str(error)
