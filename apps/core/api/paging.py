"""Pages by key: they stay right while rows come and go, however deep one reads.

A cursor holds the ordering's value and the key of the row it stands at, signed. What
follows is asked as one comparison of both, so no row is skipped or shown twice, and
no page costs more than the first.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ValidationError as Invalid
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from apps.core.api.errors import InvalidCursor

PAGE_SIZE = 50
MOST = 200
PARAMETERS = ("cursor", "page_size", "ordering")
_SALT = "api cursor"


@dataclass(frozen=True, slots=True)
class Ordering:
    """One column that is never NULL, and the key in the same direction."""

    column: str
    is_descending: bool

    @classmethod
    def read(cls, text: str) -> "Ordering":
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.column}" if self.is_descending else self.column

    def reversed(self) -> "Ordering":
        return Ordering(self.column, not self.is_descending)

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        sign = "-" if self.is_descending else ""
        if self.column == "pk":
            return rows.order_by(f"{sign}pk")
        return rows.order_by(f"{sign}{self.column}", f"{sign}pk")

    def after(self, value: Any, key: Any) -> Q:
        """Rows beyond (value, key). The first half lets an index find the place; the
        whole is the row comparison, which the ORM has no words for."""
        beyond = "lt" if self.is_descending else "gt"
        if self.column == "pk":
            return Q(**{f"pk__{beyond}": key})
        not_before = Q(**{f"{self.column}__{beyond}e": value})
        further = Q(**{f"{self.column}__{beyond}": value})
        return not_before & (further | Q(**{f"pk__{beyond}": key}))


class CursorPages(BasePagination):
    """`orderings` and `ordering` (the usual one) are the view's; ?page_size= up to
    MOST; ?cursor= as `next` and `previous` give it."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.request = request
        self.ordering = _ordering(request, view)
        self.mark = _mark_of(request, view, self.ordering)
        self.size = _size(request)
        place = self._place(queryset.model)
        self.backwards = place is not None and place[0]
        order = self.ordering.reversed() if self.backwards else self.ordering
        rows = order.apply(queryset)
        if place is not None:
            rows = rows.filter(order.after(place[1], place[2]))
        found = list(rows[: self.size + 1])
        self.has_more = len(found) > self.size
        page = found[: self.size]
        self.page = page[::-1] if self.backwards else page
        self.is_first = place is None
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self._next(), "previous": self._previous(), "results": data}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE_SIZE}
        choices = [sign + name for name in view.orderings for sign in ("", "-")]
        return [
            _parameter("cursor", {"type": "string"}, "From `next` or `previous`."),
            _parameter("page_size", size, "Rows on a page."),
            _parameter(
                "ordering",
                {"type": "string", "enum": choices, "default": view.ordering},
                "With a minus: largest first.",
            ),
        ]

    def _next(self) -> str | None:
        if not self.page or not (self.backwards or self.has_more):
            return None
        return self._address(self.page[-1], backwards=False)

    def _previous(self) -> str | None:
        if not self.page or (not self.has_more if self.backwards else self.is_first):
            return None
        return self._address(self.page[0], backwards=True)

    def _address(self, row: Model, *, backwards: bool) -> str:
        column = self.ordering.column
        value = None
        if column != "pk":
            field = row._meta.get_field(column)
            value = field.value_to_string(row)  # type: ignore[union-attr]
        cursor = signing.dumps(
            [self.mark, backwards, value, row.pk], salt=_SALT, compress=False
        )
        here = self.request.build_absolute_uri()
        return replace_query_param(remove_query_param(here, "cursor"), "cursor", cursor)

    def _place(self, model: type[Model]) -> tuple[bool, Any, Any] | None:
        """(backwards, value, key) of the row to go on from."""
        text = self.request.query_params.get("cursor")
        if text is None:
            return None
        try:
            mark, backwards, value, key = signing.loads(text, salt=_SALT)
            if mark != self.mark:
                raise InvalidCursor
            if self.ordering.column != "pk":
                value = model._meta.get_field(self.ordering.column).to_python(value)  # type: ignore[union-attr]
        except (
            signing.BadSignature,
            ValueError,
            TypeError,
            ValidationError,
            FieldDoesNotExist,
        ) as error:
            raise InvalidCursor from error
        return bool(backwards), value, key


def _ordering(request: Request, view: Any) -> Ordering:
    text = request.query_params.get("ordering", view.ordering)
    if text.removeprefix("-") not in view.orderings:
        known = ", ".join(view.orderings)
        raise Invalid({"ordering": f"Choose one of these, with or without -: {known}."})
    return Ordering.read(text)


def _size(request: Request) -> int:
    text = request.query_params.get("page_size", str(PAGE_SIZE))
    if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST:
        return int(text)
    raise Invalid({"page_size": f"A whole number from 1 to {MOST}."})


def _mark_of(request: Request, view: Any, ordering: Ordering) -> str:
    """What a cursor belongs to: this list with these filters, in this order."""
    asked: Mapping[str, Any] = {
        name: request.query_params.getlist(name)
        for name in sorted(request.query_params)
        if name not in PARAMETERS
    }
    text = repr((request.path, str(ordering), asked))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _parameter(name: str, schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": words, "schema": schema}
