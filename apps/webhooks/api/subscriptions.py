"""Where the platform posts a shop's news: seen, checked, put right, tested, ended."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.etags import answer
from apps.core.api.fields import StrictSerializer
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_at_page_through
from apps.users.api.resource import Resource
from apps.users.roles import MANAGE_CREDENTIALS, VIEW_WEBHOOK
from apps.users.services.audit import By
from apps.webhooks.services import subscriptions
from apps.webhooks.services.public_address import (
    own_address_problem,
    webhook_address,
)
from apps.webhooks.services.rehearsal import rehearse
from apps.webhooks.services.subscriptions import Done, State


class WebhookSubscriptionSerializer(serializers.Serializer[Any]):
    topic = serializers.CharField(help_text="The subject, in lower case.")
    app = serializers.CharField(help_text="Through which app; empty if barred.")
    state = serializers.ChoiceField(
        choices=[(state.value, state.value) for state in State],
        help_text="`set` comes to us, `elsewhere` to another address, `missing` to "
        "nobody; `unknown` was never asked for, `extra` comes and is not needed, "
        "`barred` may be had through no app of the shop.",
    )
    address = serializers.CharField(help_text="As the platform last said.")
    checked_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(help_text="What kept it from being set or asked.")
    is_wanted = serializers.BooleanField(help_text="Whether we need it.")


class WebhookSubscriptionsSerializer(serializers.Serializer[Any]):
    shop = serializers.IntegerField()
    address = serializers.CharField(help_text="Ours, to which all should be posted.")
    problem = serializers.CharField(
        help_text="Why the platform would not take our address; empty if it would."
    )
    subscriptions = WebhookSubscriptionSerializer(many=True)


class SetWebhooksSerializer(StrictSerializer):
    replaces = serializers.BooleanField(
        default=False,
        help_text="Also take over what is posted to another address: whoever has it "
        "there gets it no more.",
    )


class WebhookFailureSerializer(serializers.Serializer[Any]):
    what = serializers.CharField(help_text="A subject, or an app with all its own.")
    why = serializers.CharField()


class WebhooksDoneSerializer(serializers.Serializer[Any]):
    """What came of it; what fails keeps nothing else from being done."""

    changed = serializers.ListField(child=serializers.CharField())
    kept = serializers.IntegerField(help_text="Subjects left as they were.")
    failed = WebhookFailureSerializer(many=True)


class WebhookTestSerializer(serializers.Serializer[Any]):
    app = serializers.CharField()
    is_ok = serializers.BooleanField(help_text="It arrived and was stored.")
    words = serializers.CharField()
    milliseconds = serializers.IntegerField()


class WebhookTestsSerializer(serializers.Serializer[Any]):
    results = WebhookTestSerializer(many=True)


class Subscriptions(Resource[Shop]):
    """A shop's. What is shown is what the platform said when it was last asked; each
    deed asks it, and is for who may connect the shop."""

    scope = "webhooks"
    tag = "webhook subscriptions"
    queryset = Shop.objects.all()
    serializer_class = WebhookSubscriptionsSerializer
    pagination_class = None  # type: ignore[assignment]
    # The platform is asked meanwhile.
    own_transactions = ("check", "set_all", "rehearse", "remove")

    def rows(self) -> Any:
        rows = Shop.objects.visible_to(self.user, VIEW_WEBHOOK)
        return rows.select_related("client")

    def represent(self, row: Shop) -> Any:
        standing = {
            "shop": row.pk,
            "address": webhook_address(),
            "problem": own_address_problem(),
            "subscriptions": subscriptions.standing_of(row),
        }
        return WebhookSubscriptionsSerializer(standing).data

    @extend_schema(responses=WebhookSubscriptionsSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """Where the news of a shop are posted to."""
        return answer(request, self.represent(self.get_object()))

    @extend_schema(request=None, responses=WebhooksDoneSerializer)
    def check(self, request: Request, pk: int) -> Response:
        """Ask the platform what is set. Nothing is changed there."""
        return _told(
            subscriptions.check(self._shop(), client_of=client_at_page_through)
        )

    @extend_schema(request=SetWebhooksSerializer, responses=WebhooksDoneSerializer)
    def set_all(self, request: Request, pk: int) -> Response:
        """Have all that we need posted to us: set what is missing, repair what broke.
        Repeating it changes nothing."""
        shop = self._shop()
        asked = self.read(SetWebhooksSerializer)
        return _told(
            subscriptions.set_all(
                shop, self._by, **asked, client_of=client_at_page_through
            )
        )

    @extend_schema(request=None, responses=WebhookTestsSerializer)
    def rehearse(self, request: Request, pk: int) -> Response:
        """Post a signed delivery to our own public address, for each app of the shop,
        and wait for it: up to five seconds each."""
        results = rehearse(self._shop(), self._by)
        return Response(WebhookTestsSerializer({"results": results}).data)

    @extend_schema(request=None, responses=WebhooksDoneSerializer)
    def remove(self, request: Request, pk: int) -> Response:
        """End all that is posted to us; what is posted elsewhere stays. The shop's news
        are still asked for by schedule."""
        return _told(
            subscriptions.remove_all(
                self._shop(), self._by, client_of=client_at_page_through
            )
        )

    def _shop(self) -> Shop:
        shop = self.subject()
        self.need(MANAGE_CREDENTIALS, shop)
        return shop

    @property
    def _by(self) -> By:
        return By(self.user, self.address)


def _told(done: Done) -> Response:
    failed = [{"what": what, "why": why} for what, why in done.failed]
    body = {"changed": done.changed, "kept": done.kept, "failed": failed}
    return Response(WebhooksDoneSerializer(body).data)
