"""A folder as one zip file."""

from pathlib import Path
from zipfile import ZIP_STORED, ZipFile


def pack_folder(folder: Path, file: Path) -> None:
    """Write all files of a folder into a zip file, under the folder's name.

    They are not compressed again: videos, images and Parquet tables would hardly get smaller.
    """
    with ZipFile(file, "w", ZIP_STORED) as packed:
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                packed.write(each, Path(folder.name) / each.relative_to(folder))
