"""Products, listings and which is which, for programs."""
