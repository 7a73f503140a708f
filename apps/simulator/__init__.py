"""TikTok Shop on your own machine: a server of its own, a stranger to our apps.

    DJANGO_SETTINGS_MODULE=config.settings.simulator \\
        gunicorn config.wsgi --workers 1 --threads 16 --worker-class gthread

One worker only: the world lives in its memory. All hosts of the platform are this
one server, told apart by path; `/` shows the world and `/control/` changes it.

Environment: SIMULATOR_SEED (which world), SIMULATOR_ORDERS (orders in ninety days,
200 to 200,000), SIMULATOR_STATE (a file that keeps connected shops connected over a
restart), SIMULATOR_REDIRECT_URL (where consent returns to, until an app says
otherwise), SIMULATOR_ALLOW_LOOPBACK_WEBHOOKS=1 (accept http and IP addresses).
"""
