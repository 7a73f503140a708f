"""Lookups of our own, for every field.

`name__among=[…]` is `name__in=[…]` of plain values, as one parameter however many there
are: writing out a thousand of them costs more than finding the rows.
"""

import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    _Lookup = models.Lookup[Any]
else:
    _Lookup = models.Lookup


@models.Field.register_lookup
@models.ForeignKey.register_lookup
class Among(_Lookup):
    """Texts or whole numbers, which the databases take as they are."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        return list(self.rhs)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        if not self.rhs:
            raise EmptyResultSet
        column, params = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", (*params, self.rhs)
        some = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608
        return some, (*params, json.dumps(self.rhs))
