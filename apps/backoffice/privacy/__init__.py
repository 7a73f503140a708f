"""Pages where people's data is handed out and erased."""
