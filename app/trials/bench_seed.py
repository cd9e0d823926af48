"""A database of very many trials, most of them labelled, for the bench of the label page."""

import os
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.models import Cell
from app.experiments.models import Experiment, Region
from app.platform.durable import Jobs
from app.platform.model import now
from app.platform.settings import Settings
from app.training.models import Iteration, Policy, Step
from app.trials.models import LabelEvent, Trial
from hndp_core.data.images import encode_image
from hndp_core.data.video import encode_video
from hndp_core.hierarchy import RefinementConfig
from hndp_core.tasks import get_task
from hndp_core.tasks.camera_format import FRAME_INTERVAL, POLICY_IMAGE_SIZE, VIDEO_HEIGHT, VIDEO_WIDTH

TASK: Final = "scooping"
TRAIN_REGIONS, ITERATIONS, RUNS = 100, 20, 5


def seed_many_trials(session: Session, settings: Settings, user: User, jobs: Jobs) -> None:
    """Store an experiment of 10,000 gate trials, all labelled but the last iteration's."""
    experiment = _experiment(session, user)
    session.add(experiment)
    session.flush()
    jobs.start_refinement(session, experiment.id)
    place = _first_record(settings.data_dir / "artefacts" / "trials")
    for number in range(1, ITERATIONS + 1):
        trials = _iteration(session, experiment, number)
        if number < ITERATIONS:
            session.execute(insert(LabelEvent), [_label(trial, user.id) for trial in trials])
        else:
            for trial in trials:
                _link_record(place, settings.data_dir / "artefacts" / "trials" / str(trial))


def _experiment(session: Session, user: User) -> Experiment:
    config = RefinementConfig(iterations=ITERATIONS, trials_per_region=RUNS)
    cell = Cell(name="bench", robot="simulated")
    session.add(cell)
    session.flush()
    return Experiment(
        name="Very many trials",
        task=get_task(TASK).key,
        method=config.method,
        operator="human",
        status="running",
        seed=0,
        iterations=ITERATIONS,
        trials_per_region=RUNS,
        layout_seed=0,
        settings=asdict(config),
        cell_id=cell.id,
        created_by_id=user.id,
        regions=[
            Region(index=each.index, name=each.name, split=each.split, x_m=each.x_m, y_m=each.y_m)
            for each in get_task(TASK).layout(TRAIN_REGIONS, 0)
        ],
    )


def _iteration(session: Session, experiment: Experiment, number: int) -> list[int]:
    """An iteration of executed gate trials; returns their ids."""
    iteration = Iteration(experiment_id=experiment.id, number=number)
    session.add(iteration)
    session.flush()
    policy = Policy(iteration_id=iteration.id, kind="global", artefact_key="none", sha256="0" * 64)
    waits = number == ITERATIONS
    status = "waiting" if waits else "done"
    session.add_all([policy, Step(iteration_id=iteration.id, kind="labelling", position=0, status=status)])
    session.flush()
    first = (number - 1) * TRAIN_REGIONS * RUNS + 1
    places = [(region, run) for region in experiment.regions for run in range(1, RUNS + 1)]
    rows: list[dict[str, Any]] = [
        {
            "id": first + place,
            "iteration_id": iteration.id,
            "region_id": region.id,
            "policy_id": policy.id,
            "cell_id": experiment.cell_id,
            "purpose": "gate",
            "repeat": run,
            "attempt": 1,
            "status": "executed",
            "simulated": True,
            "artefact_key": f"trials/{first + place}",
            "sha256": f"{first + place:012d}" + "0" * 52,
            "executed_at": now(),
        }
        for place, (region, run) in enumerate(places)
    ]
    session.execute(insert(Trial), rows)
    return [row["id"] for row in rows]


def _label(trial_id: int, user_id: int) -> dict[str, Any]:
    return {
        "trial_id": trial_id,
        "author_id": user_id,
        "outcome": "success" if trial_id % 3 else "failure",
        "request_key": f"seeded-{trial_id}",
    }


def _first_record(folder: Path) -> Path:
    """Files as large as those of a real trial: a noisy film of a whole rollout."""
    place = folder / "first"
    place.mkdir(parents=True)
    generator = np.random.default_rng(0)
    task = get_task(TASK)
    ground = cv2.resize(generator.integers(90, 200, (15, 20, 3), dtype=np.uint8), (VIDEO_WIDTH, VIDEO_HEIGHT))
    frames = []
    for step in range(task.rollout_length // FRAME_INTERVAL):
        frame = ground.copy()
        cv2.circle(frame, (40 + 2 * step, 120), 30, (60, 60, 70), -1)
        noise = generator.integers(0, 6, frame.shape, dtype=np.uint8)
        frames.append(cv2.add(frame, noise))
    small = cv2.resize(frames[0], (POLICY_IMAGE_SIZE, POLICY_IMAGE_SIZE))
    (place / "video.mp4").write_bytes(encode_video(frames, Fraction(task.control_rate_hz) / FRAME_INTERVAL))
    (place / "first.jpg").write_bytes(encode_image(frames[0], "jpg"))
    (place / "last.jpg").write_bytes(encode_image(frames[-1], "jpg"))
    (place / "start.png").write_bytes(encode_image(small, "png"))
    return place


def _link_record(original: Path, folder: Path) -> None:
    folder.mkdir()
    for file in original.iterdir():
        os.link(file, folder / file.name)
