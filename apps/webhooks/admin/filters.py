"""What the log of events is asked for."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet

from apps.core.filtering import FormList, TabbedForm, date_input
from apps.platforms.models import Shop
from apps.users.roles import VIEW_WEBHOOK
from apps.webhooks.admin import words
from apps.webhooks.models import WebhookEvent

State = WebhookEvent.State
MOST_TERMS = 100
SLOW_MILLISECONDS = 3_000

# Name in the address: (title, question). The first is where people land.
TABS: dict[str, tuple[str, Q]] = {
    "all": ("All", Q()),
    "failed": ("Failed", Q(state=State.FAILED)),
    "retry": ("Retry scheduled", Q(state=State.RETRY)),
    "dead": ("Dead letter", Q(state=State.DEAD)),
}
# Few rows, which an index has; how many there are in all the list itself counts.
_COUNTED = ("failed", "retry", "dead")


class EventFilters(TabbedForm):
    tabs = TABS

    q = forms.CharField(
        label="Event IDs or object IDs",
        required=False,
        max_length=4000,
        widget=forms.TextInput({"type": "search"}),
    )
    topic = forms.ChoiceField(label="Event", required=False)
    state = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *State.choices]
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    took = forms.ChoiceField(
        required=False, choices=[("", "Any time"), ("slow", "Over 3 s")]
    )
    since = date_input("From")
    until = date_input("To")

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_WEBHOOK))
        self.offer("topic", [("", "Any event"), *words.topic_choices()])

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All filters and the search, but not the tab."""
        rows = self.at_shop(rows).filter(self._sought())
        if topic := self.value("topic"):
            rows = rows.filter(topic=words.topic_asked_for(topic))
        if state := self.value("state"):
            rows = rows.filter(state=state)
        if self.value("took"):
            rows = rows.filter(milliseconds__gt=SLOW_MILLISECONDS)
        if since := self.value("since"):
            rows = rows.filter(received_at__gte=_midnight(since))
        if until := self.value("until"):
            rows = rows.filter(received_at__lt=_midnight(until) + timedelta(days=1))
        return rows

    def at_shop(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        shop = self.value("shop")
        return rows.filter(shop=shop) if shop else rows

    def counts(self, rows: QuerySet[Any]) -> dict[str, int]:
        """{tab: number of rows} of those few that are in trouble; one query."""
        states = [State.FAILED, State.RETRY, State.DEAD]
        counted: dict[str, int] = (
            self.filtered(rows)
            .filter(state__in=states)
            .order_by()
            .aggregate(
                **{name: Count("pk", filter=self.tabs[name][1]) for name in _COUNTED}
            )
        )
        return counted

    def _sought(self) -> Q:
        found = re.split(r"[\s,;]+", self.value("q") or "")
        terms = [term for term in dict.fromkeys(found) if term][:MOST_TERMS]
        if not terms:
            return Q()
        named = WebhookEvent.objects.named(terms).values("pk")
        return Q(object_id__in=terms) | Q(pk__in=named)


class EventList(FormList):
    form_class = EventFilters


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
