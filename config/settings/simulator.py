"""The simulator: a separate server without database, sessions or our apps."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
DEBUG = False
SECRET_KEY = "the simulator signs nothing of value"  # noqa: S105
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "apps.simulator.urls"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
DATABASES: dict[str, dict[str, object]] = {}
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "apps" / "simulator" / "templates"],
    }
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Refusals are its trade; only its own mistakes are worth a line.
    "loggers": {"django.request": {"level": "ERROR"}},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

SIMULATOR_SEED = int(os.environ.get("SIMULATOR_SEED", "7"))
SIMULATOR_ORDERS = int(os.environ.get("SIMULATOR_ORDERS", "6000"))
SIMULATOR_STATE = os.environ.get("SIMULATOR_STATE", "")
SIMULATOR_REDIRECT_URL = os.environ.get("SIMULATOR_REDIRECT_URL", "")
SIMULATOR_ALLOW_LOOPBACK_WEBHOOKS = (
    os.environ.get("SIMULATOR_ALLOW_LOOPBACK_WEBHOOKS", "") == "1"
)
