"""What a shop's own orders make of what it shows, without anybody telling it."""

from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.inventory.models import Booking, StockMovement
from apps.sync.models import StockPush

State = StockPush.State


def moved_by_own_orders(listing_sku_ids: Collection[int]) -> list[int]:
    """Those of these listing SKUs that would not be told again, though orders of their
    shop were booked or called off since they were told last.

    The platform took those pieces from the figure by itself. Mostly ours is a new one
    then, too; but a rule may hold it, or a receipt make up for the sale.
    """
    orders = StockMovement.objects.filter(
        booking__cause_kind=Booking.Kind.ORDER,
        booking__shop=OuterRef("shop"),
        # Not the moment of its answer: a sale may come in between.
        booked_at__gt=OuterRef("sending_since"),
    ).exclude(reserved=F("on_hand"))  # shipped: that was taken when it was ordered
    sold = OuterRef("listing_sku__variant")
    pushes: QuerySet[StockPush] = StockPush.objects.filter(
        Q(Exists(orders.filter(level__variant=sold)))
        | Q(
            Exists(orders.filter(booking__sold=sold)),
            listing_sku__variant__is_bundle=True,
        ),
        listing_sku__in=listing_sku_ids,
        state__in=[State.IN_STEP, State.SENDING],
    )
    return list(pushes.order_by().values_list("listing_sku", flat=True))
