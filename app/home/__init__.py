"""The home page, what waits for whom, and the help."""
