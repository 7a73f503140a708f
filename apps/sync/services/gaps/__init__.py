"""Recounts: whether a shop's orders here are all that the platform has, day by day."""
