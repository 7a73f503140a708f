"""Control: products as the seller or the platform changes them, without the API."""

import copy
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.state import Simulator
from apps.simulator.tiktok.products.rendering import full_product
from apps.simulator.tiktok.products.sku_rendering import View
from apps.simulator.world import listing_news, reviews
from apps.simulator.world.listing_news import News
from apps.simulator.world.listing_prices import price_for
from apps.simulator.world.listings import STATUSES, Content, Listing
from apps.simulator.world.sellers import Shop
from apps.simulator.world.shelves import decide

_IN_SELLER_CENTER = ("title", "description", "price", "quantity", "seller_sku")


def list_listings(simulator: Simulator, fields: Fields) -> list[Json]:
    """Products, newest change first: ?shop_id=, ?status=, ?limit=50."""
    shop_id = fields.take("shop_id", str, "")
    status = fields.take("status", str, "")
    limit = fields.take("limit", int, 50)
    fields.done()
    found = [
        (shop, listing)
        for shop in simulator.world.shops.values()
        if shop_id in ("", shop.id)
        for listing in simulator.shelves.of(shop).by_update
        if status in ("", listing.status)
    ]
    found.sort(key=lambda pair: pair[1].place, reverse=True)
    return [_summary(shop, listing) for shop, listing in found[:limit]]


def _summary(shop: Shop, listing: Listing) -> Json:
    return {
        "id": listing.id,
        "shop_id": shop.id,
        "title": listing.content["title"],
        "status": listing.status,
        "audit": listing.audit,
        "review_due": listing.due,
        "in_promotion": listing.in_promotion,
        "create_time": listing.created,
        "update_time": listing.updated,
        "sku_ids": [sku["id"] for sku in listing.content["skus"]],
        "seller_skus": [sku.get("seller_sku", "") for sku in listing.content["skus"]],
    }


def show_listing(simulator: Simulator, fields: Fields, product_id: str) -> Json:
    """One product as the API shows it, in any status, with its other versions."""
    fields.done()
    shop, listing = _known(simulator, product_id)
    view = View(simulator, shop)
    versions = {"proposed": listing.proposed, "draft": listing.draft}
    return _summary(shop, listing) | {
        "product": full_product(view, listing, listing.content),
        **{
            name: full_product(view, listing, content) if content else None
            for name, content in versions.items()
        },
    }


def _known(simulator: Simulator, product_id: str) -> tuple[Shop, Listing]:
    found = simulator.shelves.find(product_id)
    if found is None:
        raise ControlError("No such product. GET /control/listings.", http=404)
    return found


def _keep(simulator: Simulator, shop: Shop, listing: Listing, news: list[News]) -> Json:
    simulator.keep(shop, listing, news)
    return show_listing(simulator, Fields({}), listing.id)


def review(simulator: Simulator, fields: Fields, product_id: str) -> Json:
    """Decide a review now: verdict pass, fail or rules (as the reviewers would);
    reasons and position (default product) of a failure."""
    verdict = fields.choice("verdict", ("pass", "fail", "rules"), "pass")
    reasons = [str(r) for r in fields.take("reasons", list, [])]
    position = fields.take("position", str, "product")
    fields.done()
    shop, listing = _known(simulator, product_id)
    if not listing.is_in_review:
        raise ControlError("This product is not in review.", http=409)
    now = simulator.clock.seconds()
    if verdict == "rules":
        news = decide(shop, listing, now)
    elif verdict == "pass":
        news = reviews.approve(listing, now)
    else:
        texts = reasons or ["The product violates the listing rules."]
        hint = "Correct the product and submit it again."
        failures = [reviews.failure(position, text, hint) for text in texts]
        news = reviews.reject(listing, failures, now)
    return _keep(simulator, shop, listing, news)


def set_status(simulator: Simulator, fields: Fields, product_id: str) -> Json:
    """Move a product to any status, as the seller in Seller Center or the platform
    would (FREEZE and ACTIVATE again: frozen and unfrozen), without a review."""
    status = fields.choice("status", STATUSES, "")
    fields.done()
    shop, listing = _known(simulator, product_id)
    news = reviews.move(listing, status, simulator.clock.seconds())
    return _keep(simulator, shop, listing, news)


