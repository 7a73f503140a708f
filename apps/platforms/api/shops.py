"""Shops: what they are, their settings, and what can be done to them."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.errors import PlatformFailed
from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import RowFilter, YesNoFilter
from apps.integrations.errors import PlatformError
from apps.orders.services.handing_over import save_shop_settings
from apps.platforms.models import Shop
from apps.platforms.models.shop import validate_time_zone
from apps.platforms.regions import REGIONS
from apps.platforms.services import shops as service
from apps.platforms.services.clients import client_at_page_through
from apps.platforms.services.renewal import renew
from apps.platforms.services.trail import Actor
from apps.sync.models import Resource
from apps.sync.start import may_start, start_pull
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import CHANGE_SHOP, MANAGE_CREDENTIALS, VIEW_SHOP
from apps.webhooks.services import leaving

LONGEST_PERIOD = timedelta(days=366)
LARGEST_COUNT = 2**31 - 1


class ShopSerializer(serializers.ModelSerializer[Shop]):
    seller_center_url = serializers.CharField()  # empty: the region's
    seller_type = serializers.ChoiceField(
        Shop.SellerType.choices, allow_blank=True, read_only=True
    )

    class Meta:
        model = Shop
        fields: tuple[str, ...] = (
            "id",
            "client",
            "platform",
            "environment",
            "remote_id",
            "name",
            "code",
            "region",
            "seller_type",
            "currency",
            "time_zone",
            "state",
            "state_reason",
            "is_default",
            "seller_center_url",
            "rating",
            "product_count",
            "follower_count",
            "figures_at",
            "created_at",
            "modified_at",
        )


class ShopSettingsSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    time_zone = serializers.CharField(
        max_length=64,
        validators=[validate_time_zone],
        help_text="An IANA name such as Europe/London.",
    )
    seller_center_url = serializers.URLField(max_length=200, allow_blank=True)
    rating = serializers.DecimalField(
        max_digits=3, decimal_places=2, min_value=0, max_value=5, allow_null=True
    )
    product_count = serializers.IntegerField(
        min_value=0, max_value=LARGEST_COUNT, allow_null=True
    )
    follower_count = serializers.IntegerField(
        min_value=0, max_value=LARGEST_COUNT, allow_null=True
    )


class PeriodSerializer(StrictSerializer):
    """Without anything: the news of orders since last time."""

    resource = serializers.ChoiceField(
        choices=Resource.choices, default=Resource.ORDERS.value
    )
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)

    def validate(self, attrs: Any) -> Any:
        since, until = attrs.get("since"), attrs.get("until")
        now = timezone.now()
        if attrs["resource"] == Resource.STOCK and (since or until):
            raise serializers.ValidationError(
                {"resource": "Stock is compared as it is now; it has no period."}
            )
        if until is not None and since is None:
            raise serializers.ValidationError({"since": "A period needs a beginning."})
        if since is not None and since >= (until or now):
            raise serializers.ValidationError(
                {"since": "The period ends before it begins."}
            )
        if since is not None and (until or now) - since > LONGEST_PERIOD:
            raise serializers.ValidationError(
                {"since": "A period has at most 366 days."}
            )
        return attrs


class SyncSerializer(serializers.Serializer[Any]):
    started = serializers.BooleanField(help_text="False where a run is under way.")
    run = serializers.IntegerField(
        allow_null=True, help_text="The run that is under way already."
    )


class TypedNameSerializer(StrictSerializer):
    typed_name = serializers.CharField(
        max_length=120, help_text="The shop's name, so that it is this one for sure."
    )


class DisconnectedSerializer(ShopSerializer):
    warning = serializers.CharField(
        help_text="What could not be removed at the platform; empty if all was."
    )

    class Meta(ShopSerializer.Meta):
        fields = (*ShopSerializer.Meta.fields, "warning")


class RenewedSerializer(serializers.Serializer[Any]):
    api_app = serializers.CharField()
    access_expires_at = serializers.DateTimeField()
    refresh_expires_at = serializers.DateTimeField()


class RenewedListSerializer(serializers.Serializer[Any]):
    results = RenewedSerializer(many=True)


class ShopFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_SHOP), field_name="client"
    )
    region = filters.ChoiceFilter(
        choices=[(row.code, row.name) for row in REGIONS.values()]
    )
    state = filters.ChoiceFilter(choices=Shop.State.choices)
    environment = filters.ChoiceFilter(choices=Shop.Environment.choices)
    is_default = YesNoFilter("is_default")
    search = filters.CharFilter(method="named", max_length=120)

    def named(self, rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        return rows.filter(Q(name__icontains=text) | Q(remote_id=text))


class Shops(ListsAndShows[Shop]):
    """Shops one may see. What may be done to a shop is asked of that shop."""

    scope = "shops"
    queryset = Shop.objects.all()
    serializer_class = ShopSerializer
    filterset_class = ShopFilters
    orderings = ("name", "created_at", "modified_at")
    ordering = "name"
    # The platform's answer is committed before anything else happens.
    own_transactions = ("refresh_tokens", "disconnect")
    own_problems = {"refresh_tokens": [502]}

    def rows(self) -> Any:
        return super().rows().select_related("client")

    def lock(self, row: Shop) -> None:
        Client.objects.select_for_update().get(pk=row.client_id)
        super().lock(row)

    @extend_schema(request=ShopSettingsSerializer, responses=ShopSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change settings; what is left out stays."""
        shop = self._shop_for(CHANGE_SHOP)
        values = self.read(ShopSettingsSerializer, partial=True)
        save_shop_settings(shop, values, **self.by)
        return self.shown(Shop.objects.get(pk=shop.pk))

    @extend_schema(request=PeriodSerializer, responses={202: SyncSerializer})
    @action(detail=True, methods=["post"])
    def sync(self, request: Request, pk: int) -> Response:
        """Pull the shop's orders or products now: the news, or a period once more; or
        compare the stock it shows with what it is to show.

        Products may also be pulled by whoever works on the shop's listings, stock be
        compared by whoever works on stock.
        """
        shop = self.subject()
        asked = self.read(PeriodSerializer)
        resource = Resource(asked.pop("resource"))
        if not may_start(self.user, shop, resource):
            raise PermissionDenied
        run = start_pull(shop, resource, **asked, **self.by)
        body = {"started": run is None, "run": run.pk if run else None}
        return Response(body, status=202)

    @extend_schema(request=None, responses=ShopSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: int) -> Response:
        """Stop pulling; the tokens are still looked after."""
        return self.shown(service.pause(self._shop_for(CHANGE_SHOP), **self.by))

    @extend_schema(request=None, responses=ShopSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        """Pull again; where the consent went meanwhile, `state` says so."""
        return self.shown(service.resume(self._shop_for(CHANGE_SHOP), **self.by))

    @extend_schema(request=None, responses=ShopSerializer)
    @action(detail=True, methods=["post"], url_path="make-default")
    def make_default(self, request: Request, pk: int) -> Response:
        """Make it its client's main shop in place of the one before."""
        return self.shown(service.set_default(self._shop_for(CHANGE_SHOP), **self.by))

    @extend_schema(request=TypedNameSerializer, responses=DisconnectedSerializer)
    @action(detail=True, methods=["post"])
    def disconnect(self, request: Request, pk: int) -> Response:
        """Stop the jobs, remove the shop's webhooks and forget what opens it; its
        history stays.

        Webhooks that the platform does not let go of keep nothing from it: `warning`
        says so.
        """
        shop = self._shop_for(MANAGE_CREDENTIALS)
        typed = self.read(TypedNameSerializer)["typed_name"]
        left = leaving.disconnect(
            shop,
            typed,
            Actor(self.user, address=self.address),
            client_of=client_at_page_through,
        )
        return Response(self.represent(left.shop) | {"warning": left.warning})

    @extend_schema(request=None, responses=RenewedListSerializer)
    @action(detail=True, methods=["post"], url_path="refresh-tokens")
    def refresh_tokens(self, request: Request, pk: int) -> Response:
        """Renew the tokens of each consent that opens the shop.

        One that is renewed stays so when the platform then refuses another.
        """
        shop = self._shop_for(MANAGE_CREDENTIALS)
        by = Actor(self.user, address=self.address)
        try:
            fresh = [row for _, row in renew(shop, by=by)]
        except PlatformError as error:
            raise PlatformFailed(str(error)) from error
        rows = [
            {
                "api_app": str(row.api_app),
                "access_expires_at": row.access_expires_at,
                "refresh_expires_at": row.refresh_expires_at,
            }
            for row in fresh
        ]
        return Response(RenewedListSerializer({"results": rows}).data)

    def _shop_for(self, permission: str) -> Shop:
        shop = self.subject()
        self.need(permission, shop)
        return shop
