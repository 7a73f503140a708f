"""Which orders creators brought, and on what terms.

It follows from the order's seed, unless its notes name a creator (`creator`: an ID, or
"" for nobody).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.simulator.world.affiliate.creators import Creator
from apps.simulator.world.basket import Basket
from apps.simulator.world.money.figures import share_of
from apps.simulator.world.orders import Order
from apps.simulator.world.rolls import digits, next_roll, rng

_IN_A_THOUSAND = 350
_RATES = (500, 800, 1_000, 1_200, 1_550, 2_000)  # hundredths of a percent
_CONTENT = ("VIDEO",) * 5 + ("LIVE",) * 3 + ("SHOP", "LINKSHARE")
_TIERS = "3.0 OR 5.0"
STANDARD, ADS = "affiliate_commission_amount", "affiliate_ads_commission_amount"
PARTNER = "affiliate_partner_commission_amount"


@dataclass(frozen=True, slots=True)
class Deal:
    """Rates are in hundredths of a percent. A creator earns the standard rate, or the
    one for orders that shop ads brought; a partner, where there is one, its own."""

    creator: Creator
    content_type: str
    content_id: str
    standard_rate: int
    ads_rate: int
    partner_rate: int
    is_by_ads: bool
    is_tiered: bool
    is_targeted: bool  # an invitation, not an open collaboration
    collaboration_id: str
    campaign_id: str  # of a partner; empty for none
    is_for_first_only: bool  # of the order's SKUs

    @property
    def tiers(self) -> str:
        return _TIERS if self.is_tiered else ""

    def covers(self, basket: Basket, sku_id: str) -> bool:
        units = [unit for unit in basket.units if not unit.is_gift]
        if self.is_for_first_only:
            return units[0].sku.id == sku_id
        return any(unit.sku.id == sku_id for unit in units)

    def commissions(self, base: int) -> dict[str, int]:
        """By the name of the fee, of a base that is not negative; not signed."""
        rate = self.ads_rate if self.is_by_ads else self.standard_rate
        shares = {ADS if self.is_by_ads else STANDARD: share_of(base, rate)}
        if self.partner_rate:
            shares[PARTNER] = share_of(base, self.partner_rate)
        return shares


class Creators:
    """Everybody, and who brought which order."""

    def __init__(self, creators: Sequence[Creator]) -> None:
        self.by_id: Mapping[str, Creator] = {one.id: one for one in creators}
        self._selling: dict[str, list[Creator]] = {}
        for one in creators:
            self._selling.setdefault(one.selection_region, []).append(one)

    def at(self, region_code: str) -> list[Creator]:
        return self._selling.get(region_code, [])

    def of(self, order: Order) -> Creator | None:
        """Who brought it. Cheap: it is asked of very many orders."""
        notes = order.notes or {}
        if "creator" in notes:
            return self.by_id.get(notes["creator"])
        if order.kind.is_free:
            return None
        chance = next_roll(order.seed ^ 0x2545F4914F6CDD1D) >> 24
        if chance % 1_000 >= _IN_A_THOUSAND:
            return None
        there = self.at(order.shop.region.code)
        place = (chance // 1_000 & 0xFFFF) / 0x10000
        return there[int(len(there) * place**1.5)]

    def deal(self, order: Order) -> Deal | None:
        if not (creator := self.of(order)):
            return None
        shop, chance = order.shop, rng("deal", order.id)
        content = chance.choice(_CONTENT)
        is_partnered = chance.random() < 0.08
        rate = chance.choice(_RATES)
        piece = chance.randrange(1, 9)  # a creator makes a few videos for a shop
        return Deal(
            creator=creator,
            content_type=content,
            content_id=digits("7493", 19, creator.id, shop.id, content, piece)
            if content in ("VIDEO", "LIVE")
            else "",
            standard_rate=rate,
            ads_rate=rate // 2,
            partner_rate=200 if is_partnered else 0,
            is_by_ads=chance.random() < 0.15,
            is_tiered=chance.random() < 0.2,
            is_targeted=chance.random() < 0.3,
            collaboration_id=digits("7366", 19, "deal", creator.id, shop.id),
            campaign_id=digits("7367", 19, "campaign", shop.id) if is_partnered else "",
            is_for_first_only=chance.random() < 0.2,
        )
