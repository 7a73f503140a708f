"""What platforms told us, for programs."""
