"""Control: the simulator's time."""

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.state import Simulator


def show(simulator: Simulator, fields: Fields) -> Json:
    """The simulator's time."""
    fields.done()
    clock = simulator.clock
    return {
        "now": clock.now(),
        "offset_seconds": round(clock.offset, 3),
        "is_frozen": clock.frozen_at is not None,
    }


def change(simulator: Simulator, fields: Fields) -> Json:
    """One of: set (Unix seconds), advance (seconds), offset (from real time),
    freeze true, resume true. What falls due on the way is announced by webhooks,
    unless the step is longer than 26 hours."""
    clock = simulator.clock
    before = clock.now()
    moment = fields.take("set", float, 0.0)
    step = fields.take("advance", float, 0.0)
    has_offset = fields.has("offset")
    offset = fields.take("offset", float, 0.0)
    freeze = fields.flag("freeze")
    resume = fields.flag("resume")
    fields.done()
    if not (moment or step or has_offset or freeze or resume):
        raise ControlError("Send one of: set, advance, offset, freeze, resume.")
    if resume:
        clock.resume()
    if has_offset:
        clock.restore(offset, None)
    if moment or step:
        clock.set((moment or clock.now()) + step)
    if freeze:
        clock.freeze(clock.now())
    simulator.journal.append(
        {"event": "clock", "offset": clock.offset, "frozen_at": clock.frozen_at}
    )
    if clock.now() > before:
        simulator.sender.hasten(clock.now() - before)
    return show(simulator, Fields({}))
