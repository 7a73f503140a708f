"""Orders by pasted numbers: of orders, parcels, SKUs, packages."""

import re
from dataclasses import dataclass, field

from django.db.models import Q, Value

from apps.orders.models import OrderQuerySet

MOST_TERMS = 100
# So many orders are named by their keys, which every further statement finds at once.
_MOST_KEYS = 1_000
_PLACES = (
    "remote_id",
    "tracking_number",
    "packages__tracking_number",
    "packages__remote_id",
    "lines__seller_sku",
    "lines__remote_sku_id",
)


@dataclass(slots=True)
class Search:
    """`condition` is true of the orders found; `count` numbers were looked for, `cut`
    more were given."""

    condition: Q = field(default_factory=Q)
    count: int = 0
    cut: int = 0
    not_found: list[str] = field(default_factory=list)


def search(orders: OrderQuerySet, text: str) -> Search:
    """Look for what `text` names, parted by blanks, commas or lines, among `orders`.

    A single number that is nothing whole is taken for the end of an order's.
    """
    given = [term for term in re.split(r"[\s,;]+", text) if term]
    given = list(dict.fromkeys(given))
    if not given:
        return Search()
    terms = given[:MOST_TERMS]
    hits = {name: orders.filter(**{f"{name}__in": terms}) for name in _PLACES}
    rows = [
        hit.order_by().annotate(place=Value(name)).values_list("place", name).distinct()
        for name, hit in hits.items()
    ]
    found = list(rows[0].union(*rows[1:]))
    told = {term for _, term in found}
    if not told and len(terms) == 1 and re.fullmatch(r"\d{4,}", terms[0]):
        return Search(Q(remote_id__endswith=terms[0]), 1)
    condition = Q()
    for place in {place for place, _ in found}:
        condition |= Q(pk__in=hits[place].order_by().values("pk"))
    keys = list(
        orders.filter(condition)
        .order_by()
        .values_list("pk", flat=True)[: _MOST_KEYS + 1]
        if found
        else ()
    )
    return Search(
        condition if len(keys) > _MOST_KEYS else Q(pk__in=keys),
        len(terms),
        len(given) - len(terms),
        [term for term in terms if term not in told],
    )
