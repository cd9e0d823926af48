"""Robot cells: one arm with its camera, and the jobs that move it."""
