"""Alerts for programs."""
