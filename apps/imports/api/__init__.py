"""Files, for programs."""
