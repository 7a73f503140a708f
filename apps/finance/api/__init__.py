"""Settlements and payments for programs."""
