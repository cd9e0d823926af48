"""Exports of an experiment as the studio leaves it behind."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.errors import Conflict, Invalid
from app.platform.settings import Settings
from app.training.models import Iteration
from app.transfers.dataset_files import export_dataset
from app.transfers.episodes import chosen_episodes, load_episode
from app.transfers.selection import Selection, read_iterations
from app.trials.models import LabelEvent, Trial
from hndp_core.data.dataset import FORMATS, read_dataset, same_episode

EVERYTHING = {"demonstrations": ("accepted", "recorded"), "purposes": ("local", "gate", "held_out")}


@pytest.fixture
def export(
    database: Database, settings: Settings, experiment: Experiment, tmp_path: Path
) -> Callable[..., Path]:
    def export(**choice: object) -> Path:
        folder = tmp_path / "out"
        selection = Selection(**choice)  # type: ignore[arg-type]
        export_dataset(database, settings.artefacts, experiment.id, selection, folder, lambda *_: None)
        return folder

    return export


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_demonstration_and_trial_comes_back_bit_by_bit(
    database: Database,
    settings: Settings,
    experiment: Experiment,
    export: Callable[..., Path],
    format_name: str,
) -> None:
    selection = Selection(format=format_name, **EVERYTHING)
    read = list(read_dataset(export(format=format_name, **EVERYTHING)))
    with database.reading() as session:
        rows = chosen_episodes(session, experiment.id, selection)
        stored = [load_episode(session, settings.artefacts, each) for each in rows]
        executed = session.scalars(select(Trial).where(Trial.status == "executed")).all()
    assert len(read) == len(executed) + 4
    assert all(same_episode(*each) for each in zip(stored, read, strict=True))


def test_facts_tell_how_a_trial_was_judged(
    database: Database, export: Callable[..., Path], user: User
) -> None:
    facts = [each.facts for each in read_dataset(export(format="npz", demonstrations=(), purposes=("gate",)))]
    assert {each.kind for each in facts} == {"trial"}
    assert {each.gate for each in facts} == {0, 1}
    outdated = [each for each in facts if each.gate_outdated]
    assert {(each.region, each.iteration) for each in outdated} == {("T4", 1)}
    judged = next(each for each in facts if each.label == "success" and not each.gate_outdated)
    events = json.loads(judged.label_events or "")
    assert events[-1]["outcome"] == "success"
    assert events[-1]["author"] == judged.label_author == user.name
    assert judged.simulated
    assert judged.physics_success is not None


def test_the_physics_stays_untold_until_its_iteration_is_closed(
    database: Database, export: Callable[..., Path]
) -> None:
    with database.transaction() as session:
        for each in session.scalars(select(Iteration)):
            each.finished_at = None
    facts = [each.facts for each in read_dataset(export(format="npz", demonstrations=(), purposes=("gate",)))]
    assert {each.physics_success for each in facts} == {None}


def test_trials_are_chosen_by_label_and_iteration(database: Database, export: Callable[..., Path]) -> None:
    folder = export(
        format="npz", demonstrations=(), purposes=("gate", "held_out"), labels=("failure",), iterations=(2,)
    )
    facts = [each.facts for each in read_dataset(folder)]
    assert {(each.label, each.iteration) for each in facts} == {("failure", 2)}


def test_what_lost_its_files_is_left_out_and_told(
    database: Database, settings: Settings, experiment: Experiment, tmp_path: Path
) -> None:
    with database.reading() as session:
        lost = chosen_episodes(session, experiment.id, Selection())[0]
    settings.artefacts.delete(f"demonstrations/{lost.id}/video.mp4")
    seen: list[tuple[int, int]] = []
    exported = export_dataset(
        database,
        settings.artefacts,
        experiment.id,
        Selection(format="npz"),
        tmp_path / "out",
        lambda done, total: seen.append((done, total)),
    )
    assert exported.episodes == 3
    assert [f"Demonstration {lost.id} is left out" in each for each in exported.left_out] == [True]
    assert seen[-1] == (4, 4)


def test_an_empty_choice_is_refused(export: Callable[..., Path]) -> None:
    with pytest.raises(Conflict, match="choose more"):
        export(format="npz", demonstrations=(), purposes=("gate",), iterations=(9,))


def test_labels_are_in_the_order_in_which_they_were_given(
    database: Database, export: Callable[..., Path]
) -> None:
    with database.reading() as session:
        given = {
            each.trial_id: each.outcome
            for each in session.scalars(select(LabelEvent).order_by(LabelEvent.id))
            if each.outcome != "withdrawn"
        }
    for each in read_dataset(export(format="csv", demonstrations=(), purposes=("gate",))):
        assert each.facts.label == given[each.facts.id]


@pytest.mark.parametrize(
    "choice",
    [
        {"format": "hdf5"},
        {"demonstrations": ()},
        {"purposes": ("evaluation",)},
        {"labels": ()},
        {"iterations": (0,)},
    ],
)
def test_a_selection_names_what_it_cannot_take(choice: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(Invalid) as refused:
        Selection(**choice)  # type: ignore[arg-type]
    assert refused.value.field == next(iter(choice))


def test_iterations_are_written_as_numbers_and_ranges() -> None:
    assert read_iterations(" 1, 3-5 ") == (1, 3, 4, 5)
    assert read_iterations("") == ()
    with pytest.raises(Invalid, match="1, 3-5"):
        read_iterations("first")


def test_a_selection_survives_the_database() -> None:
    selection = Selection(format="csv", purposes=("gate",), iterations=(1, 2))
    assert Selection.from_json(json.loads(json.dumps(selection.to_json()))) == selection
