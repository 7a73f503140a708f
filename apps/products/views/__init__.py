"""Addresses that are no pages: pictures."""
