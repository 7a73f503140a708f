"""Re-encrypt every secret under the first of FERNET_KEYS, and prove that it is so."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.db import connection, models, transaction

from apps.core.fields import EncryptedTextField

logger = logging.getLogger(__name__)

BATCH = 200


@dataclass(slots=True)
class Proof:
    """What lies under the first key, and what does not, {"model.field": rows}.

    `older` counts secrets that need another key, `unreadable` those no key opens.
    """

    under_first: int = 0
    older: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the other keys can go."""
        return not self.older and not self.unreadable


def encrypted_models() -> dict[type[models.Model], list[str]]:
    """{model: its encrypted fields}, found by looking, so that none is forgotten."""
    found = {}
    for model in apps.get_models():
        names = [f.name for f in _encrypted_fields(model)]
        if names:
            found[model] = names
    return found


def rotate_keys(on_batch: Callable[[int], None] = lambda rows: None) -> int:
    """Write whatever is not yet under the first key with it; how many rows.

    Each row is a transaction of its own, under its lock, so a token refreshed
    meanwhile is not overwritten. What is done stays done: interrupted, it goes on
    where it was. Secrets no key opens are left as they are; `prove` names them.
    `on_batch` is told the rows so far.
    """
    rotated = 0
    for model in encrypted_models():
        for keys in _batches(model):
            rotated += sum(_rotate_row(model, pk) for pk in keys)
            on_batch(rotated)
    return rotated


def prove() -> Proof:
    """Open every stored secret with nothing but the first key."""
    proof = Proof()
    for model in encrypted_models():
        for column in _encrypted_fields(model):
            _prove_column(model, column, proof)
    return proof


def _rotate_row(model: type[models.Model], pk: int) -> bool:
    """Whether anything of this row had to be written."""
    columns = _encrypted_fields(model)
    with transaction.atomic():
        list(model._default_manager.select_for_update().filter(pk=pk).values("pk"))
        stored = _stored(model, columns, pk)
        changes = {}
        for column, secret in zip(columns, stored, strict=True):
            if secret is None or _opens(_first_key(column), secret):
                continue
            try:
                text = column.fernet.decrypt(secret).decode()
            except InvalidToken:
                continue
            changes[column.name] = text
        if changes:
            model._default_manager.filter(pk=pk).update(**changes)
    return bool(changes)


def _prove_column(
    model: type[models.Model], column: EncryptedTextField, proof: Proof
) -> None:
    first, name = _first_key(column), f"{model._meta.label_lower}.{column.name}"
    for keys in _batches(model):
        for secret in _stored_in(model, column, keys):
            if _opens(first, secret):
                proof.under_first += 1
                continue
            found = proof.older if _opens(column.fernet, secret) else proof.unreadable
            found[name] = found.get(name, 0) + 1


def _encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    return [
        column
        for column in model._meta.concrete_fields
        if isinstance(column, EncryptedTextField)
    ]


def _first_key(column: EncryptedTextField) -> Fernet:
    return Fernet(column.fernet_keys[0])


def _opens(key: Fernet, secret: bytes) -> bool:
    try:
        key.decrypt(secret)
    except InvalidToken:
        return False
    return True


def _batches(model: type[models.Model]) -> Iterator[list[int]]:
    """The keys of all rows, in order, a batch at a time."""
    last = 0
    while True:
        rows = model._default_manager.filter(pk__gt=last).order_by("pk")
        keys = list(rows.values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        yield keys
        last = keys[-1]


def _stored(
    model: type[models.Model], columns: list[EncryptedTextField], pk: int
) -> list[bytes | None]:
    """The row's secrets as they lie in the table: the model would decrypt them."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(column.column)) for column in columns)
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {table} WHERE {key} = %s", [pk])  # noqa: S608
        row = cursor.fetchone()
    if row is None:
        return [None] * len(columns)
    return [None if value is None else bytes(value) for value in row]


def _stored_in(
    model: type[models.Model], column: EncryptedTextField, keys: list[int]
) -> list[bytes]:
    quote = connection.ops.quote_name
    name = quote(str(column.column))
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {name} FROM {table} WHERE {key} BETWEEN %s AND %s "  # noqa: S608
            f"AND {name} IS NOT NULL",
            [keys[0], keys[-1]],
        )
        return [bytes(row[0]) for row in cursor.fetchall()]
