"""What was thrown away: brought back, or deleted for good."""
