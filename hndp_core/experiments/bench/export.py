"""Whether data sets read back as they were written, and how fast, in every format."""

import time
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from hndp_core.data.dataset import FORMATS, Episode, EpisodeFacts, open_writer, read_dataset, same_episode
from hndp_core.data.images import encode_image
from hndp_core.data.trajectory import pack_arrays
from hndp_core.data.video import encode_video
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.rollout import execute
from hndp_core.rollout.rollout import RolloutRecord
from hndp_core.tasks import Region, Task, get_task
from hndp_core.tasks.camera_format import FRAME_INTERVAL

TARGETS: Final[dict[str, Target]] = {"round_trip_equal": {"at_least": 1.0}}
_TASK: Final = "scooping"
_MEBIBYTE: Final = 2**20


def measure(rollouts: int = 3, episodes: int = 60, steps: int | None = None) -> BenchRecord:
    """Write rollouts of the simulated arm, and variants of them, into each format and read them back.

    Args:
        rollouts: that are executed, each in another region
        episodes: of each data set: the rollouts in turn, whole, stopped early, refused and slowed down
        steps: of a rollout; None: all

    Raises:
        MissingGraphicsLibrary: no OpenGL to render with.
    """
    task = get_task(_TASK)
    with SimulatedRobot(task.build_scene()) as robot:
        executed = [_executed(robot, task, number, steps) for number in range(rollouts)]
    written = [_variant(executed[each % rollouts], each) for each in range(episodes)]
    figures: dict[str, float] = {}
    equal = True
    for name in FORMATS:
        with TemporaryDirectory(prefix="hndp-bench-export-") as place:
            folder = Path(place) / name
            began = time.perf_counter()
            _write(name, folder, written)
            wrote = time.perf_counter()
            read = list(read_dataset(folder))
            done = time.perf_counter()
            size = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
        same = len(read) == episodes and all(map(same_episode, written, read))
        equal = equal and same
        figures |= {
            f"{name}_written_per_s": episodes / (wrote - began),
            f"{name}_read_per_s": episodes / (done - wrote),
            f"{name}_mb": size / _MEBIBYTE,
        }
    figures = {"round_trip_equal": float(equal), **figures}
    notes = {"round_trip_equal": f"{episodes} episodes in each of {len(FORMATS)} formats, every bit"}
    return BenchRecord("export", present_commit(), figures, TARGETS, notes)


def _write(name: str, folder: Path, episodes: list[Episode]) -> None:
    writer = open_writer(name, folder)
    for each in episodes:
        writer.add(each)
    writer.close()


def _executed(robot: SimulatedRobot, task: Task, number: int, steps: int | None) -> Episode:
    """A demonstration of the scripted teacher, recorded as a cell records it."""
    region, variation = task.layout()[number], task.variation(number)
    robot.prepare(region, variation)
    path = robot.scene.demonstrate(region, variation)[:steps]
    record = execute(robot, path, record_video=True)
    return _episode(task, region, number, record, robot.rate_hz)


def _episode(task: Task, region: Region, number: int, record: RolloutRecord, rate_hz: float) -> Episode:
    video = encode_video(record.frames, Fraction(rate_hz) / FRAME_INTERVAL)
    numbers = {
        "start_joints": record.start_joints,
        "state": record.state,
        "commanded": record.commanded,
        "measured": record.measured,
        "time_s": record.time_s,
    }
    facts = EpisodeFacts(
        kind="demonstration",
        id=number,
        experiment="Bench",
        task=task.key,
        method="hndp",
        experiment_seed=0,
        region=region.name,
        region_split=region.split,
        x_m=region.x_m,
        y_m=region.y_m,
        simulated=True,
        cell="simulated",
        rate_hz=float(rate_hz),
        record_sha256=sha256(pack_arrays(numbers)).hexdigest(),
        video_sha256=sha256(video).hexdigest(),
        source="teacher",
        status="accepted",
    )
    return Episode(
        facts=facts,
        slow_down=record.slow_down,
        start_image=encode_image(record.start_image, "png"),
        video=video,
        **{name: np.asarray(each, dtype=np.float64) for name, each in numbers.items()},
    )


def _variant(episode: Episode, number: int) -> Episode:
    """The episode as it might have gone otherwise: judged, stopped early, refused, or slowed down."""
    made = len(episode.measured)
    kept = (made, made, made // 2, 0)[number % 4]
    judged = replace(
        episode.facts,
        kind="trial",
        id=number,
        label=(None, "success", "failure", "invalid")[number % 4],
        gate=(None, 1, 0)[number % 3],
        label_events='[{"outcome": "success", "note": "almond \\"at the rim\\",\\nthen in"}]',
        refusal="Joint 6 would move too fast." if kept == 0 else None,
    )
    return replace(
        episode,
        facts=judged,
        measured=episode.measured[:kept],
        time_s=episode.time_s[:kept],
        slow_down=1.37 if number % 4 == 1 else episode.slow_down,
    )
