"""Production: every secret is required, every cookie is safe, logs are JSON."""

from django.core.exceptions import ImproperlyConfigured

from apps.core.logging import without_request_values
from config.settings.base import *  # noqa: F403
from config.settings.base import LOGGING, env

_required = {
    "SECRET_KEY": "signs sessions",
    "FERNET_KEYS": "encrypt tokens and app secrets",
    "ALLOWED_HOSTS": "the host names people use",
    "PUBLIC_URL": "this server's https:// address",
    "DATABASE_URL": "postgres://…",
    "REDIS_URL": "redis://…",
}
_missing = [name for name in _required if not env.str(name, "").strip()]
if _missing:
    raise ImproperlyConfigured(
        "Production needs "
        + ", ".join(f"{name} ({_required[name]})" for name in _missing)
        + ". .env.example explains each variable."
    )

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
# Whoever watches the process from beside it, not through the proxy.
SECURE_REDIRECT_EXEMPT = [r"^health/(live/|ready/)?$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [env.str("PUBLIC_URL").rstrip("/")]

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
LOGGING["handlers"]["console"]["formatter"] = "json"  # type: ignore[index]

if _dsn := env.str("SENTRY_DSN", ""):
    import sentry_sdk

    sentry_sdk.init(
        dsn=_dsn,
        send_default_pii=False,
        include_local_variables=False,
        before_send=without_request_values,
    )
