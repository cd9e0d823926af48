import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.data.dataset import (
    FORMATS,
    EmptyDataset,
    Episode,
    OccupiedFolder,
    UnreadableDataset,
    open_writer,
    read_dataset,
    same_episode,
)
from hndp_core.data.demonstration_import import read_motion
from hndp_core.errors import InvalidSetting, UnknownName

from .made_episodes import made_episode

TEXTS = st.none() | st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n,;\"'"), min_size=1, max_size=12
)


@st.composite
def episodes(draw: st.DrawFn) -> Episode:
    """Any that a cell may store: stopped early, refused before it moved, slowed down, half-known."""
    slow_down = draw(st.sampled_from([1.0, 1.0, 1.5, 1.37]))
    steps = draw(st.integers(4, 9))
    made = draw(st.none() | st.integers(0, steps))
    facts = {
        "subject": draw(TEXTS),
        "label": draw(st.sampled_from([None, "success", "failure", "invalid"])),
        "gate": draw(st.sampled_from([None, 0, 1])),
        "gate_outdated": draw(st.sampled_from([None, False, True])),
        "label_events": draw(TEXTS),
        "period_error_p99_ms": draw(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
    }
    return made_episode(draw(st.integers(0, 2)), steps, made, slow_down, **facts)


def _write(format_name: str, folder: Path, written: list[Episode]) -> Path:
    writer = open_writer(format_name, folder)
    for each in written:
        writer.add(each)
    writer.close()
    return folder


@pytest.mark.parametrize("format_name", FORMATS)
@settings(max_examples=12, deadline=None)
@given(written=st.lists(episodes(), min_size=1, max_size=4))
def test_a_data_set_reads_back_bit_by_bit(format_name: str, written: list[Episode]) -> None:
    with tempfile.TemporaryDirectory() as place:
        read = list(read_dataset(_write(format_name, Path(place) / "set", written)))
    assert len(read) == len(written)
    assert all(same_episode(*each) for each in zip(written, read, strict=True))


def test_one_changed_bit_makes_another_episode() -> None:
    one = made_episode(0)
    assert same_episode(one, made_episode(0))
    assert not same_episode(one, replace(one, slow_down=1.0000000001))
    assert not same_episode(one, replace(one, video=one.video + b"\0"))
    assert not same_episode(one, replace(one, facts=replace(one.facts, gate=0)))
    assert not same_episode(one, replace(one, facts=replace(one.facts, y_m=1e-300)))


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_data_set_without_episodes_is_refused(tmp_path: Path, format_name: str) -> None:
    with pytest.raises(EmptyDataset, match="choose more"):
        open_writer(format_name, tmp_path / "set").close()


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_data_set_that_was_not_closed_is_none(tmp_path: Path, format_name: str) -> None:
    open_writer(format_name, tmp_path / "set").add(made_episode(0))
    with pytest.raises(UnreadableDataset, match="hndp export"):
        list(read_dataset(tmp_path / "set"))


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OccupiedFolder):
        open_writer("npz", tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]


def test_unknown_formats_are_told_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="lerobot"):
        open_writer("hdf5", tmp_path)


@pytest.mark.parametrize(("format_name", "file"), [("csv", "record.csv"), ("npz", "record.npz")])
def test_a_damaged_file_is_named(tmp_path: Path, format_name: str, file: str) -> None:
    folder = _write(format_name, tmp_path / "set", [made_episode(0), made_episode(1)])
    record = folder / "episode-000001" / file
    record.write_bytes(record.read_bytes()[:100])
    with pytest.raises(UnreadableDataset, match=r"row 3 of episodes\.csv"):
        list(read_dataset(folder))


def test_a_table_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    folder = _write("npz", tmp_path / "set", [made_episode(0)])
    index = folder / "episodes.csv"
    index.write_text(index.read_text().replace("episode-000000", "../set/episode-000000"))
    with pytest.raises(UnreadableDataset, match="no folder in it"):
        list(read_dataset(folder))


@pytest.mark.parametrize("file", ["record.csv", "record.npz"])
def test_single_records_can_be_imported_as_motions(tmp_path: Path, file: str) -> None:
    episode = made_episode(0, steps=9)
    folder = _write(file.rpartition(".")[2], tmp_path / "set", [episode])
    record = folder / "episode-000000" / file
    motion = read_motion(file, record.read_bytes()).recording
    assert (motion.joints == episode.commanded).all()


def test_unknown_texts_are_none_and_never_empty() -> None:
    with pytest.raises(InvalidSetting, match="subject"):
        made_episode(0, subject="")
