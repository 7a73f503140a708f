"""The web server's entry point."""

import os

from django.core.wsgi import get_wsgi_application

from config.roomy import roomy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
# A platform waits three seconds for its delivery to be taken in, and people not much
# longer: what has to wait for the database is told so. Workers have more patience.
os.environ.setdefault("DATABASE_WAIT_SECONDS", "2")
application = roomy(get_wsgi_application())
