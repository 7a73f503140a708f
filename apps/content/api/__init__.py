"""Creators and what they sold, for programs."""
