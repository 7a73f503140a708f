"""What all that people do about actions has in common."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from apps.orders.errors import ActionRefused
from apps.orders.models import ActionRun, OrderAction, OrderEvent
from apps.orders.services.actions.facts import facts_of
from apps.orders.services.actions.objections import chosen, judged
from apps.orders.services.actions.wishes import Wish, completed
from apps.orders.services.actions.words import described
from apps.orders.services.events import Happening, note_events
from apps.platforms.models import Shop
from apps.users.services import audit
from apps.users.services.audit import By

State = OrderAction.State
# What is written when an action waits anew.
_WAITING_ANEW = (
    "state",
    "due_at",
    "attempts",
    "code",
    "message",
    "ended_at",
    "dismissed_at",
    "modified_at",
)
_WITH = (
    "order__shop__client",
    "shop__client",
    "package",
    "cancellation",
    "order_return",
    "run",
)


def locked(action: OrderAction) -> OrderAction:
    """As it is now. Its shop first, as whoever asks does."""
    Shop.objects.select_for_update(no_key=True).get(pk=action.shop_id)
    rows = OrderAction.objects.select_for_update(of=["self"])
    return rows.select_related(*_WITH).get(pk=action.pk)


def locked_run(run: ActionRun) -> ActionRun:
    """As locked."""
    Shop.objects.select_for_update(no_key=True).get(pk=run.shop_id)
    rows = ActionRun.objects.select_for_update(of=["self"])
    return rows.select_related("shop__client").get(pk=run.pk)


def actions_of(run: ActionRun, *states: State) -> list[OrderAction]:
    """Those of a run in these states, locked."""
    rows = OrderAction.objects.select_for_update(of=["self"])
    found = rows.filter(run=run, state__in=states).select_related(*_WITH)
    return list(found.order_by("pk"))


def objections_to(actions: Sequence[OrderAction]) -> dict[int, str]:
    """{key: why it cannot be done now}, empty where nothing stands against it."""
    facts = facts_of(list({each.order.pk: each.order for each in actions}.values()))
    found: dict[int, str] = {}
    for action in actions:
        known = facts[action.order_id]
        wish = Wish(
            action.order,
            OrderAction.Kind(action.kind),
            action.details,
            action.package,
            action.cancellation,
            action.order_return,
        )
        try:
            found[action.pk] = judged(chosen(completed(wish), known), known)
        except ActionRefused as error:
            found[action.pk] = str(error)
    return found


def without_objections(actions: Sequence[OrderAction]) -> list[OrderAction]:
    """Those held back are told why not; the refused keep the platform's words."""
    why_not = objections_to(actions) if actions else {}
    told = [each for each in actions if why_not[each.pk] and each.state == State.HELD]
    for action in told:
        action.message = why_not[action.pk][:500]
    OrderAction.objects.bulk_update(told, ["message"], batch_size=500)
    return [each for each in actions if not why_not[each.pk]]


def asked_anew(actions: Iterable[OrderAction]) -> set[int]:
    """Keys of those of whose kind and target another is open."""
    actions = list(actions)
    rows = OrderAction.objects.open().filter(
        shop__in={each.shop_id for each in actions},
        kind__in={each.kind for each in actions},
        target__in={each.target for each in actions},
    )
    taken = set(rows.values_list("shop", "kind", "target"))
    return {
        each.pk for each in actions if (each.shop_id, each.kind, each.target) in taken
    }


def wait_anew(actions: Sequence[OrderAction]) -> None:
    """What was sent before keeps its `sent_at`: whether it was done is looked at."""
    now = timezone.now()
    for action in actions:
        action.state, action.due_at, action.modified_at = State.WAITING, now, now
        action.attempts, action.code, action.message = 0, None, ""
        action.ended_at = action.dismissed_at = None
    OrderAction.objects.bulk_update(actions, _WAITING_ANEW, batch_size=500)


def withdraw_all(actions: Sequence[OrderAction]) -> None:
    """Of what was not sent."""
    now = timezone.now()
    for action in actions:
        action.state, action.ended_at, action.modified_at = State.WITHDRAWN, now, now
    fields = ["state", "ended_at", "modified_at"]
    OrderAction.objects.bulk_update(actions, fields, batch_size=500)


def reopen(run: ActionRun | None) -> None:
    """Something of it waits again."""
    if run is not None:
        run.state, run.ended_at = ActionRun.State.WAITING, None
        run.is_stop_asked = False
        run.save(update_fields=["state", "ended_at", "is_stop_asked", "modified_at"])


def note(actions: Sequence[OrderAction], verb: str, by: By) -> None:
    """In the timelines of their orders."""
    kind = OrderEvent.Kind.ACTION
    note_events(
        [
            Happening(each.order, kind, f"{verb}: {described(each)}", by)
            for each in actions
        ]
    )


def record(
    verb: str, row: OrderAction | ActionRun, by: By, count: int | None = None
) -> None:
    """In the audit trail."""
    is_run = isinstance(row, ActionRun)
    details = {"count": count} if is_run else {"action": row.pk, "kind": row.kind}
    audit.record(
        verb,
        row if isinstance(row, ActionRun) else row.order,
        actor=by.user,
        process=by.process,
        client=row.shop.client,
        address=by.address,
        **details,
    )
