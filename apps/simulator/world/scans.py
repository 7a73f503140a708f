"""Where a package has been, in its carrier's words, the newest scan first."""

from dataclasses import dataclass

from apps.simulator.world.lifecycle import Event
from apps.simulator.world.packages import Package


@dataclass(frozen=True, slots=True)
class Scan:
    at: int
    code: int
    name: str
    text: str


def scans_of(package: Package) -> list[Scan]:
    order, parcel = package.order, package.first.parcel
    if parcel is None or not package.shipped_at:
        return []
    number, _, carrier = package.carrier or ("", "", "")
    steps = (
        (order.shipped(parcel), 101, "SHIPPED",
         f"The seller has prepared the package {number} for {carrier}."),
        (order.collected(parcel), 201, "COLLECTED",
         f"{carrier} has collected the package {number}."),
        (order.delivered(parcel), 401, "DELIVERED",
         f"The package {number} was delivered."),
    )  # fmt: skip
    scans = [
        Scan(order.moment(step), code, name, text)
        for step, code, name, text in steps
        if step
    ]
    if hitch := package.hitch:
        text = f"The package {number} could not be delivered: {hitch}."
        scans.append(Scan(package.updated, 501, "EXCEPTION", text))
    if order.step_of(Event.CANCELLED):
        at = order.moments()[Event.CANCELLED]
        text = f"The package {number} goes back to the seller."
        scans.append(Scan(at, 601, "RETURNING", text))
    return sorted(scans, key=lambda scan: (scan.at, scan.code), reverse=True)
