"""Plain functions that build rows; every argument has a sensible default."""
