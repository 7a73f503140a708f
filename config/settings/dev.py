"""On your own machine: platform addresses point at the simulator."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403
from config.settings.base import FERNET_KEYS, SECRET_KEY, SIMULATOR_URL, VAR_DIR, env

if not (SECRET_KEY and FERNET_KEYS):
    raise ImproperlyConfigured(
        "SECRET_KEY and FERNET_KEYS are missing. `make env` writes a .env with fresh "
        "ones; .env.example explains each variable."
    )

DEBUG = env.bool("DEBUG", False)
WHITENOISE_USE_FINDERS = True
if not env.str("EMAIL_URL", ""):
    # Each mail becomes a file, to be read there.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

ALERT_HOOKS_MAY_STAY_INSIDE = DEBUG

TIKTOK_API_URL = env.str("TIKTOK_API_URL", SIMULATOR_URL)
TIKTOK_TOKEN_URL = env.str("TIKTOK_TOKEN_URL", SIMULATOR_URL)
TIKTOK_CONSENT_URL = env.str("TIKTOK_CONSENT_URL", SIMULATOR_URL)
TIKTOK_CONSENT_URL_US = env.str("TIKTOK_CONSENT_URL_US", SIMULATOR_URL)
TIKTOK_CREATOR_CONSENT_URL = env.str("TIKTOK_CREATOR_CONSENT_URL", SIMULATOR_URL)
TIKTOK_IMAGE_HOSTS = env.list("TIKTOK_IMAGE_HOSTS", default=[SIMULATOR_URL])
RATES_ECB_URL = env.str("RATES_ECB_URL", f"{SIMULATOR_URL}/rates/ecb")
RATES_OTHER_URL = env.str(
    "RATES_OTHER_URL", f"{SIMULATOR_URL}/rates/other/{{date}}/eur.json"
)
RATES_OTHER_NAME = env.str("RATES_OTHER_NAME", "Simulated rates")
