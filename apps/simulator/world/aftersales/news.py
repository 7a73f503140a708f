"""What webhooks tell of a request: the type's number with its data.

Source: Partner Center, "Webhooks": 11 cancellation, 12 return. What their lists of
statuses do not name is not told: an offered part, exchanges.
"""

from collections.abc import Callable

from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.listing_news import News

Spell = Callable[[str], str]
_UNTOLD = frozenset({
    stages.OFFERED, stages.EXCHANGE_PENDING, stages.EXCHANGE_REFUNDED,
    stages.EXCHANGE_OFF, stages.EXCHANGE_COMPLETE,
})  # fmt: skip
_ROLES = {stages.BUYER, stages.SELLER, stages.SYSTEM}


def told(request: Request, spell: Spell) -> list[News]:
    """News of the request's last step; none if it left the status alone."""
    before = request.steps[request.done - 2].status if request.done > 1 else ""
    if request.status == before or request.status in _UNTOLD:
        return []
    role = request.base["role"]
    role = role if role in _ROLES else stages.SYSTEM
    if request.family == stages.CANCEL:
        return [
            (
                11,
                {
                    "order_id": str(request.order.id),
                    "cancellations_role": role,
                    "cancel_status": spell(request.status),
                    "cancel_id": str(request.id),
                    "create_time": request.created,
                },
            )
        ]
    return [
        (
            12,
            {
                "order_id": str(request.order.id),
                "return_role": role,
                "return_type": request.type,
                "return_status": request.status,
                "return_id": str(request.id),
                "create_time": request.created,
                "update_time": request.updated,
            },
        )
    ]
