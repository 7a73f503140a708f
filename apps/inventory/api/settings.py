"""Whether a shop is told our stock, and what is done where it shows another number."""

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.etags import answer
from apps.core.api.fields import StrictSerializer
from apps.inventory.models import ShopStockSettings
from apps.inventory.services.documents import By
from apps.inventory.services.settings import change_settings, settings_of
from apps.platforms.models import Shop
from apps.users.api.resource import Resource
from apps.users.roles import CHANGE_SHOP, CHANGE_STOCK, VIEW_STOCK

_CHANGED_BY = (CHANGE_STOCK, CHANGE_SHOP)


class StockSettingsSerializer(serializers.ModelSerializer[ShopStockSettings]):
    """`refused_zero_at` is when the platform last took no 0 of this shop's."""

    class Meta:
        model = ShopStockSettings
        fields = ("shop", "is_pushed", "drift", "zero", "refused_zero_at")


class ChangeStockSettingsSerializer(StrictSerializer):
    is_pushed = serializers.BooleanField(help_text="Tell the shop our stock.")
    drift = serializers.ChoiceField(
        ShopStockSettings.Drift.choices,
        help_text="What is done where the shop shows another number.",
    )
    zero = serializers.ChoiceField(
        ShopStockSettings.Zero.choices,
        help_text="What is done where the platform takes no 0.",
    )


class StockSettings(Resource[Shop]):
    """A shop's, who may see its stock; nothing is told to a shop before it says so."""

    scope = "stock"
    tag = "stock settings"
    queryset = Shop.objects.all()
    serializer_class = StockSettingsSerializer  # type: ignore[assignment]
    pagination_class = None  # type: ignore[assignment]

    def rows(self) -> Any:
        rows = Shop.objects.visible_to(self.user, VIEW_STOCK)
        return rows.select_related("client", "stock_settings")

    def represent(self, row: Shop) -> Any:
        return StockSettingsSerializer(settings_of(row)).data

    @extend_schema(responses=StockSettingsSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """How a shop is told our stock."""
        return answer(request, self.represent(self.get_object()))

    @extend_schema(
        request=ChangeStockSettingsSerializer, responses=StockSettingsSerializer
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change it; what is left out stays.

        For who changes the shop's stock or its settings.
        """
        shop = self.subject()
        if not any(self.user.has_perm(name, shop) for name in _CHANGED_BY):
            raise PermissionDenied
        asked = self.read(ChangeStockSettingsSerializer, partial=True)
        change_settings(shop, By(self.user, self.address), **asked)
        return self.shown(self.get_object())
