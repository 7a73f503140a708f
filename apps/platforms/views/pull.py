"""How far the first pull is, for a person and for the page's script."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from apps.orders.models import Order
from apps.platforms.models import ConnectAttempt, Shop
from apps.platforms.services.connecting import offers
from apps.platforms.services.connecting.scopes import not_granted
from apps.platforms.views.access import (
    page,
    shop_page,
    staff_page,
    start_pulls,
    with_attempt,
)
from apps.platforms.views.pick import ODD_EXPIRY
from apps.sync.models import Resource, SyncRun
from apps.sync.services.runs import is_dead
from apps.users.roles import MANAGE_CREDENTIALS

NO_ORDERS = "No orders in the last 90 days. The score will be low but the shop counts."
_WENT = (SyncRun.State.DONE, SyncRun.State.PARTLY)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is pulled. `state` is waiting, running, done or stopped."""

    name: str
    state: str
    words: str
    done: int = 0
    total: int | None = None

    @property
    def badge(self) -> tuple[str, str]:
        """Its text and colour."""
        return {
            "waiting": ("Pending", "progress"),
            "running": ("Syncing", "progress"),
            "done": ("Completed", "good"),
            "stopped": ("Stopped", "bad"),
        }[self.state]


@dataclass(frozen=True, slots=True)
class FirstPull:
    """A shop and what is pulled for it."""

    shop: Shop
    steps: tuple[Step, ...]

    @property
    def is_over(self) -> bool:
        return all(step.state in ("done", "stopped") for step in self.steps)

    @property
    def is_stopped(self) -> bool:
        return any(step.state == "stopped" for step in self.steps)

    @property
    def needs_consent(self) -> bool:
        return self.shop.state != Shop.State.CONNECTED

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


@staff_page
@require_safe
@with_attempt
def pull(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    """Steps 7 and 8 for all shops of one consent."""
    if not attempt.finished_at:
        return redirect("platforms:finish", pk=attempt.pk)
    shops = attempt.shops.visible_to(request.user, MANAGE_CREDENTIALS)
    pulls = [first_pull_of(shop) for shop in shops]
    regions = [pull.shop.region for pull in pulls]
    notes = [
        offers.region_note(attempt, regions),
        ODD_EXPIRY if attempt.has_odd_expiry else "",
    ]
    return _pull_page(
        request,
        pulls,
        [note for note in notes if note],
        not_granted(attempt.api_app, attempt.authorization),
    )


@staff_page
@require_http_methods(["GET", "POST"])
def first_pull(request: HttpRequest, pk: int) -> HttpResponse:
    """One shop's; sent off, it goes on where it stopped."""
    shop = get_object_or_404(
        Shop.objects.visible_to(request.user, MANAGE_CREDENTIALS), pk=pk
    )
    if request.method == "POST":
        if shop.state == Shop.State.CONNECTED:
            start_pulls([shop])
            messages.info(request, "The pull goes on where it stopped.")
        else:
            messages.warning(request, "Reconnect the shop first.")
        return redirect("platforms:first_pull", pk=shop.pk)
    return _pull_page(request, [first_pull_of(shop)], [], [])


@staff_page
@require_safe
def first_pull_status(request: HttpRequest, pk: int) -> JsonResponse:
    shop = get_object_or_404(
        Shop.objects.visible_to(request.user, MANAGE_CREDENTIALS), pk=pk
    )
    return JsonResponse(first_pull_of(shop).as_json())


def first_pull_of(shop: Shop) -> FirstPull:
    details = Step("Shop details", "done", f"{shop.name}, {shop.get_region_display()}")
    return FirstPull(shop, (details, _orders_step(shop)))


def _orders_step(shop: Shop) -> Step:
    name = "90 days of orders"
    run = _latest_run(shop)
    if run is None:
        return Step(name, "waiting", "Waiting for a worker.")
    if run.state in _WENT:
        return Step(name, "done", _outcome(shop, run), run.read, run.expected)
    if run.state == SyncRun.State.RUNNING and not is_dead(run):
        words = f"{run.read:,} orders"
        if run.expected:
            words = f"{run.read:,} of {run.expected:,} orders"
        return Step(name, "running", words, run.read, run.expected)
    reason = run.first_error or "its process ended without a word."
    words = f"First pull stopped at orders: {reason}"
    return Step(name, "stopped", words, run.read, run.expected)


def _latest_run(shop: Shop) -> SyncRun | None:
    """The newest since the shop was last connected; that a later one succeeded counts
    more than that the first failed."""
    runs = SyncRun.objects.filter(shop=shop, resource=Resource.ORDERS)
    linked = shop.connect_attempts.order_by("-finished_at").first()
    if linked is not None and linked.finished_at is not None:
        is_live = Q(state=SyncRun.State.RUNNING)
        runs = runs.filter(Q(started_at__gte=linked.finished_at) | is_live)
    return runs.first()


def _outcome(shop: Shop, run: SyncRun) -> str:
    count = Order.objects.filter(shop=shop).count()
    if run.failed:
        return f"{count:,} orders here; {run.failed:,} not taken: {run.first_error}"
    return f"{count:,} orders here" if count else NO_ORDERS


def _pull_page(
    request: HttpRequest,
    pulls: list[FirstPull],
    notes: list[str],
    not_granted: list[str],
) -> HttpResponse:
    is_done = all(pull.is_over and not pull.is_stopped for pull in pulls)
    return page(
        request,
        "connect_pull",
        "Connected" if is_done else "First pull",
        pulls=pulls,
        is_done=is_done,
        notes=notes,
        not_granted=not_granted,
    )
