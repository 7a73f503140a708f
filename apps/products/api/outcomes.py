"""What a decision about listing SKUs came to."""

from typing import Any

from rest_framework import serializers

from apps.orders.services.mapping import Outcome
from apps.platforms.models import Shop
from apps.products.errors import MappingRefused
from apps.products.models import MappingBatch
from apps.users.models import User
from apps.users.roles import VIEW_ORDER

MOST_LEFT = 200


class LeftSerializer(serializers.Serializer[Any]):
    listing_sku = serializers.IntegerField(source="key")
    name = serializers.CharField()
    why = serializers.CharField()


class OutcomeSerializer(serializers.Serializer[Any]):
    """`lines` and `waiting` are null for who may not see the shop's orders."""

    batch = serializers.IntegerField(
        allow_null=True, help_text="To be undone with; null where nothing changed."
    )
    is_running = serializers.BooleanField(
        help_text="The rest is done in the background; the batch says how far it is."
    )
    changed = serializers.IntegerField(help_text="How many SKUs.")
    same = serializers.IntegerField(help_text="How many were so already.")
    left_count = serializers.IntegerField()
    left = LeftSerializer(
        many=True, help_text=f"The first {MOST_LEFT} that stay as they were, and why."
    )
    lines = serializers.IntegerField(
        allow_null=True, help_text="Order lines linked to another variant than before."
    )
    waiting = serializers.IntegerField(
        allow_null=True, help_text="Of all their lines, those that wait to be shipped."
    )


def told(outcome: Outcome, shop: Shop, user: User) -> Any:
    """For the answer."""
    sees_orders = user.has_perm(VIEW_ORDER, shop)
    return OutcomeSerializer(
        {
            "batch": outcome.batch.pk if outcome.batch else None,
            "is_running": False,
            "changed": len(outcome.changed),
            "same": len(outcome.same),
            "left_count": len(outcome.left),
            "left": outcome.left[:MOST_LEFT],
            "lines": outcome.lines if sees_orders else None,
            "waiting": outcome.waiting if sees_orders else None,
        }
    ).data


def told_running(batch: MappingBatch) -> Any:
    """Of what has only begun."""
    nothing = {"changed": 0, "same": 0, "left_count": 0, "left": []}
    unknown = {"lines": None, "waiting": None}
    return OutcomeSerializer(
        {"batch": batch.pk, "is_running": True} | nothing | unknown
    ).data


def refuse_left(outcome: Outcome) -> None:
    """Where it was about one SKU: raise MappingRefused if that stays as it was."""
    if outcome.left:
        raise MappingRefused(str(outcome.left[0]))
