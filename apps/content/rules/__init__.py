"""What sold a line, and how well: channels, ranks, funnels, lives. Plain Python."""
