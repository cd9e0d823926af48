"""Blind comparisons of policies: sessions, their order and labels, and what they show once closed."""
