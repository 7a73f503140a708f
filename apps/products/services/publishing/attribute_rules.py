"""Rules that say where an attribute takes its value from, kept for next time."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from apps.integrations.contracts import RemoteAttribute
from apps.platforms.models import Shop
from apps.products.errors import DraftRefuses
from apps.products.models import AttributeRule
from apps.users.models import User
from apps.users.services import audit

Source = AttributeRule.Source
Value = Mapping[str, str]


@transaction.atomic
def save_rule(
    shop: Shop,
    category_id: str,
    attribute: RemoteAttribute,
    source: str,
    *,
    field: str = "",
    values: Sequence[Value] = (),
    value_map: Mapping[str, Value] | None = None,
    actor: User | None = None,
    address: str | None = None,
) -> AttributeRule:
    """The client's rule for an attribute of a category in the shop's region, in the
    place of an earlier one.

    Raises DraftRefuses for a fixed value that is none, a field that is none of ours,
    and an empty map.
    """
    kind = Source(source)
    if kind == Source.FIXED and not values:
        raise DraftRefuses(f"Choose a value of {attribute.name} to keep as its rule.")
    if kind != Source.FIXED and field not in AttributeRule.Field.values:
        raise DraftRefuses(f"Choose the field that {attribute.name} comes from.")
    if kind == Source.MAP and not value_map:
        raise DraftRefuses(f"Write down which value of {attribute.name} ours means.")
    rule, _ = AttributeRule.objects.update_or_create(
        client_id=shop.client_id,
        region=shop.region,
        category_remote_id=category_id,
        attribute_remote_id=attribute.remote_id,
        defaults={
            "attribute_name": attribute.name[:200],
            "source": kind,
            "field": "" if kind == Source.FIXED else field,
            "values": [dict(value) for value in values] if kind == Source.FIXED else [],
            "value_map": {key: dict(value) for key, value in (value_map or {}).items()}
            if kind == Source.MAP
            else {},
        },
    )
    audit.record(
        "saved an attribute rule",
        rule,
        client=shop.client,
        actor=actor,
        address=address,
        source=kind.value,
        category=category_id,
    )
    return rule
