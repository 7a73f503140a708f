"""Write down who did what. The lowest place all actors can reach."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from django.db.models import Model

from apps.users.models import AuditEntry, Client, User

P = ParamSpec("P")
HIDDEN = "***"
# What a detail of such a name says is hidden, that it was said is kept.
_SUSPICIOUS = re.compile(
    r"token|secret|passw|cipher|credential|api_?key|cookie|phone|mobile|mail|address"
    r"|recipient|buyer|postal|zip_?code|message"
)
# Under such a name a number up to here is a count.
_LARGEST_COUNT = 999_999


@dataclass(frozen=True, slots=True)
class By:
    """Who does a deed: a person at an address, or a process."""

    user: User | None = None
    address: str | None = None
    process: str = "system"


def entry_of(
    verb: str,
    target: Model,
    *,
    target_text: str = "",
    actor: User | None = None,
    process: str = "system",
    client: Client | None = None,
    address: str | None = None,
    shop_key: int | None = None,
    **details: object,
) -> AuditEntry:
    """An entry that is not stored yet; see `record`, and store many with bulk_create.

    `process` names who acted where no person did. `target_text` is given where the
    target's own name must not be kept, `shop_key` where the deed is about a shop the
    target does not name. `details` are plain JSON values and must hold no secret and
    no buyer's data; what is named as if it did is hidden. Who looks through another's
    eyes is the one who looks.
    """
    if actor is not None and actor.seen_by is not None:
        details = {"seen_as": str(actor), **details}
        actor = actor.seen_by
    return AuditEntry(
        actor=actor,
        actor_text=str(actor) if actor else process,
        verb=verb,
        client=client,
        shop_key=_shop_of(target) if shop_key is None else shop_key,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_text=(target_text or str(target))[:200],
        address=address or None,
        details=_guarded(details),
    )


def _stored(make: Callable[P, AuditEntry]) -> Callable[P, AuditEntry]:
    @wraps(make)
    def record(*args: P.args, **kwargs: P.kwargs) -> AuditEntry:
        entry = make(*args, **kwargs)
        entry.save(force_insert=True)
        return entry

    return record


# Add an entry, with what `entry_of` takes. Call it in the transaction of the deed, so
# both happen or none.
record = _stored(entry_of)


def _guarded(details: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _hidden(value) if _SUSPICIOUS.search(name.lower()) else _inside(value)
        for name, value in details.items()
    }


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return _guarded(value)
    if isinstance(value, list | tuple):
        return [_inside(item) for item in value]
    return value


def _hidden(value: Any) -> Any:
    """Without what was said; whether there was anything, and how many, remains."""
    if isinstance(value, dict):
        return {name: _hidden(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(item) for item in value]
    if value in (None, "") or isinstance(value, bool):
        return value
    if isinstance(value, int) and 0 <= value <= _LARGEST_COUNT:
        return value
    return HIDDEN


def _shop_of(target: Model) -> int | None:
    if target._meta.label_lower == "platforms.shop":
        return int(target.pk)
    shop_id: int | None = getattr(target, "shop_id", None)
    return shop_id
