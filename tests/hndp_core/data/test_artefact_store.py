import errno
import hashlib
import os
from pathlib import Path

import pytest

from hndp_core.data.artefact_store import ArtefactStore, BadArtefactKey, DamagedArtefact, MissingArtefact
from hndp_core.errors import StorageFull

CONTENT = b"almonds" * 1000


@pytest.fixture
def store(tmp_path):
    return ArtefactStore(tmp_path / "artefacts")


def _files(path):
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())


def test_what_is_written_is_read(store, tmp_path):
    artefact = store.write("trials/7/video.mp4", CONTENT)
    assert (artefact.key, artefact.size) == ("trials/7/video.mp4", len(CONTENT))
    assert artefact.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert store.read(artefact.key, artefact.sha256) == CONTENT
    assert store.exists(artefact.key)
    path = store.local_path(artefact.key)
    assert path == tmp_path / "artefacts" / "trials/7/video.mp4"
    assert _files(tmp_path) == ["artefacts/trials/7/video.mp4"]


def test_writing_again_replaces(store):
    store.write("a", b"old")
    store.write("a", b"new")
    assert store.read("a") == b"new"


def test_deleting_twice_changes_nothing(store):
    store.write("a", b"x")
    store.delete("a")
    store.delete("a")
    assert not store.exists("a")
    with pytest.raises(MissingArtefact, match="restore it"):
        store.read("a")


def test_damage_is_noticed(store):
    artefact = store.write("a", CONTENT)
    store.local_path("a").write_bytes(CONTENT[:-1])
    with pytest.raises(DamagedArtefact):
        store.read("a", artefact.sha256)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".hidden", "a\\b", "a\n", "a b"]
)
def test_keys_cannot_lead_out(store, key):
    for act in (lambda: store.write(key, b""), lambda: store.read(key), lambda: store.delete(key)):
        with pytest.raises(BadArtefactKey):
            act()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_no_half(store, tmp_path, monkeypatch, code, call):
    store.write("a", b"old")

    def full(*_):
        raise OSError(code, "no room")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(StorageFull, match="Free some space"):
        store.write("a", CONTENT)
    assert store.read("a") == b"old"
    assert _files(tmp_path) == ["artefacts/a"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_disk_that_is_full_when_written_to(store, tmp_path, monkeypatch):
    store.write("a", b"old")
    with open("/dev/full", "wb", buffering=0) as full, monkeypatch.context() as full_disk:
        full_disk.setattr(store._files, "open", lambda path, mode: full)
        with pytest.raises(StorageFull):
            store.write("a", CONTENT)
    assert _files(tmp_path) == ["artefacts/a"]
    assert store.read("a") == b"old"


def test_other_errors_keep_their_name_and_leave_nothing(store, tmp_path, monkeypatch):
    def broken(*_):
        raise PermissionError(errno.EACCES, "not yours")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(PermissionError):
        store.write("a", CONTENT)
    assert _files(tmp_path) == []


def test_other_places_than_folders_work():
    store = ArtefactStore("memory://bucket/artefacts")
    artefact = store.write("x/y", CONTENT)
    assert store.read("x/y", artefact.sha256) == CONTENT
    assert store.local_path("x/y") is None
    store.delete("x/y")
    assert not store.exists("x/y")


def test_files_go_in_and_out_piece_by_piece(tmp_path: Path) -> None:
    store = ArtefactStore(tmp_path / "store")
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(256)) * 9000)
    with file.open("rb") as source:
        written = store.write_from("transfers/1/large.bin", source)
    assert (written.sha256, written.size) == (hashlib.sha256(file.read_bytes()).hexdigest(), 2_304_000)
    with store.open("transfers/1/large.bin") as stored:
        assert stored.read() == file.read_bytes()
    assert store.size("transfers/1/large.bin") == 2_304_000


def test_keys_of_a_folder_and_of_all(tmp_path: Path) -> None:
    store = ArtefactStore(tmp_path)
    for key in ("trials/1/a", "trials/1/b", "trials/12/a"):
        store.write(key, b"x")
    (tmp_path / "trials" / "1" / ".0.draft").write_bytes(b"under way")
    assert store.keys("trials/12") == ["trials/12/a"]
    assert store.keys("trials/3") == []
    assert store.all_keys() == ["trials/1/a", "trials/1/b", "trials/12/a"]


def test_moving_and_deleting_whole_folders(tmp_path: Path) -> None:
    store = ArtefactStore(tmp_path)
    store.write("new/trials/1/a", b"x")
    store.move("new/trials/1/a", "trials/7/a")
    assert store.read("trials/7/a") == b"x"
    assert not store.exists("new/trials/1/a")
    store.delete_folder("trials/7")
    store.delete_folder("trials/7")
    assert store.all_keys() == []
    with pytest.raises(MissingArtefact):
        store.move("trials/7/a", "trials/8/a")
