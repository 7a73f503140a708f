"""One delivery, one row, in one statement.

The ORM would build the statement anew each time and wrap it in a transaction, which
takes as long again as the statement.
"""

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.platforms.models import Credential, Shop
from apps.webhooks.models import WebhookEvent

# Columns that say that nothing was done yet, in SQL: each value that is not handed over
# is a part of what a delivery costs.
_AS_BEGUN = {
    "attempts": "0",
    "claimed_by": "''",
    "claimed_until": "NULL",
    "processed_at": "NULL",
    "milliseconds": "NULL",
    "outcome": "''",
}


def insert(event: WebhookEvent) -> bool:
    """Store a row, with the shop that `owner_id` names if the app opens it; False if
    one with its identity is there already. Raises DatabaseError."""
    using = connections[DEFAULT_DB_ALIAS]  # once: each look at `connection` costs
    held = event.__dict__
    values = [_prepared(field, held[field.attname], using) for field in _fields()]
    shop = (event.api_app_id, event.platform, event.owner_id)
    with using.cursor() as cursor:
        cursor.execute(_statement(using.vendor), [*shop, *values])
        return bool(cursor.rowcount)


def _prepared(field: Any, value: Any, using: BaseDatabaseWrapper) -> Any:
    """Text and whole numbers every database takes as they are."""
    if value is None or type(value) in (str, int):
        return value
    return field.get_db_prep_save(value, using)


@cache
def _fields() -> list[Any]:
    """What a delivery fills in; the rest is as the model begins."""
    return [
        field
        for field in WebhookEvent._meta.concrete_fields
        if not field.primary_key
        and field.name not in _AS_BEGUN
        and field.name != "shop"
    ]


@cache
def _statement(vendor: str) -> str:
    """An app opens a shop or it does not: whoever has the secret of one app cannot
    speak of shops that others connected."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = ", ".join(quote(field.column) for field in _fields())
    values = ", ".join(["%s"] * len(_fields()))
    begun = ", ".join(quote(name) for name in _AS_BEGUN)
    literals = ", ".join(_AS_BEGUN.values())
    shop, credential = (quote(m._meta.db_table) for m in (Shop, Credential))
    owner = (
        f"(SELECT s.id FROM {shop} s JOIN {credential} c ON c.shop_id = s.id "  # noqa: S608
        "WHERE c.api_app_id = %s AND s.platform = %s AND s.remote_id = %s)"
    )
    table = quote(WebhookEvent._meta.db_table)
    return (
        f"INSERT INTO {table} (shop_id, {columns}, {begun}) "  # noqa: S608
        f"VALUES ({owner}, {values}, {literals}) ON CONFLICT DO NOTHING"
    )
