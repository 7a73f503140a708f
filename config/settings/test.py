"""For the tests: nothing from .env; tasks are called, never queued."""

import os

os.environ["SHOPDESK_ENV_FILE"] = ""

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES

SECRET_KEY = "tests sign nothing of value"  # noqa: S105
FERNET_KEYS = ["a key for tests only"]
PUBLIC_URL = "http://testserver"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Tests ask more in a minute than people do; those of the limits set their own.
API_USER_RATE = API_TOKEN_RATE = API_ANONYMOUS_RATE = 1_000_000
CELERY_BROKER_URL = "memory://"
ALERT_HOOKS_MAY_STAY_INSIDE = True
# A test's transaction is its own thread's; those of threads say so.
STOCK_PUSH_THREADS = 1
# Nothing in a test may reach the real platform: this address answers nobody.
TIKTOK_API_URL = TIKTOK_TOKEN_URL = "http://127.0.0.1:9"  # noqa: S105
TIKTOK_CONSENT_URL = TIKTOK_CONSENT_URL_US = "http://127.0.0.1:9"
TIKTOK_CREATOR_CONSENT_URL = "http://127.0.0.1:9"
RATES_ECB_URL = RATES_OTHER_URL = "http://127.0.0.1:9"

if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Tests open and drop databases; a pool would keep connections to them.
    del DATABASES["default"]["OPTIONS"]["pool"]
else:
    DATABASES["default"]["NAME"] = ":memory:"
