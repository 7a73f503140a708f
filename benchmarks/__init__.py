"""Programs that measure, and what they measure with."""
