"""Success rates, outcome maps and trajectories as figures."""
