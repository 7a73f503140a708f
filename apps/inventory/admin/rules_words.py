"""How stock rules are put; shops that a person does not see are not named."""

from collections.abc import Iterable

from apps.inventory.models import StockRule
from apps.platforms.models import Shop
from apps.users.models import AnyUser
from apps.users.roles import VIEW_STOCK

UNSEEN_SHOP = "a shop you do not see"


def seen_shops(user: AnyUser) -> set[int]:
    """Keys of the shops whose stock one sees."""
    shops = Shop.objects.visible_to(user, VIEW_STOCK).order_by()
    return set(shops.values_list("pk", flat=True))


def shop_words(shop: Shop | None, seen: set[int]) -> str:
    if shop is None:
        return "—"
    return str(shop) if shop.pk in seen else UNSEEN_SHOP


def unseen_shops(user: AnyUser, client_id: int) -> list[Shop]:
    """Those of a client whose stock one does not see."""
    shops = Shop.objects.filter(client=client_id)
    return list(shops.exclude(pk__in=seen_shops(user)))


def without(unseen: Iterable[Shop], sentence: str) -> str:
    """A sentence of a service, which knows nobody who reads it."""
    for shop in unseen:
        sentence = sentence.replace(str(shop), UNSEEN_SHOP)
    return sentence


def place_words(rule: StockRule, seen: set[int]) -> str:
    """What a rule is about, as “LAMP-30 · Main Store (US)”; shops unseen stay so."""
    places = [
        rule.variant and f"{rule.variant.sku} {rule.variant.title}",
        rule.shop and shop_words(rule.shop, seen),
        rule.warehouse and str(rule.warehouse),
    ]
    return " · ".join(str(each) for each in places if each) or "All stock"


def figure_words(rule: StockRule) -> str:
    parts = []
    if rule.buffer is not None:
        parts.append(f"keep {rule.buffer:,} back")
    if rule.share_percent is not None:
        parts.append(f"{rule.share_percent} %")
    if rule.cap is not None:
        parts.append(f"at most {rule.cap:,}")
    return ", ".join(parts)
