"""Whole runs without a browser, their statistics, and the benches.

Import the module you need: some of them load torch.
"""
