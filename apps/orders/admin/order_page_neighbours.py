"""The orders before and after one, within the list it was opened from."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from apps.orders.admin.desk import Desk
from apps.orders.models import Order
from apps.products.admin.base import key_of

KEPT = "_changelist_filters"  # the list's own query, as its rows' links carry it


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Addresses; empty at either end of the list."""

    previous: str = ""
    next: str = ""


def kept_query(request: HttpRequest) -> str:
    """As “?_changelist_filters=tab%3Doverdue”, for links that must not lose it."""
    if not (kept := request.GET.get(KEPT)):
        return ""
    query = QueryDict(mutable=True)
    query[KEPT] = kept
    return f"?{query.urlencode()}"


def neighbours(admin: Any, request: HttpRequest, order: Order) -> Neighbours:
    """Three queries, each for one row. Whatever has left the list since still has its
    place in it; an order that no list led to has neighbours in the first list alone."""
    kept = request.GET.get(KEPT)
    asked = copy(request)
    asked.GET = cast(Any, QueryDict(kept or ""))
    desk = Desk.read(asked.GET, request.user)
    rows: QuerySet[Any] = desk.in_tab(
        desk.filtered(Order.objects.visible_to(request.user))
    )
    keys = _ordering(admin, asked)
    names = {f"key_{place}": key.expression for place, key in enumerate(keys)}
    place = (
        Order.objects.filter(pk=order.pk)
        .annotate(**names, is_listed=Exists(rows.filter(pk=OuterRef("pk"))))
        .values_list(*names, "is_listed")
        .first()
    )
    if place is None or not (place[-1] or kept):
        return Neighbours()
    values, query = place[:-1], kept_query(request)
    rows = rows.annotate(**names)
    return Neighbours(
        _address(rows, keys, values, query, backwards=True),
        _address(rows, keys, values, query, backwards=False),
    )


def _ordering(admin: Any, request: HttpRequest) -> list[OrderBy]:
    """The list's order, as its heads or its tab say."""
    wanted: list[Any] = []
    for word in filter(None, request.GET.get("o", "").split(".")):
        names = admin.get_list_display(request)[key_of(word.lstrip("-")) :]
        column = getattr(admin, names[0], None) if names else None
        field = getattr(column, "admin_order_field", None)
        if field is not None:
            wanted.append(_key(field, turned=word.startswith("-")))
    usual = [_key(each) for each in admin.get_ordering(request)]
    return [*wanted, *usual, OrderBy(F("pk"), descending=True)]


def _key(field: Any, *, turned: bool = False) -> OrderBy:
    """A column or an expression, as a list names what it is sorted by."""
    if isinstance(field, str):
        falls = field.startswith("-")
        key = OrderBy(F(field.lstrip("-")), descending=falls)
    else:
        key = field if isinstance(field, OrderBy) else OrderBy(field)
    if turned:
        key = key.copy()
        key.reverse_ordering()
    return key


def _address(
    rows: QuerySet[Any],
    keys: Sequence[OrderBy],
    values: Sequence[Any],
    query: str,
    *,
    backwards: bool,
) -> str:
    beyond = Q(pk__in=[])
    same = Q()
    ordering = []
    for place, (key, value) in enumerate(zip(keys, values, strict=True)):
        name = f"key_{place}"
        falls = key.descending != backwards
        nulls_last = _nulls_last(key) != backwards
        beyond |= same & _after(name, value, falls=falls, nulls_last=nulls_last)
        same &= Q(**{f"{name}__isnull": True} if value is None else {name: value})
        way = OrderBy(
            F(name),
            descending=falls,
            **{"nulls_last" if nulls_last else "nulls_first": True},
        )
        ordering.append(way)
    found = rows.filter(beyond).order_by(*ordering).values_list("pk", flat=True).first()
    return (
        ""
        if found is None
        else f"{reverse('admin:orders_order_change', args=[found])}{query}"
    )


def _nulls_last(key: OrderBy) -> bool:
    if key.nulls_last or key.nulls_first:
        return bool(key.nulls_last)
    # Where the list says nothing, the database decides; falling turns it round.
    return bool(connection.features.order_by_nulls_first) == bool(key.descending)


def _after(name: str, value: Any, *, falls: bool, nulls_last: bool) -> Q:
    """What comes strictly after `value` in one column of the order."""
    if value is None:
        return Q(pk__in=[]) if nulls_last else Q(**{f"{name}__isnull": False})
    further = Q(**{f"{name}__{'lt' if falls else 'gt'}": value})
    return further | Q(**{f"{name}__isnull": True}) if nulls_last else further
