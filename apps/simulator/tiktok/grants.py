"""Codes and tokens: who has allowed which app to do what, and until when.

Every change is an event, so that the journal can repeat it. All times are absolute
Unix seconds, as on the platform. A creator's authorization is kept as a seller's is,
with the creator's id for `seller_id`.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any

from apps.simulator.clock import DAY

CODE_LASTS = 30 * 60
ACCESS_LASTS = 7 * DAY
AUTHORIZATION_LASTS = 365 * DAY
CREATOR_LASTS = 100 * 365 * DAY  # they do not expire: a moment far ahead
Event = dict[str, Any]


@dataclass(slots=True)
class Code:
    app_key: str
    seller_id: str
    scopes: list[str]
    ends_at: int


@dataclass(slots=True)
class Grant:
    """A seller's authorization of an app, with its present tokens."""

    app_key: str
    seller_id: str
    open_id: str
    scopes: list[str]
    granted_at: int
    ends_at: int
    access_token: str = ""
    access_ends_at: int = 0
    refresh_token: str = ""
    is_deauthorised: bool = False


@dataclass
class Grants:
    codes: dict[str, Code] = field(default_factory=dict)
    by_pair: dict[tuple[str, str], Grant] = field(default_factory=dict)
    by_access: dict[str, tuple[Grant, int]] = field(default_factory=dict)  # + expiry
    by_refresh: dict[str, Grant] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        match event["event"]:
            case "code_issued":
                self.codes[event["code"]] = Code(
                    event["app_key"],
                    event["seller_id"],
                    event["scopes"],
                    event["ends_at"],
                )
            case "code_used":
                del self.codes[event["code"]]
            case "granted":
                self._grant(event)
            case "tokens_issued":
                self._issue(event)
            case "access_expired":
                grant = self._of(event)
                grant.access_ends_at = event["at"]
                self.by_access[grant.access_token] = grant, event["at"]
            case "refresh_revoked":
                self.by_refresh.pop(self._of(event).refresh_token, None)
            case "authorization_ends":
                self._of(event).ends_at = event["at"]
            case "deauthorised":
                self._of(event).is_deauthorised = True

    def _of(self, event: Event) -> Grant:
        return self.by_pair[event["app_key"], event["seller_id"]]

    def _grant(self, event: Event) -> None:
        """A new authorization ends the tokens of the one before."""
        pair = event["app_key"], event["seller_id"]
        if old := self.by_pair.get(pair):
            self._forget(old, keeps_access=False)
        self.by_pair[pair] = Grant(
            event["app_key"],
            event["seller_id"],
            event["open_id"],
            event["scopes"],
            event["at"],
            event["ends_at"],
        )

    def _issue(self, event: Event) -> None:
        grant = self._of(event)
        self._forget(grant, keeps_access=event.get("keeps_access", False))
        grant.access_token = event["access_token"]
        grant.access_ends_at = event["access_ends_at"]
        grant.refresh_token = event["refresh_token"]
        self.by_access[grant.access_token] = grant, grant.access_ends_at
        self.by_refresh[grant.refresh_token] = grant

    def _forget(self, grant: Grant, *, keeps_access: bool) -> None:
        self.by_refresh.pop(grant.refresh_token, None)
        if not keeps_access:
            for token in [t for t, (g, _) in self.by_access.items() if g is grant]:
                del self.by_access[token]

    def live(self, app_key: str, seller_id: str, now: int) -> Grant | None:
        """The authorization, if it still holds."""
        grant = self.by_pair.get((app_key, seller_id))
        if grant is None or grant.is_deauthorised or grant.ends_at <= now:
            return None
        return grant


def issue_code(
    app_key: str, seller_id: str, scopes: list[str], zone: str, now: int
) -> Event:
    return {
        "event": "code_issued",
        "code": zone + secrets.token_urlsafe(36),
        "app_key": app_key,
        "seller_id": seller_id,
        "scopes": scopes,
        "ends_at": now + CODE_LASTS,
    }


def issue_tokens(
    app_key: str,
    seller_id: str,
    *,
    zone: str,
    ends_at: int,
    now: int,
    keeps_access: bool = False,
) -> Event:
    """New tokens; `keeps_access` lets the old access token live to its end."""
    return {
        "event": "tokens_issued",
        "app_key": app_key,
        "seller_id": seller_id,
        "access_token": zone + secrets.token_urlsafe(78),
        "access_ends_at": min(now + ACCESS_LASTS, ends_at),
        "refresh_token": zone + secrets.token_urlsafe(48),
        "keeps_access": keeps_access,
    }
