"""What items and creators are called: looked up when they are shown, so names and
matches are today's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.backoffice.services.analytics.attribution import UNNAMED
from apps.backoffice.services.analytics.figures import Figures
from apps.content.models import Creator
from apps.content.rules.top import ProductRow, top_products
from apps.platforms.models import Shop
from apps.products.models import ListingSku, Product
from apps.users.models import AnyUser


@dataclass(frozen=True, slots=True)
class TopProduct:
    """`product` is ours, None of an item that is matched to nothing; it is named after
    its listing then. `share` is of the net of everything."""

    product: int | None
    name: str
    net: Decimal
    units: int
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class _Item:
    product: int | None
    product_name: str
    listing: str
    title: str


def top_of(
    items: Mapping[tuple[int, str], Figures], most: int | None = None
) -> list[TopProduct]:
    """What sold best, by {(shop's key, item): figures}: one product is one row, however
    many shops and SKUs sell it. One query."""
    known = _known(items)
    rows, names = [], {}
    for (shop, key), figures in items.items():
        item = known.get((shop, key))
        product = str(item.product) if item and item.product else None
        row = ProductRow(
            str(shop),
            item.listing if item else key,
            figures.net,
            figures.units,
            product,
        )
        rows.append(row)
        names[row.key] = item, shop, key
    found = []
    for top in top_products(rows, most):
        item, _, key = names[top.key]
        name = (item.product_name or item.title) if item else ""
        found.append(
            TopProduct(
                item.product if item else None,
                name or key.removeprefix("seller:"),
                top.net,
                top.units,
                top.share,
            )
        )
    return found


def creator_names(keys: Iterable[str], user: AnyUser) -> dict[str, str]:
    """{key: name} of creators one may see; others stay unnamed."""
    numbers = [int(key) for key in keys if key.isdecimal()]
    seen = Creator.objects.visible_to(user).filter(pk__among=numbers)
    names = {str(pk): f"@{name}" for pk, name in seen.values_list("pk", "username")}
    others = {"": "(none)", UNNAMED: "(not named)"}
    return {key: names.get(key) or others.get(key, "(not shown)") for key in keys}


def followers_of(shops: Iterable[Shop]) -> int | None:
    """Of all together; whoever follows two counts twice. None where nobody told."""
    told = [s.follower_count for s in shops if s.follower_count is not None]
    return sum(told) if told else None


def _known(items: Iterable[tuple[int, str]]) -> dict[tuple[int, str], _Item]:
    items = list(items)
    rows = ListingSku.objects.filter(
        shop__among=sorted({shop for shop, _ in items}),
        remote_id__among=sorted({key for _, key in items}),
    ).values_list(
        "shop",
        "remote_id",
        "variant__product",
        "variant__product__name",
        "listing__remote_id",
        "listing__title",
    )
    return {
        (shop, key): _Item(product, name or "", listing, title)
        for shop, key, product, name, listing, title in rows
    }


def product_links(keys: Iterable[int], user: AnyUser) -> set[int]:
    """Those whose page the user may open."""
    rows = Product.objects.visible_to(user).filter(pk__among=sorted(keys))
    return set(rows.order_by().values_list("pk", flat=True))
