"""Figures, for programs."""
