"""Experiments and the regions of their task."""
