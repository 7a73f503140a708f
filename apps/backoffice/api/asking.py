"""What figures are asked for, in an address."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from apps.backoffice.services.analytics.figures import Ask
from apps.backoffice.services.analytics.periods import (
    BASES,
    DEFAULT_DAYS,
    LONGEST_DAYS,
    last_day,
)
from apps.core.api.relations import RowField
from apps.platforms.models import Shop, ShopQuerySet
from apps.platforms.regions import REGIONS
from apps.users.models import AnyUser, Client
from apps.users.roles import VIEW_ANALYTICS


def _clients(user: Any) -> Any:
    return Client.objects.filter(shops__in=_shops(user).order_by()).distinct()


def _shops(user: AnyUser) -> ShopQuerySet:
    return Shop.objects.visible_to(user, VIEW_ANALYTICS).of_companies()


class AskSerializer(serializers.Serializer[Any]):
    """Days are each shop's own; without any, the last 28."""

    since = serializers.DateField(required=False, help_text="The first day.")
    until = serializers.DateField(
        required=False,
        help_text=f"The last day, included. At most {LONGEST_DAYS} days in all.",
    )
    base = serializers.ChoiceField(
        choices=BASES, default=BASES[0], help_text="The currency of all sums."
    )
    client = RowField(_clients, required=False)
    shop = RowField(_shops, required=False)
    region = serializers.ChoiceField(
        choices=sorted(REGIONS), required=False, help_text="ISO 3166."
    )
    tests = serializers.BooleanField(
        default=False, help_text="Whether test shops are counted, too."
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        since, until = said.get("since"), said.get("until")
        if (since is None) != (until is None):
            missing = "until" if until is None else "since"
            raise serializers.ValidationError(
                {missing: "A period needs both ends."}, code="required"
            )
        if since and until:
            if since > until:
                raise serializers.ValidationError(
                    {"until": "It lies before since."}, code="invalid"
                )
            if until - since >= timedelta(days=LONGEST_DAYS):
                raise serializers.ValidationError(
                    {"since": f"At most {LONGEST_DAYS} days at once."}, code="invalid"
                )
        return said


def ask_of(said: dict[str, Any], user: AnyUser, now: datetime | None = None) -> Ask:
    """Shops at which the user may see figures, as asked for."""
    rows = _shops(user).select_related("client")
    if not said["tests"]:
        rows = rows.production()
    if client := said.get("client"):
        rows = rows.filter(client=client)
    if region := said.get("region"):
        rows = rows.filter(region=region)
    if shop := said.get("shop"):
        rows = rows.filter(pk=shop.pk)
    shops = list(rows)
    until = said.get("until") or last_day(shops, now or timezone.now())
    since = said.get("since") or until - timedelta(days=DEFAULT_DAYS - 1)
    return Ask(shops, since, until, said["base"])
