from pathlib import Path

import pytest

from tests.film import write_film


@pytest.fixture(scope="session")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """See `write_film`."""
    return write_film(tmp_path_factory.mktemp("film") / "film.avi")
