"""When the platform's carrier can fetch packages."""

from apps.simulator.world.rolls import roll
from apps.simulator.world.sellers import Shop

Slot = tuple[int, int, bool]  # Unix seconds from and until, and whether it is free
_HOURS = ((9, 13), (14, 18))  # in the shop's time
_DAYS, _DAY, _HOUR = 3, 86_400, 3_600
_ONE_TAKEN_IN = 6


def pickup_slots(shop: Shop, now: int) -> list[Slot]:
    """Those of today that are still to come and of the days after it. The first one is
    always free, so that there is one."""
    zone = shop.region.utc_offset_hours * _HOUR
    midnight = (now + zone) // _DAY * _DAY - zone
    times = [
        (midnight + day * _DAY + begin * _HOUR, midnight + day * _DAY + end * _HOUR)
        for day in range(_DAYS + 1)
        for begin, end in _HOURS
    ]
    ahead = [(start, end) for start, end in times if start > now + _HOUR]
    return [
        (start, end, not place or roll("slot", shop.id, start) % _ONE_TAKEN_IN > 0)
        for place, (start, end) in enumerate(ahead)
    ]
