"""Control: what happens to packages on their way, and how they may be handed over."""

from collections.abc import Sequence

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.control.orders import known_order
from apps.simulator.control.platform import known_shop
from apps.simulator.shipping import change, reach
from apps.simulator.state import Simulator
from apps.simulator.world.finding import find_package, packages_of
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.package_rendering import render_package
from apps.simulator.world.packages import (
    FULFILLING,
    HITCHES,
    PROCESSING,
    Package,
    Part,
)

_MOST_HURDLES = 100


def list_packages(simulator: Simulator, fields: Fields, order_id: str) -> list[Json]:
    """The packages of an order, as the API shows them; those that are no more last."""
    fields.done()
    order = known_order(simulator, order_id)
    return [render_package(one) for one in packages_of(simulator.world, order)]


def show_package(simulator: Simulator, fields: Fields, package_id: str) -> Json:
    """One package, as the API shows it."""
    fields.done()
    return render_package(_known(simulator, package_id))


def _known(simulator: Simulator, package_id: str) -> Package:
    world = simulator.world
    found = (find_package(world, shop_id, package_id) for shop_id in world.shops)
    if package := next((one for one in found if one), None):
        return package
    raise ControlError("No such package, or not yet.", http=404)


def collect(simulator: Simulator, fields: Fields, package_id: str) -> Json:
    """The courier fetches a package now."""
    fields.done()
    package = _known(simulator, package_id)
    _reach(simulator, package.live, Event.COLLECTED)
    return show_package(simulator, fields, package_id)


def deliver(simulator: Simulator, fields: Fields, package_id: str) -> Json:
    """The courier delivers a package now, if need be fetching it before."""
    fields.done()
    package = _known(simulator, package_id)
    _reach(simulator, package.live, Event.DELIVERED)
    return show_package(simulator, fields, package_id)


def collect_order(simulator: Simulator, fields: Fields, order_id: str) -> list[Json]:
    """The courier fetches all packages of an order now, that were shipped."""
    fields.done()
    _reach(simulator, _parts(simulator, order_id), Event.COLLECTED)
    return list_packages(simulator, fields, order_id)


def deliver_order(simulator: Simulator, fields: Fields, order_id: str) -> list[Json]:
    """The courier delivers all packages of an order now, that were shipped."""
    fields.done()
    _reach(simulator, _parts(simulator, order_id), Event.DELIVERED)
    return list_packages(simulator, fields, order_id)


def _parts(simulator: Simulator, order_id: str) -> list[Part]:
    order = known_order(simulator, order_id)
    packages = packages_of(simulator.world, order)
    return [part for package in packages for part in package.live]


def _reach(simulator: Simulator, parts: Sequence[Part], event: Event) -> None:
    before = [part for part in parts if part.status == PROCESSING]
    if event == Event.DELIVERED:
        on_the_way = [part for part in parts if part.status == FULFILLING]
        _check_any([*before, *on_the_way])
        reach(simulator, before, Event.COLLECTED)
        reach(simulator, [*before, *on_the_way], event)
    else:
        _check_any(before)
        reach(simulator, before, event)


def _check_any(parts: Sequence[Part]) -> None:
    if not parts:
        raise ControlError("There is no package for the courier to take.", http=409)


def set_hitch(simulator: Simulator, fields: Fields, package_id: str) -> Json:
    """Something goes wrong on the way of a package that was collected: reason, one of
    the API's fail_delivery_reasons; "" puts it right again."""
    reason = fields.choice("reason", ("", *HITCHES), "UNABLE_CONTACT_BUYER")
    fields.done()
    package = _known(simulator, package_id)
    if package.status != FULFILLING:
        raise ControlError(
            f"The package is {package.status}, not on its way.", http=409
        )
    change(simulator, package, {"hitch": reason})
    return show_package(simulator, fields, package_id)


def set_hurdle(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """The next attempts to ship an order fail: code (default 11021012), message, count
    (default 1; 0 clears). Only until a restart."""
    code = fields.take("code", int, 11021012)
    message = fields.take("message", str, "illegal address")
    count = fields.take("count", int, 1)
    fields.done()
    hurdles = simulator.world.depot.hurdles[known_order(simulator, order_id).id]
    if not 0 <= count <= _MOST_HURDLES:
        raise ControlError(f"'count' must be at most {_MOST_HURDLES}.")
    if not count:
        hurdles.clear()
    hurdles.extend([(code, message)] * count)
    return {"planned": len(hurdles)}


def set_handover(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """How the platform's carrier takes a shop's packages: can_pickup, can_drop_off.
    Only until a restart."""
    shop = known_shop(simulator, shop_id)
    can = simulator.world.depot.handovers[shop.id]
    can.can_pickup = fields.flag("can_pickup", default=can.can_pickup)
    can.can_drop_off = fields.flag("can_drop_off", default=can.can_drop_off)
    fields.done()
    return {"can_pickup": can.can_pickup, "can_drop_off": can.can_drop_off}
