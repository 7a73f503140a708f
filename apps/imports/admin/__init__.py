"""Screens of imports."""

from apps.imports.admin import headings, runs
from apps.imports.admin.base import STATE_BADGES

__all__ = ["STATE_BADGES", "headings", "runs"]
