"""Cancellations, returns and refunds: requests, each with a story of its own."""
