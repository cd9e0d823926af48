"""Iterations, their steps, the policies they make and the gates they set."""
