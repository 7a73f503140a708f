"""Rows asked for, and a file of what became of them."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from apps.orders.models import ActionRun, OrderAction
from apps.orders.services.actions.asking import Asked, ask
from apps.orders.services.tracking_upload.judging import Judged, Result, preview
from apps.orders.services.tracking_upload.reading import Row
from apps.platforms.models.shop import at_shops_of
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS
from apps.users.services.audit import By

RESULT_HEADER = ("line", "order", "package", "carrier", "number", "result", "reason")
TITLE = "Tracking numbers"
_HELD = "Held back, as the shop's settings say: release it to send it."


@dataclass(slots=True)
class Upload:
    """What became of a file: `runs` are one a shop of which several rows were asked,
    with a `group` in common."""

    rows: list[Judged] = field(default_factory=list)
    runs: list[ActionRun] = field(default_factory=list)
    group: str = ""

    @property
    def actions(self) -> list[OrderAction]:
        return [each.action for each in self.rows if each.action is not None]


def upload(
    user: User,
    rows: Sequence[Row],
    by: By,
    *,
    source: str = "file",
    key: str = "",
    title: str = "",
) -> Upload:
    """Ask for what the rows say, as they are judged now. The same `key` uploads
    once; `source` as `ask` takes it. The caller wakes a worker for each shop of the
    actions."""
    done = Upload(preview(user, rows), group=str(uuid.uuid4()))
    if before := _uploaded_before(user, key):
        done.runs, done.group = before, before[0].group
        return done
    by_shop: dict[int, list[Judged]] = defaultdict(list)
    for each in done.rows:
        if each.wish is not None and each.result is not Result.SAME:
            by_shop[each.wish.order.shop_id].append(each)
    for some in by_shop.values():
        wishes = [each.wish for each in some if each.wish is not None]
        asked = ask(
            wishes[0].order.shop,
            wishes,
            by,
            source=source,
            title=title or TITLE,
            key=key,
            group=done.group,
        )
        _note(some, asked)
        if asked.run is not None:
            done.runs.append(asked.run)
    return done


def result_rows(rows: Sequence[Judged]) -> Iterator[Sequence[object]]:
    """Rows below RESULT_HEADER, for a CSV (core.exports makes them harmless)."""
    for each in rows:
        action = each.action
        yield (
            each.row.line,
            each.row.order_id,
            each.row.package_id or (each.package.remote_id if each.package else ""),
            each.row.carrier,
            each.row.number,
            action.get_state_display().lower() if action else each.result.value,
            (action.message if action else "") or each.why,
        )


def _uploaded_before(user: User, key: str) -> list[ActionRun]:
    if not key:
        return []
    runs = ActionRun.objects.filter(at_shops_of(user, PROCESS_ORDERS), key=key[:80])
    return list(runs.order_by("pk"))


def _note(rows: Sequence[Judged], asked: Asked) -> None:
    actions = {action.row: action for action in asked.actions}
    refused = {wish.row: why for wish, why in asked.refused}
    for each in rows:
        each.action = actions.get(each.row.line)
        if each.action is None:
            each.result = Result.REFUSED
            each.why = refused.get(each.row.line) or "It was asked for before."
        elif each.action.state == OrderAction.State.HELD:
            each.why = _HELD
