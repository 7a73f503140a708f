"""What does not differ between environments. The environment is read here, once."""

import os
from pathlib import Path

import environ

from config import embedded
from config.schedule import SCHEDULE as SCHEDULE
from config.unfold import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()
_env_file = os.environ.get("SHOPDESK_ENV_FILE", str(BASE_DIR / ".env"))
if _env_file:
    environ.Env.read_env(_env_file, overwrite=False)

VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))

SECRET_KEY = env.str("SECRET_KEY", "")
FERNET_KEYS = env.list("FERNET_KEYS", default=[])
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "apps.core",
    "apps.users",
    "apps.platforms",
    "apps.products",
    "apps.inventory",
    "apps.orders",
    "apps.content",
    "apps.credit",
    "apps.sync",
    "apps.imports",
    "apps.webhooks",
    "apps.backoffice",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "apps.core.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": env.db("DATABASE_URL", f"sqlite:///{VAR_DIR / 'shopdesk.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # IMMEDIATE is what makes concurrent writers wait instead of failing: a deferred
    # transaction that turns into a write is refused at once, whatever the timeout.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON; "
            "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-20000; "
            "PRAGMA temp_store=MEMORY;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # the pool keeps connections instead
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": 8,
        "timeout": 10,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "landing"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

# One Redis-protocol server is broker and rate limiter; without REDIS_URL it is the
# one that `manage.py up` starts for itself on a Unix socket.
REDIS_URL = env.str("REDIS_URL", "") or embedded.redis_url(VAR_DIR)
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "") or (
    env.str("REDIS_URL", "") or embedded.broker_url(VAR_DIR)
)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    # Without these, kombu looks for abandoned messages only every 100 seconds.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"

# Where TikTok Shop is. One address for all four plays them all: the simulator.
TIKTOK_API_URL = env.str("TIKTOK_API_URL", "https://open-api.tiktokglobalshop.com")
TIKTOK_TOKEN_URL = env.str("TIKTOK_TOKEN_URL", "https://auth.tiktok-shops.com")
TIKTOK_CONSENT_URL = env.str("TIKTOK_CONSENT_URL", "https://services.tiktokshop.com")
TIKTOK_CONSENT_URL_US = env.str(
    "TIKTOK_CONSENT_URL_US", "https://services.us.tiktokshop.com"
)
# Where the demo's simulator listens; production has none.
SIMULATOR_URL = env.str("SIMULATOR_URL", "http://127.0.0.1:8001")
# The platform's limits, in calls a second: for one app in one shop (documented as 50,
# raised and lowered at will), and for one app in all its shops (not documented). We
# stay some percent below; 0 is no limit.
TIKTOK_SHOP_CALL_LIMIT = env.float("TIKTOK_SHOP_CALL_LIMIT", 50.0)
TIKTOK_APP_CALL_LIMIT = env.float("TIKTOK_APP_CALL_LIMIT", 400.0)
# How long the log of calls to the platforms is kept.
API_CALLS_KEPT_DAYS = env.int("API_CALLS_KEPT_DAYS", 30)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "apps.core.logging.Redact"}},
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "apps.core.logging.JSONFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["redact"],
            "formatter": "plain",
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
}
