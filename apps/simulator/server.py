"""The simulator of this process, made from the settings on the first request."""

from functools import cache
from typing import Any

from django.conf import settings

from apps.simulator.courier import start_courier
from apps.simulator.journal import Journal
from apps.simulator.state import Simulator


@cache
def current() -> Simulator:
    simulator = Simulator(
        seed=_setting("SIMULATOR_SEED"),
        size=_setting("SIMULATOR_ORDERS"),
        redirect_url=_setting("SIMULATOR_REDIRECT_URL"),
        journal=Journal(_setting("SIMULATOR_STATE")),
        allows_loopback=_setting("SIMULATOR_ALLOW_LOOPBACK_WEBHOOKS"),
    )
    start_courier(simulator)
    return simulator


def _setting(name: str) -> Any:
    """Only config.settings.simulator has these."""
    return getattr(settings, name)
