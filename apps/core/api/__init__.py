"""What every part of the API is built on; no word of the domain."""
