"""Trials and the label events that judge them."""
