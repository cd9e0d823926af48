"""H-NDP's Table I on the simulated Franka: its rows, their runs side by side, and what came of them.

`rows`, `planned_run`, `run_result`, `comparisons` and `summary` load no torch; `job` runs one row's run.
"""
