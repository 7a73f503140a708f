"""Orders, for programs."""
