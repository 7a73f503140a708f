"""Writing listings and sending them: drafts, their dry run, and runs of many.

draft = start_new(shop, product, user)        # or start_edit, copying.copy_listing
draft = save(draft, {"title": "…"}, seen_at=what_the_page_showed)
preview(draft)                                # what would be sent and changed
run = start_run(shop, PublishRun.Kind.CREATE, [draft], user)
work(run)                                     # by the task; due_runs() finds it
"""

from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.drafts import (
    discard,
    save,
    start_edit,
    start_new,
    take_present,
)
from apps.products.services.publishing.preview import Preview, Stale, preview
from apps.products.services.publishing.pricing import PriceChange, planned_changes
from apps.products.services.publishing.problems import Problem, errors_in
from apps.products.services.publishing.rules import check
from apps.products.services.publishing.sending import send_item
from apps.products.services.publishing.starting import (
    GivenPrices,
    retry_failed,
    start_run,
    stop,
)
from apps.products.services.publishing.working import (
    due_runs,
    is_dead,
    progress,
    work,
)

__all__ = [
    "Channel",
    "GivenPrices",
    "Preview",
    "PriceChange",
    "Problem",
    "Stale",
    "check",
    "discard",
    "due_runs",
    "errors_in",
    "is_dead",
    "planned_changes",
    "preview",
    "progress",
    "retry_failed",
    "save",
    "send_item",
    "start_edit",
    "start_new",
    "start_run",
    "stop",
    "take_present",
    "work",
]
