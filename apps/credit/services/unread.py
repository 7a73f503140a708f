"""What was never read of an applicant's accounts, and what reads it."""

from collections.abc import Mapping
from typing import Any

_COMMANDS = {
    "orders": "sync_orders --shop",
    "cancellations": "sync_returns --shop",
    "returns": "sync_returns --shop",
    "sales": "sync_affiliate --creator",
}


def remedy(what: str, account: int) -> str:
    """The command that reads it, by the key of the shop or creator account."""
    return f"{_COMMANDS[what]} {account}"


def unread(told: Mapping[str, Any]) -> list[str]:
    """As "returns of Lamps", by a score's facts or a report's content. Scores that were
    made before it was looked at say nothing."""
    return [
        f"{' and '.join(one['unread'])} of {one['name']}"
        for one in [*told["shops"], *told["creators"]]
        if one.get("unread")
    ]


def remedies(facts: Mapping[str, Any]) -> list[str]:
    """What to do first, in sentences, by the facts of a score just made."""
    accounts = [(one["shop"], one) for one in facts["shops"]]
    accounts += [(one["account"], one) for one in facts["creators"]]
    return [
        f"{what.capitalize()} of {one['name']} were never read: run "
        f"{remedy(what, key)}, then score again."
        for key, one in accounts
        for what in one["unread"]
    ]
