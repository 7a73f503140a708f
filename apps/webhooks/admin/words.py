"""How events are called and coloured."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.core.admin import ago, badge
from apps.integrations.tiktok.topics import WEBHOOK_TOPICS, Topic
from apps.webhooks.handlers import HANDLERS
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.rehearsal import TEST_PREFIX

State = WebhookEvent.State

BADGES = {
    State.WAITING: "progress",
    State.PROCESSED: "good",
    State.RETRY: "attention",
    State.FAILED: "bad",
    State.DEAD: "bad",
    State.DUPLICATE: "neutral",
    State.KEPT: "neutral",
    State.UNKNOWN_TYPE: "neutral",
    State.UNKNOWN_SHOP: "attention",
    State.STALE: "neutral",
    State.MALFORMED: "bad",
    State.BAD_SIGNATURE: "bad",
}

# What each state means, where the badge alone leaves it open.
MEANINGS = {
    State.WAITING: "It is acted on within seconds, once its shop is connected.",
    State.RETRY: "It is tried again by itself.",
    State.FAILED: "Somebody has to do what the words say. It is tried again when the "
    "shop is connected anew, or by a replay.",
    State.DEAD: "It was tried seven times, or somebody gave it up. Polling brings what "
    "it told of; a replay tries again.",
    State.DUPLICATE: "It came again. The first was acted on.",
    State.KEPT: "It is kept to look at; nothing is done about its type.",
    State.UNKNOWN_TYPE: "TikTok documents no such type. It is kept to look at.",
    State.UNKNOWN_SHOP: "No shop here has this ID, or the app that told it does not "
    "open it.",
    State.STALE: "It was more than a day old when it came, so it was not acted on.",
    State.MALFORMED: "It is signed, but not JSON as documented.",
    State.BAD_SIGNATURE: "None of our apps signed it: somebody else sent it, or an "
    "app's secret is not the one in Partner Center.",
}
_UNNAMED = "unknown"
_NUMBERS = {topic: number for number, topic in WEBHOOK_TOPICS.items()}


def state_badge(event: WebhookEvent) -> SafeString:
    return badge(event.get_state_display(), BADGES[State(event.state)])


def state_words(event: WebhookEvent) -> SafeString:
    """The badge, and when it is tried again or what it repeats."""
    more: SafeString | str = ""
    if event.state == State.RETRY:
        more = format_html("again {}", ago(event.next_try_at))
    elif event.first_id:
        more = format_html('of <a href="{}">the first</a>', address(event.first_id))
    return format_html(
        '<div>{} <span class="soft">{}</span></div>', state_badge(event), more
    )


def is_test(event: WebhookEvent) -> bool:
    """Whether we posted it ourselves, to see that the way is open."""
    return event.notification_id.startswith(TEST_PREFIX)


def event_name(event: WebhookEvent) -> str:
    """As in TikTok's documents."""
    return "TEST" if is_test(event) else topic_name(event.topic)


def topic_name(topic: str) -> str:
    return topic.upper() or _UNNAMED.upper()


def meaning_of(event: WebhookEvent) -> str:
    if is_test(event):
        return "We posted it ourselves: the way to us is open."
    return MEANINGS.get(State(event.state), "")


def breakable(event: WebhookEvent) -> SafeString:
    """Its name, which a narrow column may break between its words."""
    parts = event_name(event).split("_")
    return format_html_join(mark_safe("_<wbr>"), "{}", ((part,) for part in parts))


def topic_choices() -> list[tuple[str, str]]:
    """What is acted on first, then the rest; by name."""
    known = sorted(WEBHOOK_TOPICS.values())
    ours = [topic for topic in known if topic in HANDLERS]
    rest = [topic for topic in known if topic not in HANDLERS]
    return [
        *((topic.value, _choice(topic)) for topic in (*ours, *rest)),
        (_UNNAMED, "Unknown"),
    ]


def topic_asked_for(choice: str) -> str:
    return "" if choice == _UNNAMED else choice


def address(key: Any) -> str:
    return reverse("admin:webhooks_webhookevent_change", args=[key])


def _choice(topic: Topic) -> str:
    return f"{topic_name(topic.value)} ({_NUMBERS[topic]})"
