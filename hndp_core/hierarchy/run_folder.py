"""Everything that a run has made, step by step: what is there is never made again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from hndp_core.data.artefact_store import ArtefactStore

Made = TypeVar("Made")


class RunFolder:
    """The artefacts of one run in one folder, each written whole or not at all.

    Args:
        path: the folder; made when first written to
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store = ArtefactStore(path)

    def file(self, key: str) -> Path:
        """Where the artefact of a key is kept."""
        return self.path / key

    def exists(self, key: str) -> bool:
        """Whether the artefact has been made."""
        return self._store.exists(key)

    def keep(
        self,
        key: str,
        make: Callable[[], Made],
        dump: Callable[[Made], bytes],
        parse: Callable[[bytes], Made],
    ) -> Made:
        """The artefact of a key, made now if it is not there yet.

        What is returned has always been through `dump` and `parse`, so that a resumed run goes
        on with exactly what an undisturbed one had.
        """
        if not self.exists(key):
            self._store.write(key, dump(make()))
        return parse(self._store.read(key))

    def write_json(self, key: str, value: object) -> None:
        """Write an object as readable JSON."""
        self._store.write(key, (json.dumps(value, indent=1, sort_keys=True) + "\n").encode())

    def read_json(self, key: str, default: object = None) -> object:
        """Read what `write_json` wrote, or the default if nothing is there."""
        return json.loads(self._store.read(key)) if self.exists(key) else default
