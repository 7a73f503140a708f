"""The log of what platforms told us."""
