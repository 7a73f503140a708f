"""Re-encrypt every secret under the first of FERNET_KEYS."""

from typing import Any

from django.apps import apps
from django.db import models, transaction

from apps.core.fields import EncryptedTextField


def encrypted_models() -> dict[type[models.Model], list[str]]:
    """{model: its encrypted fields}, found by looking, so that none is forgotten."""
    found = {}
    for model in apps.get_models():
        names = [
            field.name
            for field in model._meta.get_fields()
            if isinstance(field, EncryptedTextField)
        ]
        if names:
            found[model] = names
    return found


def rotate_keys() -> int:
    """Read every secret with any key and write it with the first; how many rows.

    Each row is a transaction of its own, under its lock, so a token refreshed
    meanwhile is not overwritten; interrupted, it can simply be started again.
    """
    rotated = 0
    for model, names in encrypted_models().items():
        manager: Any = model._default_manager
        for pk in manager.values_list("pk", flat=True).order_by("pk").iterator():
            with transaction.atomic():
                row = manager.select_for_update().filter(pk=pk).first()
                if row is None:
                    continue
                manager.filter(pk=pk).update(
                    **{name: getattr(row, name) for name in names}
                )
                rotated += 1
    return rotated
