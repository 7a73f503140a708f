"""Size charts, manufacturers and responsible persons: what products refer to.

Source: Partner Center, "Search Size Charts 202407", "Create Manufacturer 202409" and
its siblings.
"""

from collections.abc import Callable
from dataclasses import dataclass

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.products.pages import page_of, page_size, several
from apps.simulator.tiktok.products.parties import (
    LOCALES,
    manufacturer_profile,
    responsible_person_profile,
)
from apps.simulator.world.registry import (
    MANUFACTURER,
    RESPONSIBLE_PERSON,
    Party,
    Profile,
    party_id,
)
from apps.simulator.world.size_charts import SizeChart, size_charts

MOST_PARTIES = 500  # the limit is not documented; this one is ours


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    profile: Callable[[Json, Profile], Profile]
    too_many: int
    wrong_locale: int | None


_MANUFACTURERS = _Kind(MANUFACTURER, manufacturer_profile, 38023032, 38023057)
_PERSONS = _Kind(RESPONSIBLE_PERSON, responsible_person_profile, 38023027, None)


def search_size_charts(call: Call) -> Json:
    """POST /product/202407/sizecharts/search: the seller's templates."""
    found = [
        chart
        for chart in size_charts(call.seller)
        if _is_named(call.body, "ids", chart.id)
        and _keyword(call) in chart.name.casefold()
    ]
    locales = several(call.query.get("locales", ""))
    rows = [_chart(call, chart, locales) for chart in found]
    rows = [row for row in rows if row["images"]]
    page, token = page_of(call, rows, size_code=12019109, token_code=12019108)
    return {"size_chart": page, "total_count": len(rows), "next_page_token": token}


def _chart(call: Call, chart: SizeChart, locales: list[str]) -> Json:
    return {
        "template_id": chart.id,
        "template_name": chart.name,
        "images": [
            {"uri": uri, "url": call.simulator.media.url(uri), "locale": locale}
            for locale, uri in chart.images
            if not locales or _speaks(locale, locales)
        ],
    }


def _speaks(locale: str, wanted: list[str]) -> bool:
    return locale in wanted or locale.partition("-")[0] in wanted


def create_manufacturer(call: Call) -> Json:
    """POST /product/202409/compliance/manufacturers."""
    return {"manufacturer_id": _create(call, _MANUFACTURERS).id}


def create_responsible_person(call: Call) -> Json:
    """POST /product/202409/compliance/responsible_persons."""
    return {"responsible_person_id": _create(call, _PERSONS).id}


def edit_manufacturer(call: Call) -> Json:
    """POST /product/202409/compliance/manufacturers/{manufacturer_id}/partial_edit."""
    return _edit(call, _MANUFACTURERS, call.ids["manufacturer_id"])


def edit_responsible_person(call: Call) -> Json:
    """POST /product/202409/compliance/responsible_persons/{id}/partial_edit."""
    return _edit(call, _PERSONS, call.ids["responsible_person_id"])


def search_manufacturers(call: Call) -> Json:
    """POST /product/202501/compliance/manufacturers/search."""
    return _search(call, _MANUFACTURERS)


def search_responsible_persons(call: Call) -> Json:
    """POST /product/202501/compliance/responsible_persons/search."""
    return _search(call, _PERSONS)


def _create(call: Call, kind: _Kind) -> Party:
    _check_seller(call)
    profile = kind.profile(call.body, {})
    own = call.simulator.registry.of(kind.name, call.seller)
    if len(own) >= MOST_PARTIES:
        raise Refusal(kind.too_many, "The number exceeds the limit")
    new_id = party_id(kind.name, call.seller.id, len(own))
    return _save(call, kind, new_id, {_locale(call): profile})


def _edit(call: Call, kind: _Kind, wanted: str) -> Json:
    """What is sent replaces what was there in that locale; the rest stays."""
    _check_seller(call)
    found = call.simulator.registry.find(
        kind.name, wanted, call.simulator.world.sellers
    )
    if found is None:
        raise Refusal(38023051, "Resource not found")
    if found.seller_id != call.seller.id:
        raise Refusal(38023052, "Seller is not authorised to access resource")
    locale = _locale(call) if "locale" in call.body else next(iter(found.profiles))
    profile = kind.profile(call.body, found.profiles.get(locale, {}))
    _save(call, kind, found.id, found.profiles | {locale: profile})
    return {}


def _save(
    call: Call, kind: _Kind, saved_id: str, profiles: dict[str, Profile]
) -> Party:
    saved: Party = call.simulator.record(
        {
            "event": "party_saved",
            "kind": kind.name,
            "id": saved_id,
            "seller_id": call.seller.id,
            "profiles": profiles,
        }
    )
    return saved


def _search(call: Call, kind: _Kind) -> Json:
    _check_seller(call)
    size = page_size(call, 38023047)
    ids = call.body.get(f"{kind.name}_ids") or []
    if isinstance(ids, list) and len(ids) > size:
        raise Refusal(38023049, "The number of ids is larger than page size")
    locales = _wanted_locales(call, kind)
    rows = [
        row
        for party in call.simulator.registry.of(kind.name, call.seller)
        if _is_named(call.body, f"{kind.name}_ids", party.id)
        and (row := _row(party, locales))["regional_profiles"]
        and _keyword(call) in _names(row)
    ]
    page, token = page_of(call, rows, size_code=38023047, token_code=38023048)
    return {
        f"{kind.name}s": page,
        "total_count": len(rows),
        "next_page_token": token,
    }


def _row(party: Party, locales: list[str]) -> Json:
    return {
        "id": party.id,
        "regional_profiles": [
            {"locale": locale} | profile
            for locale, profile in party.profiles.items()
            if not locales or _speaks(locale, locales)
        ],
    }


def _names(row: Json) -> str:
    return "\n".join(profile["name"] for profile in row["regional_profiles"]).casefold()


def _check_seller(call: Call) -> None:
    if any(shop.seller_type == "CROSS_BORDER" for shop in call.seller.shops):
        raise Refusal(38023050, "Operation is not supported for global seller")


def _locale(call: Call) -> str:
    """The locale of a profile; the seller's own language where none is given."""
    given = call.body.get("locale")
    if given is None:
        return "de-DE" if call.seller.base_region == "DE" else "en"
    if given not in LOCALES:
        raise invalid("locale", f"must be one of {', '.join(LOCALES)}.")
    return str(given)


def _wanted_locales(call: Call, kind: _Kind) -> list[str]:
    given = call.body.get("locales") or []
    if isinstance(given, list) and all(one in LOCALES for one in given):
        return given
    if kind.wrong_locale:
        raise Refusal(kind.wrong_locale, "Unsupported locale")
    raise invalid("locales", f"must be some of {', '.join(LOCALES)}.")


def _keyword(call: Call) -> str:
    keyword = call.body.get("keyword") or ""
    if not isinstance(keyword, str):
        raise invalid("keyword", "must be a string.")
    return keyword.strip().casefold()


def _is_named(body: Json, name: str, one: str) -> bool:
    """Whether the list of IDs in the body, if there is one, has this one."""
    ids = body.get(name) or []
    if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
        raise invalid(name, "must be a list of strings.")
    return not ids or one in ids
