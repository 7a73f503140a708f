"""Wiring only: settings, addresses, Celery."""

import os

if os.environ.get("DJANGO_SETTINGS_MODULE") != "config.settings.simulator":
    # Tasks bind to this app wherever Django runs; the simulator has no tasks.
    from config.celery import app as celery_app

    __all__ = ["celery_app"]
