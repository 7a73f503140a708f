"""What the list of runs and the page of one show: figures, items, answers."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest

from apps.core.admin import ago
from apps.products.admin.at_shop import may_act
from apps.products.admin.draft_preview import field_words, value_words
from apps.products.admin.run_words import item_badge, run_badge, run_title
from apps.products.models import PublishItem, PublishRun
from apps.products.services import publishing

ITEMS_A_PAGE = 100
ItemState = PublishItem.State
UNDER_WAY = (PublishRun.State.WAITING, PublishRun.State.RUNNING)
_OVER = (
    ItemState.DONE,
    ItemState.REFUSED,
    ItemState.STALE,
    ItemState.FAILED,
    ItemState.STOPPED,
)
_NOT_DONE = tuple(state for state in ItemState if state != ItemState.DONE)


def status_of(run: PublishRun) -> dict[str, Any]:
    """As JSON: how far it is, and the words for it."""
    counts = publishing.progress(run)
    total = sum(counts.values())
    done = sum(counts[state] for state in _OVER)
    return {
        "is_over": run.state not in UNDER_WAY,
        "state": run.state,
        "badge": run.get_state_display(),
        "done": done,
        "total": total,
        "words": f"{done:,} of {total:,}",
        "counts": {state.value: count for state, count in counts.items()},
    }


def page_context(run: PublishRun, request: HttpRequest) -> dict[str, Any]:
    status = status_of(run)
    items = run.items.select_related("listing", "draft")
    wanted = request.GET.get("state", "")
    if wanted == "trouble":
        items = items.exclude(state=ItemState.DONE)
    elif wanted in ItemState.values:
        items = items.filter(state=wanted)
    page = Paginator(items, ITEMS_A_PAGE).get_page(request.GET.get("p"))
    acts = may_act(request, run)
    is_over = status["is_over"]
    return {
        "title": run_title(run),
        "run": run,
        "badge": run_badge(run),
        "status": status,
        "counts": [
            (state, ItemState(state).label, count)
            for state, count in status["counts"].items()
            if count
        ],
        "wanted": wanted,
        "page": page,
        "rows": [_row(item) for item in page],
        "begun": ago(run.created_at),
        "ended": ago(run.ended_at),
        "may_stop": acts and not is_over and not run.is_stop_asked,
        "may_retry": acts and is_over and status["counts"]["done"] < status["total"],
        "has_failures": status["counts"]["done"] < status["total"] and is_over,
        "retries": run.retries.all(),
    }


def _row(item: PublishItem) -> dict[str, Any]:
    """An item as the table shows it, without the whole versions of a stale one."""
    details = [each for each in item.details if not _is_version(each)]
    return {
        "item": item,
        "badge": item_badge(item),
        "details": [_detail(each) for each in details],
        "is_stale": item.state == ItemState.STALE,
        "differences": [
            {
                "field": field_words(str(row.get("path", ""))),
                "before": value_words(row.get("before")),
                "after": value_words(row.get("after")),
            }
            for row in item.differences
            if isinstance(row, dict)
        ],
        "age": ago(item.ended_at),
    }


def _is_version(detail: Any) -> bool:
    return isinstance(detail, dict) and "version" in detail


def _detail(detail: Any) -> str:
    if isinstance(detail, dict):
        return str(detail.get("message") or value_words(detail))
    return str(detail)


def failures_of(run: PublishRun) -> Iterator[tuple[Any, ...]]:
    rows = run.items.filter(state__in=_NOT_DONE).select_related("listing", "draft")
    for item in rows.iterator(chunk_size=500):
        yield (
            item.listing.remote_id if item.listing else "",
            str(item.listing or item.draft or ""),
            item.get_state_display(),
            "" if item.code is None else item.code,
            item.failure,
            " | ".join(_detail(each) for each in item.details if not _is_version(each)),
        )


def with_counts(page: list[Any]) -> list[Any]:
    """Items of the runs shown, in one query for the page."""
    rows = (
        PublishItem.objects.filter(run__in=[run.pk for run in page])
        .order_by()
        .values("run")
        .annotate(
            total=Count("pk"),
            done=Count("pk", filter=Q(state=ItemState.DONE)),
            trouble=Count(
                "pk",
                filter=Q(
                    state__in=[ItemState.REFUSED, ItemState.STALE, ItemState.FAILED]
                ),
            ),
        )
    )
    counts = {row["run"]: row for row in rows}
    for run in page:
        known: Any = counts.get(run.pk, {})
        run.total = known.get("total", 0)
        run.done = known.get("done", 0)
        run.trouble = known.get("trouble", 0)
    return page
