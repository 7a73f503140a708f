"""Encrypted columns: a thin, safe layer over the library's."""

from typing import TYPE_CHECKING, Any

import fernet_fields
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class EncryptedTextField(fernet_fields.EncryptedTextField):  # type: ignore[misc]
    """Text encrypted with the first of FERNET_KEYS, read with any of them.

    A wrong key raises InvalidToken instead of returning rubbish. Look-ups other than
    isnull are refused by the library.
    """

    if TYPE_CHECKING:  # the library says nothing of what a row's attribute holds

        def __get__(self, instance: Any, owner: Any) -> str: ...
        def __set__(self, instance: Any, value: str) -> None: ...

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        # bulk_update() hands over an expression whose values are already encrypted;
        # the library would encrypt the SQL text of it and lose the secret.
        if hasattr(value, "as_sql"):
            return value
        return super().get_db_prep_save(value, connection)

    def value_to_string(self, obj: models.Model) -> str:
        """Nothing: dumpdata must not print secrets."""
        return ""
