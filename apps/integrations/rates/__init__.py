"""Where exchange rates are published, read into quotes. Plain Python."""
