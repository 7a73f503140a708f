"""Runs, for programs."""
