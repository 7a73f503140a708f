"""Who tells of a commission: the shop that pays it, or the creator who earns it."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from apps.content.models import AffiliateOrder
from apps.content.rules.commission import earned_by_creator, paid_by_shop
from apps.integrations.contracts.affiliate import CommissionAmounts
from apps.orders.models import Order
from apps.platforms.models import CreatorAccount, Shop
from apps.users.models import Client


@dataclass(frozen=True, slots=True)
class Side:
    """Exactly one of both is given."""

    shop: Shop | None = None
    account: CreatorAccount | None = None

    @property
    def client(self) -> Client:
        told_by = self.shop or self.account
        assert told_by is not None
        return told_by.client

    @property
    def rows(self) -> QuerySet[AffiliateOrder]:
        """All it has told."""
        if self.shop is not None:
            return AffiliateOrder.objects.filter(shop=self.shop)
        return AffiliateOrder.objects.filter(creator_account=self.account)

    def new_row(self) -> AffiliateOrder:
        return AffiliateOrder(
            client=self.client, shop=self.shop, creator_account=self.account
        )

    def lock(self) -> None:
        """Two batches of one side go one after the other."""
        if self.shop is not None:
            Shop.objects.select_for_update(of=("self",)).get(pk=self.shop.pk)
        elif self.account is not None:
            accounts = CreatorAccount.objects.select_for_update(of=("self",))
            accounts.get(pk=self.account.pk)

    def total(self, amounts: CommissionAmounts) -> Decimal | None:
        """What the parts come to, for who tells of them."""
        told_by_shop = self.shop is not None
        return paid_by_shop(amounts) if told_by_shop else earned_by_creator(amounts)

    def orders(self, remote_ids: Collection[str]) -> dict[str, Order]:
        """{order ID: the order}; a creator's are looked for in all shops of the
        client, and in no other's."""
        orders = Order.objects.filter(remote_id__in=remote_ids)
        if self.shop is not None:
            orders = orders.filter(shop=self.shop)
        else:
            orders = orders.filter(shop__client=self.client)
        return {order.remote_id: order for order in orders.only("pk", "remote_id")}
