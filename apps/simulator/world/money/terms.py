"""What the platform takes in each market, and when it settles.

The kinds of fees are the platform's; which rate a market has, and how long money is
held, is the simulator's own: they change often and differ by category.
"""

from dataclasses import dataclass

_Rates = tuple[tuple[str, int], ...]  # (name, hundredths of a percent)


@dataclass(frozen=True, slots=True)
class Terms:
    """`fees` are taken of the revenue. A program's fee is taken of orders in which the
    platform pays a part: of the shipping, or of the price."""

    holding_days: int  # from delivery to settlement
    fees: _Rates
    has_wallet: bool = False  # sellers withdraw themselves, there are no payments
    shipping_program: _Rates = ()
    voucher_program: _Rates = ()
    per_order: tuple[tuple[str, int], ...] = ()  # (name, smallest units)
    taxes: _Rates = ()  # of the revenue
    taxes_on_fees: _Rates = ()
    refund_administration: int = 0  # of the fees that a refund would bring back


TERMS = {
    "US": Terms(
        holding_days=8,
        fees=(("referral_fee_amount", 600),),
        refund_administration=2_000,
    ),
    "GB": Terms(holding_days=8, fees=(("platform_commission_amount", 900),)),
    "DE": Terms(holding_days=7, fees=(("platform_commission_amount", 900),)),
    "MY": Terms(
        holding_days=6,
        has_wallet=True,
        fees=(
            ("platform_commission_amount", 540),
            ("transaction_fee_amount", 350),
            ("dynamic_commission_amount", 250),
        ),
        voucher_program=(("voucher_xtra_service_fee_amount", 300),),
        taxes_on_fees=(("sst_amount", 800),),
    ),
    "ID": Terms(
        holding_days=5,
        has_wallet=True,
        fees=(
            ("platform_commission_amount", 430),
            ("dynamic_commission_amount", 400),
        ),
        shipping_program=(("sfp_service_fee_amount", 400),),
        voucher_program=(("bonus_cashback_service_fee_amount", 450),),
        per_order=(("fee_per_item_sold_amount", 1_250),),
    ),
    "TH": Terms(
        holding_days=6,
        has_wallet=True,
        fees=(
            ("platform_commission_amount", 642),
            ("transaction_fee_amount", 321),
        ),
        shipping_program=(("sfp_service_fee_amount", 535),),
    ),
    "VN": Terms(
        holding_days=5,
        has_wallet=True,
        fees=(
            ("platform_commission_amount", 900),
            ("transaction_fee_amount", 500),
        ),
        shipping_program=(("sfp_service_fee_amount", 600),),
        voucher_program=(("voucher_xtra_service_fee_amount", 400),),
        per_order=(("vn_fix_infrastructure_fee", 3_000),),
        taxes=(("local_vat_amount", 100), ("pit_amount", 50)),
    ),
}
