from pathlib import Path

from hndp_core.data.episode_file import read_episode
from hndp_core.experiments.bench.killed_recording import lost_seconds


def test_loss_is_from_the_last_kept_to_the_last_taken_sample(tmp_path: Path) -> None:
    lost = lost_seconds(tmp_path / "a", after_s=0.4)
    assert 0.0 <= lost < 1.0
    episode = read_episode(tmp_path / "a")
    assert not episode.complete
    assert episode.recording is not None
    assert episode.recording.duration_s >= 0.4 - lost
