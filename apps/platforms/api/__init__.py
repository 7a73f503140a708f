"""Clients, shops, teams, connect links and the log of calls, for programs."""
