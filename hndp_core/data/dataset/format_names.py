"""The formats by name; apart from their writers, which load far more."""

from typing import Final

FORMATS: Final = {
    "lerobot": "LeRobotDataset v3: Parquet tables and MP4 videos",
    "csv": "CSV: one table for each episode, and one of all episodes",
    "npz": "npz: NumPy arrays of each episode, and a CSV table of all episodes",
}
"""Names with what they are, for people."""
