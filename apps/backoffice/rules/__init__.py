"""What figures mean. Plain Python."""
