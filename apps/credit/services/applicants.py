"""Applicants that staff add, for shops of the client they work for."""

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.credit.errors import NotToScore
from apps.credit.models import Applicant, ApplicantShop, ShopStanding
from apps.platforms.models import Shop
from apps.users.models import Client
from apps.users.services import audit
from apps.users.services.audit import By


@transaction.atomic
def add_applicant(
    client: Client,
    reference: str,
    shops: Collection[Shop],
    by: By,
    *,
    buyer_ids: Collection[str] = (),
) -> Applicant:
    """Raises NotToScore for a name that is taken or a shop of somebody else."""
    reference = reference.strip()
    applicant = Applicant(
        client=client,
        reference=reference,
        buyer_ids=sorted(set(buyer_ids)),
        created_by=by.user,
    )
    try:
        with transaction.atomic():
            applicant.save(force_insert=True)
    except IntegrityError:
        raise NotToScore(f"{client} has an applicant “{reference}” already.") from None
    _show(applicant, shops)
    _record("added an applicant", applicant, by, shops=len(shops))
    return applicant


@transaction.atomic
def change_applicant(
    applicant: Applicant,
    shops: Collection[Shop],
    by: By,
    *,
    buyer_ids: Collection[str],
) -> None:
    """`shops` are those of the client that count from now on; what the applicant has
    shown by a consent of their own stays theirs to end. Raises NotToScore."""
    applicant = Applicant.objects.select_for_update().get(pk=applicant.pk)
    if applicant.erased_at is not None:
        raise NotToScore("This applicant was erased.")
    _show(applicant, shops)
    ended = applicant.shown.filter(ended_at=None, shop__client=applicant.client_id)
    ended.exclude(shop__in=[shop.pk for shop in shops]).update(ended_at=timezone.now())
    applicant.buyer_ids = sorted(set(buyer_ids))
    applicant.save(update_fields=["buyer_ids", "modified_at"])
    _record("changed an applicant", applicant, by, shops=len(shops))


@transaction.atomic
def note_standing(applicant: Applicant, standing: ShopStanding, by: By) -> None:
    """What Seller Center shows of a shop; scores made from now on count it."""
    standing.noted_by = by.user
    standing.save()
    _record("noted a shop's standing", applicant, by, shop=standing.shop_id)


def _show(applicant: Applicant, shops: Collection[Shop]) -> None:
    for shop in shops:
        if shop.client_id != applicant.client_id:
            raise NotToScore(f"{shop} is not a shop of {applicant.client}.")
        ApplicantShop.objects.update_or_create(
            applicant=applicant,
            shop=shop,
            defaults={"ended_at": None},
            create_defaults={"shown_at": timezone.now()},
        )


def _record(verb: str, applicant: Applicant, by: By, **details: Any) -> None:
    audit.record(
        verb,
        applicant,
        target_text=f"Applicant {applicant.pk}",
        actor=by.user,
        process=by.process,
        address=by.address,
        client=applicant.client,
        **details,
    )
