"""What a shop's people have decided about its orders, and what follows from it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apps.orders.errors import ActionRefused
from apps.orders.models import OrderAction, ShopOrderSettings
from apps.platforms.models import Shop
from apps.users.services import audit
from apps.users.services.audit import By

Kind = OrderAction.Kind
# Written by `save`. A change of `preferred_source` leaves a mark that the orders are to
# be shown anew (preferences.reshow); the caller wakes that in the background.
FIELDS = (
    "preferred_source",
    "pushes_shipped",
    "pushes_delivered",
    "pushes_cancelled",
    "handover_method",
    "document_kind",
    "document_size",
    "document_format",
    "document_days",
)
# Which setting decides whether what is recorded here goes to the platform by itself.
_PUSHED_BY: dict[str, str] = {
    Kind.SHIP: "pushes_shipped",
    Kind.MARK_SHIPPED: "pushes_shipped",
    Kind.UPDATE_TRACKING: "pushes_shipped",
    Kind.BUY_LABEL: "pushes_shipped",
    Kind.DELIVER: "pushes_delivered",
    Kind.CANCEL: "pushes_cancelled",
    Kind.APPROVE_CANCELLATION: "pushes_cancelled",
}
_BUTTON = "page"


def settings_of(shop: Shop) -> ShopOrderSettings:
    """The shop's row, or the defaults, not stored."""
    return settings_of_shops([shop.pk])[shop.pk]


def settings_of_shops(shop_ids: Sequence[int]) -> dict[int, ShopOrderSettings]:
    """{key of shop: its settings or the defaults}; one query."""
    rows = ShopOrderSettings.objects.filter(shop__in=shop_ids)
    stored = {row.shop_id: row for row in rows}
    return {key: stored.get(key) or ShopOrderSettings(shop_id=key) for key in shop_ids}


@transaction.atomic
def save(shop: Shop, changes: Mapping[str, Any], by: By) -> dict[str, tuple[Any, Any]]:
    """Change settings: {name: (before, after)} of what differs, which the audit trail
    keeps. Raises ActionRefused for a name or value there is not."""
    shop = (
        Shop.objects.select_for_update(of=["self"], no_key=True)
        .select_related("client")
        .get(pk=shop.pk)
    )
    row = settings_of(shop)
    if unknown := sorted(changes.keys() - set(FIELDS)):
        raise ActionRefused(f"There is no setting “{unknown[0]}”.")
    differing: dict[str, tuple[Any, Any]] = {}
    for name, value in changes.items():
        before = getattr(row, name)
        setattr(row, name, value)
        if before != value:
            differing[name] = (before, value)
    if not differing:
        return {}
    try:
        row.full_clean(exclude=["shop"])
    except ValidationError as error:
        name, words = next(iter(error.message_dict.items()))
        raise ActionRefused(f"{name}: {words[0]}") from error
    if "preferred_source" in differing:
        row.reshow_asked_at = timezone.now()
    row.save()
    audit.record(
        "changed order settings",
        shop,
        actor=by.user,
        process=by.process,
        client=shop.client,
        address=by.address,
        changed={name: list(pair) for name, pair in differing.items()},
    )
    return differing


def is_held(settings: ShopOrderSettings, kind: str, source: str) -> bool:
    """Whether what is recorded here waits for a person to release it. What a person
    asks by a button never does."""
    setting = _PUSHED_BY.get(kind)
    if setting is None or source == _BUTTON:
        return False
    return not getattr(settings, setting)
