"""Carriers and delivery options: asked for once a day, kept, shown without a call."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.integrations import contracts
from apps.integrations.contracts import RemoteWarehouse
from apps.integrations.errors import PlatformUnavailable
from apps.orders.models import DeliveryOption, ShippingProvider
from apps.orders.services import asking_platform, logistics
from apps.orders.services.logistics import (
    carriers_for,
    known_carriers,
    refresh,
    shops_due,
)
from apps.orders.tasks import read_logistics, sweep_logistics
from apps.platforms.models import Shop
from tests.factories.inventory import make_shop_warehouse
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


@dataclass
class FakeLogistics:
    """{warehouse: {option: {carrier's ID: name}}}."""

    options: dict[str, dict[str, dict[str, str]]]
    calls: list[str] = field(default_factory=list)
    fails_at: str = ""

    def _ask(self, about: str) -> None:
        self.calls.append(about)
        if about == self.fails_at:
            raise PlatformUnavailable("TikTok Shop is not available")

    def warehouses(self):
        self._ask("warehouses")
        return [
            RemoteWarehouse("W1", "Main", "SALES_WAREHOUSE"),
            RemoteWarehouse("W9", "Returns", "RETURN_WAREHOUSE"),
        ]

    def delivery_options(self, warehouse_id):
        self._ask(warehouse_id)
        return [
            contracts.DeliveryOption(each, f"Option {each}", "STANDARD")
            for each in self.options.get(warehouse_id, {})
        ]

    def shipping_providers(self, option_id):
        self._ask(option_id)
        found = next(
            some[option_id] for some in self.options.values() if option_id in some
        )
        return [contracts.ShippingProvider(key, name) for key, name in found.items()]


def make_fake():
    both = {"D1": {"7001": "J&T Express", "7002": "Ninja Van"}, "D2": {"7001": "J&T"}}
    return FakeLogistics({"W1": both, "W2": {"D1": both["D1"]}})


def test_all_options_and_carriers_of_the_shops_warehouses_are_kept():
    shop, fake = make_shop(), make_fake()
    make_shop_warehouse(shop, None, "W1")
    make_shop_warehouse(shop, None, "W2")

    assert refresh(shop, fake) == 3

    assert fake.calls == ["W1", "W2", "D1", "D2"]  # each once
    assert DeliveryOption.objects.filter(shop=shop).count() == 3
    names = ShippingProvider.objects.filter(delivery_option_id="D1")
    assert set(names.values_list("name", flat=True)) == {"J&T Express", "Ninja Van"}


def test_warehouses_are_asked_for_where_none_is_known():
    shop, fake = make_shop(), make_fake()

    refresh(shop, fake)

    assert fake.calls[:2] == ["warehouses", "W1"]
    assert "W9" not in fake.calls


def test_what_the_shop_no_longer_has_goes_and_a_failure_keeps_what_is_there():
    shop, fake = make_shop(), make_fake()
    refresh(shop, fake)
    fake.options["W1"].pop("D2")
    fake.options["W1"]["D1"]["7001"] = "J&T"
    fake.fails_at = "D1"
    with pytest.raises(PlatformUnavailable):
        refresh(shop, fake)
    assert ShippingProvider.objects.count() == 3

    fake.fails_at = ""
    refresh(shop, fake)

    rows = ShippingProvider.objects.values_list("delivery_option_id", "name")
    assert set(rows) == {("D1", "J&T"), ("D1", "Ninja Van")}
    assert DeliveryOption.objects.count() == 1


def test_an_order_is_offered_the_carriers_of_its_option_alone(monkeypatch):
    shop = make_shop()
    refresh(shop, make_fake())
    monkeypatch.setattr(asking_platform, "client_at_page", None)  # no call is made

    of_option = carriers_for(make_order(shop, delivery_option_id="D2"))
    of_shop = carriers_for(make_order(shop))

    assert [each.name for each in of_option.value] == ["J&T"]
    assert [each.remote_id for each in of_shop.value] == ["7001", "7002"]


def test_carriers_nobody_has_read_yet_are_asked_for_and_kept(monkeypatch):
    shop, fake = make_shop(), make_fake()
    monkeypatch.setattr(asking_platform, "client_at_page", lambda *args: fake)
    order = make_order(shop, delivery_option_id="D1")

    told = carriers_for(order)

    assert {each.name for each in told.value} == {"J&T Express", "Ninja Van"}
    assert carriers_for(order).value == told.value
    assert fake.calls == ["D1"]


def test_a_platform_that_does_not_answer_is_told_in_words(monkeypatch):
    fake = make_fake()
    fake.fails_at = "D1"
    monkeypatch.setattr(asking_platform, "client_at_page", lambda *args: fake)
    order = make_order(delivery_option_id="D1")

    told = carriers_for(order)

    assert told.value == []
    assert told.problem == "TikTok Shop is not available"
    assert "not known yet" in carriers_for(make_order()).problem


def test_carriers_of_many_shops_cost_one_query(django_assert_num_queries):
    shops = [make_shop() for _ in range(4)]
    for shop in shops:
        refresh(shop, make_fake())

    with django_assert_num_queries(1):
        found = known_carriers([shop.pk for shop in shops])

    assert {len(rows) for rows in found.values()} == {3}


def test_each_connected_shop_is_due_once_a_day(monkeypatch):
    shop, paused = make_shop(), make_shop(state=Shop.State.PAUSED)
    fake = make_fake()
    monkeypatch.setattr(logistics, "client_for", lambda *args: fake)
    now = timezone.now()
    assert shops_due(now) == [shop]

    read_logistics(shop.pk)
    read_logistics(paused.pk)

    assert shops_due(now) == []
    calls = len(fake.calls)
    read_logistics(shop.pk)
    assert len(fake.calls) == calls
    assert shops_due(now + timedelta(hours=25)) == [shop]


def test_the_sweep_wakes_those_that_are_due(monkeypatch):
    shop = make_shop()
    woken: list[int] = []
    monkeypatch.setattr(read_logistics, "delay", woken.append)

    assert sweep_logistics() == 1
    assert woken == [shop.pk]


def test_a_shop_that_fails_is_asked_again_later(monkeypatch):
    shop, fake = make_shop(), make_fake()
    fake.fails_at = "W1"
    monkeypatch.setattr(logistics, "client_for", lambda *args: fake)

    read_logistics(shop.pk)

    assert shops_due(timezone.now()) == [shop]