def change(simulator: Simulator, fields: Fields, product_id: str) -> Json:
    """Change a product in Seller Center: title, description, and of sku_id (default:
    the first) seller_sku, price (as the buyer sees it), quantity (in warehouse_id,
    default: the first); with_review true sends title and texts to review first."""
    sent = {name: fields.take(name, object, None) for name in _IN_SELLER_CENTER}
    sent = {name: value for name, value in sent.items() if value is not None}
    sku_id = fields.take("sku_id", str, "")
    warehouse_id = fields.take("warehouse_id", str, "")
    with_review = fields.flag("with_review")
    fields.done()
    shop, listing = _known(simulator, product_id)
    if not sent:
        raise ControlError(f"Send one of: {', '.join(_IN_SELLER_CENTER)}.")
    now = simulator.clock.seconds()

    def apply(content: Content) -> None:
        _apply(shop, content, sent, sku_id, warehouse_id)

    with simulator.stock.watched(shop, listing, "seller_center", "", now):
        if with_review:
            after = copy.deepcopy(listing.newest)
            apply(after)
            desk = simulator.shelves.desk
            news = reviews.submit(listing, after, desk, now, by="SELLER_CENTER")
        else:
            news = _change_at_once(listing, apply, now)
        return _keep(simulator, shop, listing, news)


def _change_at_once(
    listing: Listing, apply: Callable[[Content], None], now: int
) -> list[News]:
    before = listing.content
    after = copy.deepcopy(before)
    apply(after)
    for version in filter(None, (listing.proposed, listing.draft)):
        with suppress(ControlError):  # of a SKU which that version has not
            apply(version)
    listing.base, listing.made_by = after, "SELLER_CENTER"
    listing.touch(now)
    return listing_news.content_changed(listing, before)


def _apply(
    shop: Shop, content: Content, sent: Json, sku_id: str, warehouse_id: str
) -> None:
    for name in ("title", "description"):
        if name in sent:
            content[name] = str(sent[name])
    sku = _sku(content, sku_id)
    if "seller_sku" in sent:
        sku["seller_sku"] = str(sent["seller_sku"])
    if "price" in sent:
        sku["price"] = price_for(shop, _units(shop, sent["price"]))
    if "quantity" in sent:
        row = _stock(sku, warehouse_id)
        if not isinstance(sent["quantity"], int) or sent["quantity"] < 0:
            raise ControlError("'quantity' must be a number of pieces.")
        row["quantity"] = sent["quantity"]


def _sku(content: Content, sku_id: str) -> Json:
    found = [sku for sku in content["skus"] if sku_id in ("", sku["id"])]
    if not found:
        raise ControlError(f"The product has no SKU {sku_id}.", http=404)
    row: Json = found[0]
    return row


def _units(shop: Shop, price: object) -> int:
    """The currency's smallest units."""
    try:
        return int(Decimal(str(price)).scaleb(shop.region.decimals))
    except (InvalidOperation, ValueError) as error:
        raise ControlError("'price' must be an amount, such as \"12.90\".") from error


def _stock(sku: Json, warehouse_id: str) -> Json:
    rows = sku.get("inventory", ())
    found = [row for row in rows if warehouse_id in ("", row["warehouse_id"])]
    if not found:
        raise ControlError("The SKU has no stock in that warehouse.", http=404)
    row: Json = found[0]
    return row


def add_field(simulator: Simulator, fields: Fields, product_id: str) -> Json:
    """Give a product, or one of its SKUs (sku_id), a field that no document knows:
    name, value. Overwriting the product without it loses it."""
    name = fields.need("name", str)
    value = fields.need("value", object)
    sku_id = fields.take("sku_id", str, "")
    fields.done()
    shop, listing = _known(simulator, product_id)
    for version in listing.versions():
        with suppress(ControlError):  # of a SKU which that version has not
            (_sku(version, sku_id) if sku_id else version)[name] = value
    listing.touch(simulator.clock.seconds())
    return _keep(simulator, shop, listing, [])


def set_promotion(simulator: Simulator, fields: Fields, product_id: str) -> Json:
    """Put a product into a promotion (on, default true) or take it out: its price is
    locked (12052038) and its stock can not go down (12052393)."""
    on = fields.flag("on", default=True)
    fields.done()
    shop, listing = _known(simulator, product_id)
    listing.in_promotion = on
    return _keep(simulator, shop, listing, [])
