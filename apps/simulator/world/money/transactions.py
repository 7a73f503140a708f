"""The rows of statements: orders, adjustments, and money held back for a time."""

from dataclasses import dataclass, field

from apps.simulator.world.money.figures import Figures
from apps.simulator.world.money.settling import SkuRow
from apps.simulator.world.orders import Order

ORDER, RESERVE = "ORDER", "RESERVE"
ADJUSTMENTS = (
    "CHARGE_BACK", "CUSTOMER_SERVICE_COMPENSATION", "DEDUCTIONS_INCURRED_BY_SELLER",
    "GMV_PAYMENT_FOR_ADS", "PLATFORM_COMMISSION_ADJUSTMENT",
    "PLATFORM_COMMISSION_COMPENSATION", "PLATFORM_PENALTY", "PROMOTION_ADJUSTMENT",
    "REBATE", "PLATFORM_COMPENSATION", "PLATFORM_REIMBURSEMENT",
    "COFUNDED_CREATOR_REWARDS", "FBT_WAREHOUSE_SERVICE_FEE", "LOGISTICS_REIMBURSEMENT",
    "SHIPPING_FEE_ADJUSTMENT", "SHIPPING_FEE_COMPENSATION", "SHIPPING_FEE_REBATE",
    "SAMPLE_SHIPPING_FEE", "SELLER_MISSION_REWARD", "OTHER_ADJUSTMENT",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transaction:
    """`adjustment` is not part of `figures`; `reserve` is held back (negative) or given
    back, and no part of the settlement."""

    id: str
    type: str
    created: int  # of the order, else of the adjustment or reserve itself
    order_id: str = ""  # also the one an adjustment or a reserve is about
    figures: Figures = field(default_factory=Figures)
    skus: tuple[SkuRow, ...] = ()
    adjustment: int = 0
    reserve: int = 0
    reserve_id: str = ""
    releases_at: int = 0
    order: Order | None = None

    @property
    def settlement(self) -> int:
        return self.figures.settlement + self.adjustment
