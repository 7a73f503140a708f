"""What a shop has decided about its orders, and what waits for a person for it."""

import pytest

from apps.orders.errors import ActionRefused
from apps.orders.models import OrderAction, ShopOrderSettings
from apps.orders.services.order_settings import (
    is_held,
    save,
    settings_of,
    settings_of_shops,
)
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
Kind = OrderAction.Kind


def test_a_shop_without_a_row_has_the_defaults(django_assert_num_queries):
    shops = [make_shop() for _ in range(3)]
    ShopOrderSettings.objects.create(shop=shops[0], document_days=3)

    with django_assert_num_queries(1):
        found = settings_of_shops([shop.pk for shop in shops])

    assert [found[shop.pk].document_days for shop in shops] == [3, 7, 7]
    assert settings_of(shops[1]).pushes_shipped
    assert not settings_of(shops[1]).pushes_cancelled
    assert ShopOrderSettings.objects.count() == 1


def test_changes_are_kept_with_what_was_before():
    shop, user = make_shop(), make_user()

    changed = save(shop, {"document_days": 14, "pushes_shipped": True}, By(user))

    assert changed == {"document_days": (7, 14)}
    entry = AuditEntry.objects.get(verb="changed order settings")
    assert (entry.actor, entry.shop_key) == (user, shop.pk)
    assert entry.details == {"changed": {"document_days": [7, 14]}}
    assert save(shop, {"document_days": 14}, By(user)) == {}
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"document_days": 0}, {"handover_method": "PIGEON"}, {"shop": 1}, {"colour": 1}],
)
def test_what_is_no_setting_is_refused_and_changes_nothing(changes):
    shop = make_shop()

    with pytest.raises(ActionRefused):
        save(shop, {"pushes_cancelled": True} | changes, By())

    assert not ShopOrderSettings.objects.exists()


@pytest.mark.parametrize(
    ("kind", "source", "held"),
    [
        (Kind.SHIP, "file", False),
        (Kind.MARK_SHIPPED, "api", False),
        (Kind.DELIVER, "api", True),
        (Kind.DELIVER, "page", False),
        (Kind.CANCEL, "file", True),
        (Kind.CANCEL, "rule", True),
        (Kind.CANCEL, "page", False),
        (Kind.APPROVE_CANCELLATION, "api", True),
        (Kind.REJECT_CANCELLATION, "api", False),
        (Kind.PULL, "api", False),
    ],
)
def test_only_a_button_always_sends(kind, source, held):
    assert is_held(settings_of(make_shop()), kind, source) is held


def test_each_status_has_its_own_switch():
    row = ShopOrderSettings(
        pushes_shipped=False, pushes_delivered=True, pushes_cancelled=True
    )

    assert is_held(row, Kind.UPDATE_TRACKING, "file")
    assert not is_held(row, Kind.DELIVER, "file")
    assert not is_held(row, Kind.CANCEL, "api")
