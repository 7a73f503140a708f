"""What goes back to the buyer by a request."""

from apps.simulator.world.aftersales.money import Refund, part_of, refunds_of
from apps.simulator.world.aftersales.requests import Request


def refunds_now(request: Request) -> dict[int, Refund]:
    """What goes back, by unit, as things stand: nothing of what was never paid."""
    facts = request.facts
    if not facts["is_paid"]:
        return {unit: Refund() for unit in facts["units"]}
    refunds = refunds_of(
        request.order, facts["units"], with_shipping=facts["with_shipping"]
    )
    for unit, paid in facts.get("paid_before", {}).items():
        refund = {int(unit): refunds[int(unit)]}
        refunds |= part_of(refund, max(0, refund[int(unit)].total - paid))
    return part_of(refunds, facts["amount"]) if "amount" in facts else refunds
