"""How amounts become comparable, and what a period brought in. Plain Python."""
