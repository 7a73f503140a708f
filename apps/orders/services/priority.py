"""How urgent people say orders are. The platform knows nothing of it.

A few are set while somebody waits; many are a run in the background, whose row keeps
which orders are left.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.storing import portions
from apps.orders.errors import ActionRefused
from apps.orders.models import ActionRun, Order, OrderEvent
from apps.orders.services.actions.runs import Progress
from apps.orders.services.events import Happening, note_events
from apps.platforms.models import Shop
from apps.users.services import audit
from apps.users.services.audit import By

KIND = "priority"  # of an ActionRun
AT_ONCE = 500
LONGEST_REASON = 200
_UNDER_WAY = (ActionRun.State.WAITING, ActionRun.State.RUNNING)


def set_priority(
    shop: Shop, keys: Sequence[int], priority: str, reason: str, by: By
) -> int:
    """Of a shop's orders by their keys: how many have another now. Each says so in its
    timeline, with the reason. Repeating it changes nothing.

    Raises ActionRefused for a priority there is not, and without a reason.
    """
    priority, reason = _checked(priority, reason)
    return sum(
        _set_some(shop, some, priority, reason, by)
        for some in portions(sorted(keys), AT_ONCE)
    )


def start_run(
    shop: Shop, keys: Sequence[int], priority: str, reason: str, by: By, group: str = ""
) -> ActionRun:
    """As set_priority, in the background; within a shop, the same `group` gives the run
    it gave before. Raises ActionRefused."""
    priority, reason = _checked(priority, reason)
    label = Order.Priority(priority).label
    values = {
        "group": group,
        "kind": KIND,
        "title": f"Priority {label}",
        "user": by.user,
        "source": "page",
        "total": len(keys),
        "details": {
            "priority": priority,
            "reason": reason,
            "address": by.address,
            "left": sorted(keys),
            "changed": 0,
        },
    }
    if not group:
        return ActionRun.objects.create(shop=shop, **values)
    return ActionRun.objects.get_or_create(shop=shop, key=group, defaults=values)[0]


@transaction.atomic
def work_some(run_id: int) -> bool:
    """Do a portion of a run; whether something is left. One that is over stays so."""
    known = ActionRun.objects.filter(pk=run_id, kind=KIND).first()
    run = _locked(known) if known else None
    if run is None:
        return False
    now = timezone.now()
    run.started_at = run.started_at or now
    run.heartbeat_at = now
    if run.is_stop_asked:
        _end(run, ActionRun.State.STOPPED)
        return False
    told = run.details
    some, left = told["left"][:AT_ONCE], told["left"][AT_ONCE:]
    by = By(run.user, told.get("address"))
    told["changed"] += _set_some(run.shop, some, told["priority"], told["reason"], by)
    told["left"] = left
    if left:
        run.state = ActionRun.State.RUNNING
        run.save()
        return True
    _end(run, ActionRun.State.DONE)
    return False


def progress(run: ActionRun) -> Progress:
    """How far a run is; no query."""
    left = len(run.details.get("left", ()))
    is_over = run.state not in _UNDER_WAY
    return Progress(
        total=run.total,
        done=run.total - left,
        waiting=0 if is_over else left,
        withdrawn=left if is_over else 0,
    )


def stop(run: ActionRun, by: By) -> bool:
    """Set no more of them; those set stay so. False for one that is over."""
    with transaction.atomic():
        found = _locked(run)
        if found is None:
            return False
        found.is_stop_asked = True
        _end(found, ActionRun.State.STOPPED)
        audit.record(
            "stopped a run",
            found,
            actor=by.user,
            client=run.shop.client,
            address=by.address,
            left=len(found.details["left"]),
        )
    return True


def left_alone(after: timedelta = timedelta(minutes=5)) -> list[int]:
    """Keys of runs nobody has worked on for so long: their worker, or its message, was
    lost."""
    rows = ActionRun.objects.filter(
        kind=KIND,
        state__in=_UNDER_WAY,
        modified_at__lt=timezone.now() - after,
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _set_some(
    shop: Shop, keys: Sequence[int], priority: str, reason: str, by: By
) -> int:
    _lock_shop(shop.pk)
    orders = list(
        Order.objects.filter(shop=shop, pk__in=keys)
        .exclude(priority=priority)
        .only("pk", "priority")
        .order_by("pk")
    )
    if not orders:
        return 0
    changed = [order.pk for order in orders]
    Order.objects.filter(pk__in=changed).update(
        priority=priority, modified_at=timezone.now()
    )
    label = Order.Priority(priority).label
    note_events(
        [
            Happening(
                order,
                OrderEvent.Kind.PRIORITY,
                f"{label}, before that {order.get_priority_display()}: {reason}",
                by,
            )
            for order in orders
        ]
    )
    before = Counter(order.priority for order in orders)
    audit.record(
        "set the priority of orders",
        shop,
        actor=by.user,
        client=shop.client,
        address=by.address,
        process=by.process,
        priority=priority,
        reason=reason,
        orders=len(orders),
        before=dict(before),
    )
    return len(orders)


def _locked(run: ActionRun) -> ActionRun | None:
    """The run as it is, if it is under way."""
    _lock_shop(run.shop_id)
    rows = ActionRun.objects.filter(pk=run.pk, state__in=_UNDER_WAY)
    return (
        rows.select_for_update(of=("self",))
        .select_related("shop__client", "user")
        .first()
    )


def _lock_shop(key: int) -> None:
    """As ingest does, so that neither waits for what the other holds."""
    Shop.objects.select_for_update(no_key=True).get(pk=key)


def _checked(priority: str, reason: str) -> tuple[str, str]:
    reason = " ".join(reason.replace("\0", "").split())
    if priority not in Order.Priority.values:
        raise ActionRefused("Choose a priority.")
    if not reason:
        raise ActionRefused("Say why: the orders' timelines show it.")
    if len(reason) > LONGEST_REASON:
        raise ActionRefused(f"The reason has at most {LONGEST_REASON} characters.")
    return priority, reason


def _end(run: ActionRun, state: ActionRun.State) -> None:
    run.state = state
    run.ended_at = timezone.now()
    run.save()
