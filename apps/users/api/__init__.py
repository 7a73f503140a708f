"""Oneself, roles, tokens and clients; and what all resources share."""
