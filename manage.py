#!/usr/bin/env python
"""Entry point of every command; config.settings.dev unless told otherwise."""

import os
import sys

from django.core.management import execute_from_command_line

from config.roomy import roomy

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    roomy(execute_from_command_line)(sys.argv)
