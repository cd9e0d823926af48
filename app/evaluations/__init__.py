"""Blind comparisons of policies: sessions, their order, their labels, and what they show once they are closed."""
