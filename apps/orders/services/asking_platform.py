"""Questions put to the platform while somebody waits, and answers kept for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.cache import cache

from apps.core.storing import content_hash
from apps.integrations.contracts import PlatformClient
from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_at_page, note_consent_gone

T = TypeVar("T")
KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """The platform's answer, or the words for why there is none."""

    value: T
    problem: str = ""


def told(
    shop: Shop,
    scope: str,
    question: Callable[[PlatformClient], T],
    nothing: T,
    *,
    key: str = "",
) -> Told[T]:
    """Ask, or say again what was answered under this key lately; `nothing` beside the
    words for why the platform did not answer. A failure is never kept."""
    name = f"orders.told.{content_hash([shop.pk, scope, key])}"
    known: Any = cache.get(name) if key else None
    if known is not None:
        return Told(known)
    if shop.state != Shop.State.CONNECTED:
        return Told(nothing, f"{shop} is {shop.get_state_display().lower()}.")
    try:
        answer = question(client_at_page(shop, scope))
    except (ConsentNeeded, ReconnectNeeded) as error:
        note_consent_gone(shop, error, scope)
        return Told(nothing, str(error))
    except (PlatformError, RefreshInProgress) as error:
        return Told(nothing, str(error))
    if key:
        cache.set(name, answer, KEPT_SECONDS)
    return Told(answer)
