"""Who did what that may be asked about later."""
