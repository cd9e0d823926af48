"""Data sets of demonstrations and trials for other tools, and the way back: LeRobot v3, CSV and npz."""

from hndp_core.data.dataset.episode import Episode, EpisodeFacts, same_episode
from hndp_core.data.dataset.format_names import FORMATS
from hndp_core.data.dataset.formats import DatasetWriter, open_writer, read_dataset
from hndp_core.data.dataset.layout import EmptyDataset, OccupiedFolder, UnreadableDataset

__all__ = [
    "FORMATS",
    "DatasetWriter",
    "EmptyDataset",
    "Episode",
    "EpisodeFacts",
    "OccupiedFolder",
    "UnreadableDataset",
    "open_writer",
    "read_dataset",
    "same_episode",
]
