"""How runs and their items are put, the same everywhere."""

from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.products.models import PublishItem, PublishRun

RUN_BADGES = {
    PublishRun.State.WAITING: "progress",
    PublishRun.State.RUNNING: "progress",
    PublishRun.State.DONE: "good",
    PublishRun.State.PARTLY: "attention",
    PublishRun.State.STOPPED: "attention",
    PublishRun.State.FAILED: "bad",
}
ITEM_BADGES = {
    PublishItem.State.WAITING: "neutral",
    PublishItem.State.SENDING: "progress",
    PublishItem.State.DONE: "good",
    PublishItem.State.REFUSED: "bad",
    PublishItem.State.STALE: "attention",
    PublishItem.State.FAILED: "bad",
    PublishItem.State.STOPPED: "attention",
}


def run_badge(run: PublishRun) -> SafeString:
    return badge(run.get_state_display(), RUN_BADGES[PublishRun.State(run.state)])


def item_badge(item: PublishItem) -> SafeString:
    return badge(item.get_state_display(), ITEM_BADGES[PublishItem.State(item.state)])


def run_title(run: PublishRun) -> str:
    return f"{run.get_kind_display()} in {run.shop.name}"
