"""From a body to something asked of the platform: 202 with the action, or a problem in
our words for what cannot be done as far as is known here."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from apps.core.money import Money, decimals
from apps.core.queueing import after_commit
from apps.core.storing import content_hash
from apps.orders.api.action_serializers import ActionSerializer
from apps.orders.errors import ActionRefused
from apps.orders.models import Order, OrderAction
from apps.orders.services.actions import Told, Wish, ask
from apps.sync.tasks import work_order_actions
from apps.users.api.resource import Resource
from apps.users.services.audit import By

M = TypeVar("M", bound=Model)
MOST_UNITS = 200
LONGEST_ID = 32
ASKED = {202: ActionSerializer}


class Asks(Resource[M]):
    """Whatever is done here goes to the platform, after the answer."""

    scope = "orders"

    @property
    def deed_by(self) -> By:
        return By(self.user, self.address)

    @property
    def once_key(self) -> str:
        """What the services know a deed by that commits by itself: the key, its owner,
        and what was asked; after a day it may come again with something else. (Other
        deeds are one transaction with the record of their key.)"""
        key = self.request.headers.get("Idempotency-Key")
        if key is None or self.action not in self.own_transactions:
            return ""
        said = [self.user.pk, key, self.request.path, self.request.data]
        return f"api:{content_hash(said)[:32]}"

    def asked(self, wish: Wish) -> Response:
        """Write the wish down and wake a worker. Raises ActionRefused."""
        shop = wish.order.shop
        asked = ask(shop, [wish], self.deed_by, source="api", key=self.once_key)
        for _, why_not in asked.refused:
            raise ActionRefused(why_not)
        after_commit(work_order_actions.delay, shop.pk)
        return self.answered(asked.actions[0])

    def answered(self, action: OrderAction, *, status: int = 202) -> Response:
        context = self.get_serializer_context()
        return Response(ActionSerializer(action, context=context).data, status=status)


class ReasonSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="As it is sent.")
    text = serializers.CharField(help_text="For people.")


class ReasonsSerializer(serializers.Serializer[Any]):
    """`problem` says why there are none."""

    results = ReasonSerializer(many=True, source="value")
    problem = serializers.CharField(allow_blank=True)


def reasons_told(told: Told[Any]) -> Response:
    return Response(ReasonsSerializer(told).data)


def ids_field(words: str, **options: Any) -> serializers.ListField:
    """A list of the platform's IDs."""
    return serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_ID),
        max_length=MOST_UNITS,
        help_text=words,
        **options,
    )


def units_field() -> serializers.ListField:
    words = "Single items, by their `id` in the lines' `units`; none: all."
    return ids_field(words, default=list)


def amount_of(asked: Mapping[str, Any] | None, order: Order) -> str:
    """A body's money as a wish has it; empty for none. Raises ValidationError for what
    is not of the order's currency, or finer than it."""
    if asked is None:
        return ""
    currency, amount = order.currency, asked["amount"]
    if asked["currency"].upper() != currency:
        raise ValidationError({"amount": f"The order is in {currency}."})
    rounded = Money(amount, currency).rounded().amount
    if rounded != amount:
        words = f"{currency} has {decimals(currency)} decimals."
        raise ValidationError({"amount": words})
    return f"{rounded:f}"
