"""A platform that keeps subscriptions, and a shop of ours there."""

from dataclasses import dataclass, field

from apps.integrations.contracts import Subscription
from apps.integrations.errors import PlatformError

OURS = "https://desk.example.com/webhooks/tiktok/"


@dataclass
class FakeEvents:
    """`refuses` are {event type: what setting it raises}; `fails` is raised by all."""

    addresses: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, PlatformError] = field(default_factory=dict)
    fails: PlatformError | None = None
    writes: list[str] = field(default_factory=list)

    def webhooks(self) -> list[Subscription]:
        if self.fails:
            raise self.fails
        return [Subscription(*row) for row in self.addresses.items()]

    def set_webhook(self, event_type: str, address: str) -> None:
        self.writes.append(event_type)
        if event_type in self.refuses:
            raise self.refuses[event_type]
        self.addresses[event_type] = address

    def delete_webhook(self, event_type: str) -> None:
        self.writes.append(event_type)
        self.addresses.pop(event_type, None)
