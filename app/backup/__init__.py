"""The whole studio in one place, and back again."""
