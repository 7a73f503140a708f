"""Rules of what shops are told: made, changed, deleted, and looked at beforehand."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.inventory.errors import StockRefuses
from apps.inventory.models import StockRule
from apps.inventory.services.allocation import FIGURES
from apps.inventory.services.news import tell_of_skus
from apps.inventory.services.telling import Told, figures_for
from apps.products.models import ListingSku
from apps.products.models.listing import ListingSkuQuerySet
from apps.users.models import User
from apps.users.services import audit

TWICE = "There is a rule for exactly that already. Change that one."


@dataclass(frozen=True, slots=True)
class Change:
    """What a shop would be told of one of its SKUs, before and after."""

    listing_sku: ListingSku
    before: Told
    after: Told


@transaction.atomic
def save_rule(
    rule: StockRule, *, actor: User | None, address: str | None = None
) -> StockRule:
    """Store a new rule, or a changed one; the shops concerned are told by themselves.

    Raises StockRefuses: it names what is not the client's, says nothing, or there is
    one for exactly that already.
    """
    _refuse(rule)
    before = StockRule.objects.select_for_update().filter(pk=rule.pk).first()
    verb = "made a stock rule" if before is None else "changed a stock rule"
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise StockRefuses(TWICE) from error
    if before is not None:
        tell_of_skus(concerned(before))
    tell_of_skus(concerned(rule))
    _record(verb, rule, actor, address)
    return rule


@transaction.atomic
def delete_rule(
    rule: StockRule, *, actor: User | None, address: str | None = None
) -> None:
    """Repeating it changes nothing."""
    stored = StockRule.objects.select_for_update().filter(pk=rule.pk).first()
    if stored is None:
        return
    tell_of_skus(concerned(stored))
    _record("deleted a stock rule", stored, actor, address)
    stored.delete()


def concerned(rule: StockRule) -> ListingSkuQuerySet:
    """The matched SKUs of shops whose figures a rule may change."""
    skus = ListingSku.objects.listed().filter(
        shop__client=rule.client_id, variant__isnull=False
    )
    if rule.shop_id is not None:
        skus = skus.filter(shop=rule.shop_id)
    if rule.variant_id is not None:
        skus = skus.filter(variant=rule.variant_id)
    if rule.warehouse_id is not None:
        places = Q(shop__shop_warehouses__warehouse=rule.warehouse_id)
        skus = skus.filter(places).distinct()
    return skus


def preview(
    rule: StockRule, *, is_deleted: bool = False, most: int = 2_000
) -> list[Change]:
    """What would be told otherwise with this rule as it is in memory, saved or not, or
    without it. Nothing is written.

    Shops that are not told yet are reckoned as if they were. At most so many SKUs are
    looked at, shop by shop.
    """
    others = StockRule.objects.filter(client=rule.client_id).exclude(pk=rule.pk)
    named = ("client", "shop", "variant", "warehouse", "last_pieces_shop")
    after = list(others.select_related(*named))
    if not is_deleted:
        after.append(rule)
    chosen = Q(pk__in=concerned(rule).order_by().values("pk"))
    if stored := StockRule.objects.filter(pk=rule.pk).first():
        chosen |= Q(pk__in=concerned(stored).order_by().values("pk"))
    skus = list(
        ListingSku.objects.filter(chosen)
        .select_related("shop", "listing", "variant__product")
        .order_by("shop", "listing", "position", "pk")[:most]
    )
    was = figures_for(skus, is_switched_on=True)
    will_be = figures_for(skus, rules=after, is_switched_on=True)
    return [
        Change(sku, was[sku.pk], will_be[sku.pk])
        for sku in skus
        if was[sku.pk].quantities != will_be[sku.pk].quantities
    ]


def _refuse(rule: StockRule) -> None:
    """Raise StockRefuses where the rule cannot hold."""
    places = (rule.shop, rule.variant, rule.warehouse, rule.last_pieces_shop)
    for place in places:
        if place is not None and place.client_id != rule.client_id:
            raise StockRefuses(f"{place} is not {rule.client}'s.")
    if all(getattr(rule, name) is None for name in FIGURES):
        raise StockRefuses("The rule says nothing: give it at least one figure.")
    if (rule.last_pieces is None) != (rule.last_pieces_shop is None):
        raise StockRefuses("Say how many pieces are the last, and for which shop.")
    try:
        rule.full_clean()
    except ValidationError as error:
        raise StockRefuses(" ".join(error.messages)) from error


def _record(
    verb: str, rule: StockRule, actor: User | None, address: str | None
) -> None:
    figures = {name: getattr(rule, name) for name in FIGURES}
    audit.record(
        verb,
        rule,
        client=rule.client,
        actor=actor,
        address=address,
        **{name: value for name, value in figures.items() if value is not None},
    )
