"""What is pulled first for a connected shop, and how far that is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.platforms.views.access import shop_page
from apps.sync.models import Resource, SyncRun
from apps.sync.services.first_pull import has_gone, latest_since_linked
from apps.sync.services.listing_details import detail_counts, told_listings
from apps.sync.services.runs import is_dead

NO_ORDERS = "No orders in the last 90 days. The score will be low but the shop counts."
NO_PRODUCTS = "No products in the shop yet."


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is pulled. `state` is waiting, running, done, stopped, or barred:
    no app of the shop may read it, which keeps nothing else."""

    name: str
    state: str
    words: str
    done: int = 0
    total: int | None = None
    resource: Resource | None = None

    @property
    def badge(self) -> tuple[str, str]:
        """Its text and colour."""
        return {
            "waiting": ("Pending", "progress"),
            "running": ("Syncing", "progress"),
            "done": ("Completed", "good"),
            "stopped": ("Stopped", "bad"),
            "barred": ("Not permitted", "attention"),
        }[self.state]


@dataclass(frozen=True, slots=True)
class FirstPull:
    """A shop and what is pulled for it."""

    shop: Shop
    steps: tuple[Step, ...]

    @property
    def is_over(self) -> bool:
        return all(step.state in ("done", "stopped", "barred") for step in self.steps)

    @property
    def is_stopped(self) -> bool:
        return any(step.state == "stopped" for step in self.steps)

    @property
    def needs_consent(self) -> bool:
        """To go on, or to pull all there is."""
        is_barred = any(step.state == "barred" for step in self.steps)
        return is_barred or (self.is_stopped and not self.is_connected)

    @property
    def can_resume(self) -> bool:
        return self.is_stopped and self.is_connected

    @property
    def is_connected(self) -> bool:
        return self.shop.state == Shop.State.CONNECTED

    @property
    def left(self) -> list[Resource]:
        """What has to be begun anew."""
        return [
            step.resource
            for step in self.steps
            if step.resource is not None and step.state in ("stopped", "barred")
        ]

    @property
    def page(self) -> str:
        return f"{shop_page(self.shop)}?connected=1"

    def as_json(self) -> dict[str, Any]:
        return {
            "is_over": self.is_over,
            "steps": [
                {
                    "name": step.name,
                    "state": step.state,
                    "badge": step.badge[0],
                    "words": step.words,
                    "done": step.done,
                    "total": step.total,
                }
                for step in self.steps
            ],
        }


def first_pull_of(shop: Shop) -> FirstPull:
    details = Step("Shop details", "done", f"{shop.name}, {shop.get_region_display()}")
    orders = _step(
        shop, Resource.ORDERS, "90 days of orders", _orders_so_far, _orders_here
    )
    products = _step(
        shop, Resource.PRODUCTS, "Products", _products_so_far, _products_here
    )
    return FirstPull(shop, (details, orders, products))


SoFar = tuple[str, int, int | None]


def _step(
    shop: Shop,
    resource: Resource,
    name: str,
    so_far: Callable[[SyncRun], SoFar],
    here: Callable[[Shop], str],
) -> Step:
    """`so_far` is the words, the done and the total of a run that goes on; `here` what
    to say of one that has ended well."""

    def step(state: str, words: str, done: int = 0, total: int | None = None) -> Step:
        return Step(name, state, words, done, total, resource)

    run = latest_since_linked(shop, resource)
    if run is None:
        return step("waiting", "Waiting for a worker.")
    counts = run.read, run.expected
    if has_gone(run):
        words = here(shop)
        if run.failed:
            words = f"{words}; {run.failed:,} not taken: {run.first_error}"
        return step("done", words, *counts)
    if run.state == SyncRun.State.RUNNING and not is_dead(run):
        return step("running", *so_far(run))
    reason = run.first_error or "its process ended without a word."
    if run.needs_person and _keeps_nothing_else(shop, resource):
        return step("barred", reason)
    return step("stopped", f"First pull stopped at {resource.value}: {reason}", *counts)


def _keeps_nothing_else(shop: Shop, resource: Resource) -> bool:
    """The consent is fine, but does not go as far as this."""
    return resource != Resource.ORDERS and shop.state == Shop.State.CONNECTED


def _orders_so_far(run: SyncRun) -> SoFar:
    words = f"{run.read:,} orders"
    if run.expected:
        words = f"{run.read:,} of {run.expected:,} orders"
    return words, run.read, run.expected


def _orders_here(shop: Shop) -> str:
    count = Order.objects.filter(shop=shop).count()
    return f"{count:,} orders here" if count else NO_ORDERS


def _products_so_far(run: SyncRun) -> SoFar:
    """First they are found, then the details of each are asked for."""
    if not run.expected or run.read < run.expected:
        found = f"{run.read:,}"
        if run.expected:
            found = f"{run.read:,} of {run.expected:,}"
        return f"{found} products found", run.read, run.expected
    here, total = detail_counts(run.shop)
    return f"{here:,} of {total:,} details", here, total


def _products_here(shop: Shop) -> str:
    count = told_listings(shop).count()
    return (
        f"{count:,} product{'' if count == 1 else 's'} here" if count else NO_PRODUCTS
    )
