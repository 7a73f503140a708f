"""What does not differ between environments. The environment is read here, once."""

import os
from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config import embedded, queues
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
    "axes",
    "django_otp",
    "django_otp.plugins.otp_static",
    "rest_framework",
    "django_filters",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.core",
    "apps.users",
    "apps.platforms",
    "apps.products",
    "apps.inventory",
    "apps.orders",
    "apps.finance",
    "apps.content",
    "apps.credit",
    "apps.sync",
    "apps.imports",
    "apps.webhooks",
    "apps.alerts",
    "apps.backoffice",
]

MIDDLEWARE = [
    "apps.core.middleware.request_id",  # first: all else may write a line
    "django.middleware.security.SecurityMiddleware",
    "apps.webhooks.middleware.straight_to_intake",  # before all that costs something
    "apps.core.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "apps.users.gates.session_ends",
    "apps.users.gates.second_factor",
    "apps.users.middleware.preview",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
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
    # The last connection that closes empties the write-ahead log into the file, which
    # takes longer than most requests.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
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
        # How long to wait for a connection; config/wsgi.py shortens it.
        "timeout": env.float("DATABASE_WAIT_SECONDS", 10),
        # After this the pool asks anew instead of ever less often: it would find a
        # database that is back only after as long again as that was away.
        "reconnect_timeout": 5,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# How many proxies stand before us, each adding to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it refuses who is locked out
    "apps.users.backends.PasswordBackend",
    "apps.platforms.backends.RoleBackend",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {
        "NAME": f"{_VALIDATORS}.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
# How long the link in a mail for a new password works.
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "landing"

# Sessions end after this long without a request, and this long after signing in.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", 120)
SESSION_HOURS = env.int("SESSION_HOURS", 12)
# Kept for longer than they open anything, so that the sign-in page can say why.
SESSION_COOKIE_AGE = SESSION_HOURS * 3600 + 7 * 24 * 3600
# Who has to have a second factor: no (whoever likes), admins or everyone.
TWO_FACTOR_REQUIRED = env.str("TWO_FACTOR_REQUIRED", "no")
if TWO_FACTOR_REQUIRED not in ("no", "admins", "everyone"):
    raise ImproperlyConfigured("TWO_FACTOR_REQUIRED is one of: no, admins, everyone.")

# Five failures with a name from an address lock the two for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Who goes on trying does not prolong the lock of the one who owns the name.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "apps.core.addresses.address_of"
AXES_USERNAME_CALLABLE = "apps.users.services.signin.counted_name"
AXES_LOCKOUT_CALLABLE = "apps.users.gates.locked_out"
# Its rows keep what was posted, but for the password; these are nobody's business too.
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    "email",
    "code",
    "next",
    "new_password1",
    "new_password2",
    "csrfmiddlewaretoken",
]
# The audit trail has the sign-ins, and its page is the only one.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# smtp+tls://user:password@host:587; without it, a mail host on this machine.
vars().update(env.email_url("EMAIL_URL", "smtp://localhost:25"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Shopdesk <shopdesk@localhost>")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Pictures of products. Not served as files: a view asks who may see them.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))

# One Redis-protocol server is broker and rate limiter; without REDIS_URL it is the
# one that `manage.py up` starts for itself on a Unix socket.
REDIS_URL = env.str("REDIS_URL", "") or embedded.redis_url(VAR_DIR)
# Counters that all processes share: the API's limits.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # A request must not wait for a server that is away.
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        "KEY_PREFIX": "shopdesk",
    }
}
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "") or (
    env.str("REDIS_URL", "") or embedded.broker_url(VAR_DIR)
)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    # Without these, kombu looks for abandoned messages only every 100 seconds.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # A worker looks into its queues in the order they were named to it.
    "queue_order_strategy": "priority",
}
# All three are known, so that a worker to whom none is named takes from all.
CELERY_TASK_QUEUES = [Queue(name) for name in queues.QUEUES]
CELERY_TASK_DEFAULT_QUEUE = queues.NEWS
CELERY_TASK_ROUTES = [queues.route]
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
TIKTOK_CREATOR_CONSENT_URL = env.str(
    "TIKTOK_CREATOR_CONSENT_URL", "https://shop.tiktok.com"
)
# Where the demo's simulator listens; production has none.
SIMULATOR_URL = env.str("SIMULATOR_URL", "http://127.0.0.1:8001")

