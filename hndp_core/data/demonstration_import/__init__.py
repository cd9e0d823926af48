"""Motions from files of other tools, as recordings of this project."""

from hndp_core.data.demonstration_import.imported_motion import ImportedMotion, UnusableFile
from hndp_core.data.demonstration_import.reader import FILE_KINDS, ImportOptions, read_motion

__all__ = ["FILE_KINDS", "ImportOptions", "ImportedMotion", "UnusableFile", "read_motion"]
