"""When something is wrong, and what becomes of an alert. Plain Python: no Django."""
