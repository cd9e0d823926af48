"""Kinesthetic demonstrations, one accepted per train region."""
