"""Categories: the tree, what a leaf asks of its products, and a guess from a title.

Source: Partner Center, "Get Categories 202309", "Get Attributes 202309", "Get
Category Rules 202309", "Recommend Category 202309".
"""

from collections.abc import Iterable

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.products.category_rendering import (
    render_attribute,
    render_rules,
)
from apps.simulator.world.taxonomy import (
    INVITE_ONLY,
    NON_MAIN_CATEGORY,
    PROHIBITED,
    Category,
    categories,
    category,
    chain,
    is_open_elsewhere,
    version,
)
from apps.simulator.world.words import language

_PLATFORMS = {"TIKTOK_SHOP": None, "TOKOPEDIA": "ID"}  # the only market it is in
_CLOSED = {
    PROHIBITED: (12052220, "This category is prohibited on TikTok Shop"),
    INVITE_ONLY: (12052223, "This category is restricted: it is open by invitation"),
    NON_MAIN_CATEGORY: (
        12052226,
        "This category is restricted: it is outside the shop's main category",
    ),
}


def list_categories(call: Call) -> Json:
    """GET /product/202309/categories: the whole tree, flat, parents first."""
    check_version(call, call.query.get("category_version", ""))
    check_platform(call, call.query.get("listing_platform", ""))
    shown = categories(call.shop.region)
    if not _flag(call, "include_prohibited_categories"):
        shown = tuple(one for one in shown if one.permission != PROHIBITED)
    spoken = _language(call)
    if keyword := call.query.get("keyword", "").strip():
        shown = _matching(shown, keyword, spoken)
    return {"categories": [_row(one, spoken) for one in shown]}


def _matching(
    shown: tuple[Category, ...], keyword: str, spoken: str
) -> tuple[Category, ...]:
    """Those with the word in their name, and all above them."""
    wanted = keyword.casefold()
    kept: set[str] = set()
    for one in shown:
        if wanted in one.name_in(spoken).casefold():
            kept.update(one.chain)
    return tuple(one for one in shown if one.id in kept)


def _row(one: Category, spoken: str) -> Json:
    return {
        "id": one.id,
        "parent_id": one.parent_id,
        "local_name": one.name_in(spoken),
        "is_leaf": one.is_leaf,
        "permission_statuses": [one.permission],
    }


def category_attributes(call: Call) -> Json:
    """GET /product/202309/categories/{category_id}/attributes."""
    leaf = _leaf(call)
    spoken = _language(call)
    return {"attributes": [render_attribute(one, spoken) for one in leaf.attributes]}


def category_rules(call: Call) -> Json:
    """GET /product/202309/categories/{category_id}/rules."""
    leaf = _leaf(call)
    if leaf.permission in _CLOSED:
        raise Refusal(*_CLOSED[leaf.permission])
    return render_rules(leaf.rules, call.simulator.media)


def _leaf(call: Call) -> Category:
    """The category in the path; refused if it is unknown here or not a leaf."""
    check_version(call, call.query.get("category_version", ""))
    return leaf_of(call, call.ids["category_id"])


def leaf_of(call: Call, category_id: str) -> Category:
    found = known_category(call, category_id)
    if not found.is_leaf:
        raise Refusal(12052024, "Category is not final category. Use a leaf category")
    return found


def known_category(call: Call, category_id: str) -> Category:
    found = category(call.shop.region, category_id)
    if found is None and is_open_elsewhere(category_id):
        raise Refusal(
            12052230,
            "The specified category ID is not a leaf category, or it does not belong "
            f"to the {version(call.shop.region)} category tree of this market",
        )
    if found is None:
        raise Refusal(12052023, "Category does not exist")
    return found


def check_version(call: Call, given: str) -> None:
    """A market has one version; v1 is meant where none is given."""
    wanted = version(call.shop.region)
    if (given or "v1") != wanted:
        raise Refusal(
            12052217,
            f"Incorrect category version. This shop uses category_version {wanted}",
        )


def check_platform(call: Call, given: str) -> None:
    market = _PLATFORMS.get(given, "")
    if given and market is not None and market != call.shop.region.code:
        raise Refusal(12019210, "publish param invalid: listing_platform")


def category_chain(call: Call, leaf: Category) -> list[Json]:
    """A leaf and those above it, as the recommendation shows them."""
    above: Iterable[Category] = chain(call.shop.region, leaf.id)
    spoken = _language(call)
    return [
        {
            "id": one.id,
            "name": one.name_in(spoken),
            "level": one.level,
            "is_leaf": one.is_leaf,
            "permission_statuses": [one.permission],
        }
        for one in above
    ]


def _flag(call: Call, name: str) -> bool:
    text = call.query.get(name, "false").lower()
    if text not in ("true", "false"):
        raise invalid(name, "must be true or false.")
    return text == "true"


def _language(call: Call) -> str:
    locale = call.query.get("locale") or call.body.get("locale") or ""
    return language(call.shop.region.code, str(locale))
