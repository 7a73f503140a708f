"""Clients of the platforms in plain Python: no Django, no Celery, no settings."""
