"""Demonstrations of a data set as motions of a draft, to be looked at before the arm executes them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.accounts.models import User
from app.demonstrations.motions import store_motion
from app.experiments.repository import ExperimentRepository
from app.platform.database import Database
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.dataset import Episode, read_dataset
from hndp_core.data.joint_recording import JointRecording


@dataclass(frozen=True)
class Imported:
    """What came of an import.

    Attributes:
        motions: ids of those that wait to be looked at
        left_out: why others were not taken, as sentences
    """

    motions: tuple[int, ...]
    left_out: tuple[str, ...]


def import_demonstrations(
    database: Database, store: ArtefactStore, user: User, experiment_id: int, folder: Path
) -> Imported:
    """Take each demonstration of a data set for the train region of its name, one transaction each.

    Raises:
        UnreadableDataset: no data set, or a damaged one; what came before is kept.
        Conflict: the experiment has started.
    """
    motions: list[int] = []
    left_out: list[str] = []
    for episode in read_dataset(folder):
        facts = episode.facts
        if facts.kind != "demonstration":
            continue
        with database.transaction() as session:
            experiment = ExperimentRepository(session).get(experiment_id)
            train = {each.name: each for each in experiment.regions if each.split == "train"}
            if facts.region not in train:
                left_out.append(
                    f"There is no train region {facts.region}, which demonstration {facts.id} is for."
                )
                continue
            motion = store_motion(
                session,
                store,
                region=train[facts.region],
                user=session.get_one(User, user.id),
                recording=recording_of(episode),
                source="imported",
                name=f"{facts.experiment}: {facts.region}",
                notes=(f"Demonstration {facts.id} of {facts.experiment}, as it was streamed.",),
            )
            motions.append(motion.id)
    return Imported(tuple(motions), tuple(left_out))


def recording_of(episode: Episode) -> JointRecording:
    """The start and the commands of an episode over time."""
    joints = np.vstack([episode.start_joints, episode.streamed()])
    return JointRecording(np.arange(len(joints)) / episode.facts.rate_hz, joints)
