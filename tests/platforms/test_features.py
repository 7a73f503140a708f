"""The parts of the platform a shop uses."""

import pytest

from apps.platforms.errors import FeatureUnavailable, ShopRefuses
from apps.platforms.models import Shop, ShopFeature
from apps.platforms.services.features import (
    Feature,
    State,
    features_of,
    switch_features,
    uses,
)
from apps.users.models import AuditEntry
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


def test_what_nobody_switched_is_on():
    shop = make_shop(region="US")

    assert set(features_of([shop])[shop.pk].values()) == {State.ON}
    assert set(features_of([shop])[shop.pk]) == set(Feature)


def test_a_switch_is_kept_and_audited():
    shop, actor = make_shop(), make_user()

    changed = switch_features(
        shop, {Feature.LIVE: False, Feature.RETURNS: True}, actor=actor
    )

    assert changed == [Feature.LIVE]
    assert features_of([shop])[shop.pk][Feature.LIVE] == State.OFF
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.details) == (actor, {"features": {"live": "off"}})

    assert switch_features(shop, {Feature.LIVE: False}) == []
    assert switch_features(shop, {Feature.LIVE: True}) == [Feature.LIVE]
    assert ShopFeature.objects.get().state == State.ON


def test_a_region_without_a_feature_cannot_turn_it_on():
    shop = make_shop(region="GB")

    with pytest.raises(FeatureUnavailable, match="affiliate in United Kingdom"):
        switch_features(shop, {Feature.LIVE: False, Feature.AFFILIATE: True})

    assert features_of([shop])[shop.pk][Feature.LIVE] == State.ON
    assert features_of([shop])[shop.pk][Feature.AFFILIATE] == State.UNAVAILABLE
    assert not ShopFeature.objects.exists()
    assert not AuditEntry.objects.exists()


def test_what_the_platform_said_is_unavailable_stays_so():
    shop = make_shop(region="US")
    ShopFeature.objects.create(
        shop=shop, feature=Feature.PROMOTIONS, state=State.UNAVAILABLE
    )

    assert switch_features(shop, {Feature.PROMOTIONS: False}) == []
    with pytest.raises(FeatureUnavailable):
        switch_features(shop, {Feature.PROMOTIONS: True})


def test_a_disconnected_shop_cannot_be_switched():
    shop = make_shop(state=Shop.State.DISCONNECTED)

    with pytest.raises(ShopRefuses):
        switch_features(shop, {Feature.LIVE: False})


@pytest.mark.parametrize("feature", list(Feature))
def test_the_condition_and_the_states_agree(feature):
    for region in ("US", "GB", "ID"):
        make_shop(region=region)
        for state in State:
            shop = make_shop(region=region)
            ShopFeature.objects.create(shop=shop, feature=feature, state=state)

    shops = list(Shop.objects.all())

    states = features_of(shops)
    on = {shop.pk for shop in shops if states[shop.pk][feature] == State.ON}
    assert set(Shop.objects.filter(uses(feature)).values_list("pk", flat=True)) == on
    off = Shop.objects.filter(~uses(feature)).values_list("pk", flat=True)
    assert set(off) == {shop.pk for shop in shops} - on