# Keys the hashes that stand for buyers and addresses in credit scores. Its change makes
# old hashes differ from new ones; by default SECRET_KEY.
CREDIT_HASH_KEY = env.str("CREDIT_HASH_KEY", "")

# Where exchange rates are published: a folder with the ECB's files, and for currencies
# it lacks an address a day (empty: none), named as pages are to name it.
RATES_ECB_URL = env.str("RATES_ECB_URL", "https://www.ecb.europa.eu/stats/eurofxref")
RATES_OTHER_URL = env.str(
    "RATES_OTHER_URL",
    "https://cdn.jsdelivr.net/npm/@fawazahmed0/currency-api@{date}"
    "/v1/currencies/eur.json",
)
RATES_OTHER_NAME = env.str("RATES_OTHER_NAME", "currency-api")
# Hosts that pictures of listings are fetched from, beside TikTok's own.
TIKTOK_IMAGE_HOSTS = env.list("TIKTOK_IMAGE_HOSTS", default=[])
# Hosts that labels are fetched from, beside TikTok's own and the one called above.
TIKTOK_PAPER_HOSTS = env.list("TIKTOK_PAPER_HOSTS", default=[])
# The platform's limits, in calls a second: for one app in one shop (documented as 50,
# raised and lowered at will), and for one app in all its shops (not documented). We
# stay some percent below; 0 is no limit.
TIKTOK_SHOP_CALL_LIMIT = env.float("TIKTOK_SHOP_CALL_LIMIT", 50.0)
TIKTOK_APP_CALL_LIMIT = env.float("TIKTOK_APP_CALL_LIMIT", 400.0)
# Calls under way at once when many listings of a shop are told new stock: with our own,
# as many connections to the database as a process may hold.
STOCK_PUSH_THREADS = env.int("STOCK_PUSH_THREADS", 7)
# What machines that watch us bring, to read figures; without it they get none.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# How long the log of calls to the platforms is kept, until somebody decides otherwise.
API_CALLS_KEPT_DAYS = env.int("API_CALLS_KEPT_DAYS", 30)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.users.api.authentication.Tokens",
        "apps.users.api.authentication.Sessions",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.api.parsers.Json"],
    "DEFAULT_SCHEMA_CLASS": "apps.core.api.schema.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "apps.core.api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
KNOX_TOKEN_MODEL = "users.ApiToken"  # noqa: S105 (a name)
# The library's own table would be made beside ours, and stay empty.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_PREFIX": "sd_"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Shopdesk API",
    "DESCRIPTION": "Shops, orders and teams for programs. docs/api.md has the rules "
    "that hold for every operation: paging, filters, idempotency, ETags, limits.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    # Choices stand where they are used: "state" means another thing in each resource.
    "POSTPROCESSING_HOOKS": ["apps.core.api.schema.close_bodies"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
# On a developer's machine other tools that are told of alerts may be on it, too.
ALERT_HOOKS_MAY_STAY_INSIDE = False
# Requests a minute: of a person, of one token, and of an address nobody is known at.
API_USER_RATE = env.int("API_USER_RATE", 600)
API_TOKEN_RATE = env.int("API_TOKEN_RATE", 300)
API_ANONYMOUS_RATE = env.int("API_ANONYMOUS_RATE", 30)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "apps.core.logging.Redact"}},
    "formatters": {
        "plain": {
            "()": "apps.core.logging.TextFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
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
