"""Which parts of the platform a shop uses, and which its region does not have."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.platforms.errors import FeatureUnavailable, ShopRefuses
from apps.platforms.models import Shop, ShopFeature
from apps.platforms.regions import EUROPE, REGIONS
from apps.users.models import User
from apps.users.services import audit

Feature = ShopFeature.Feature
State = ShopFeature.State

# Source: Partner Center, "Affiliate Seller API", which leaves out the UK and the EU.
_CLOSED_IN: dict[Feature, frozenset[str]] = {
    Feature.AFFILIATE: frozenset(
        region.code for region in REGIONS.values() if region.group == EUROPE
    ),
}


def features_of(shops: Iterable[Shop]) -> dict[int, dict[Feature, State]]:
    """{shop key: {feature: its state}}, all features, in one query.

    Where nobody said anything a feature is on, if the region has it.
    """
    shops = list(shops)
    found = {shop.pk: _by_region(shop.region) for shop in shops}
    for row in ShopFeature.objects.filter(shop__in=shops):
        states = found[row.shop_id]
        if states[Feature(row.feature)] != State.UNAVAILABLE:
            states[Feature(row.feature)] = State(row.state)
    return found


def uses(feature: Feature) -> Q:
    """The condition on shops that what `features_of` says is "on"."""
    refused = ShopFeature.objects.filter(
        shop=OuterRef("pk"), feature=feature, state__in=[State.OFF, State.UNAVAILABLE]
    )
    return ~Exists(refused) & ~Q(region__in=_CLOSED_IN.get(feature, frozenset()))


@transaction.atomic
def switch_features(
    shop: Shop,
    wanted: Mapping[Feature, bool],
    *,
    actor: User | None = None,
    address: str | None = None,
) -> list[Feature]:
    """Turn features on (True) or off; those that changed.

    Raises FeatureUnavailable for one the region does not have, ShopRefuses for a
    disconnected shop; then nothing changes.
    """
    shop = Shop.objects.select_for_update(of=["self"]).get(pk=shop.pk)
    if shop.state == Shop.State.DISCONNECTED:
        raise ShopRefuses(f"{shop} is disconnected and can only be read.")
    current = features_of([shop])[shop.pk]
    changed = {}
    for feature, is_on in wanted.items():
        state = State.ON if is_on else State.OFF
        if current[feature] == State.UNAVAILABLE and is_on:
            raise FeatureUnavailable(
                f"TikTok Shop does not offer {feature.label.lower()} in "
                f"{shop.get_region_display()}."
            )
        if current[feature] not in (state, State.UNAVAILABLE):
            changed[feature] = state
    for feature, state in changed.items():
        ShopFeature.objects.update_or_create(
            shop=shop, feature=feature, defaults={"state": state}
        )
    if changed:
        audit.record(
            "switched features",
            shop,
            actor=actor,
            client=shop.client,
            address=address,
            features={f.value: state.value for f, state in changed.items()},
        )
    return list(changed)


def _by_region(region: str) -> dict[Feature, State]:
    return {
        feature: State.UNAVAILABLE
        if region in _CLOSED_IN.get(feature, frozenset())
        else State.ON
        for feature in Feature
    }
