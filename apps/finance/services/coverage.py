"""Since when a shop's settlements are here: what is older is not late but unknown."""

from datetime import datetime

from django.db.models import Q

from apps.finance.models import ShopFinanceSettings
from apps.platforms.models import Shop


def note_covered(shop: Shop, since: datetime) -> None:
    """All that was settled from then on is here, or some of it by a file; it only ever
    moves back."""
    row, created = ShopFinanceSettings.objects.get_or_create(
        shop=shop, defaults={"covered_since": since}
    )
    if not created:
        later = Q(covered_since=None) | Q(covered_since__gt=since)
        ShopFinanceSettings.objects.filter(later, pk=row.pk).update(covered_since=since)
