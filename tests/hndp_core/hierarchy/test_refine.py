from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hndp_core.errors import HndpError
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import TrialSet
from hndp_core.hierarchy.demonstration_check import DoubtfulDemonstrations
from hndp_core.hierarchy.methods import METHODS, get_method
from hndp_core.hierarchy.refine import IterationResult, Refinement
from hndp_core.hierarchy.rollout_request import simulated_operator
from hndp_core.hierarchy.rollout_rounds import MOST_ATTEMPTS
from hndp_core.hierarchy.run_folder import RunFolder
from hndp_core.policies.checkpoint import load_checkpoint
from hndp_core.policies.stacked_state_policy import StackedStatePolicy

from .synthetic_robot import SyntheticRobot, layout, pretraining_samples, shown_in

CONFIG = RefinementConfig(
    iterations=2,
    local_steps=30,
    local_refinement_steps=30,
    basis=8,
    threads=1,
    global_steps=60,
    global_refinement_steps=60,
    batch_size=6,
    pretrain_images=12,
    pretrain_steps=60,
    first_channels=4,
    second_channels=4,
    third_channels=4,
    second_stride=1,
)
REGIONS = layout(4, 2)


class Killed(Exception):
    pass


def silent(progress) -> None:
    pass


def refine(
    folder: Path,
    robot=None,
    operator=simulated_operator,
    config=CONFIG,
    regions=REGIONS,
    report=silent,
    shown=None,
):
    return Refinement(
        config,
        seed=0,
        regions=regions,
        demonstrations=shown or shown_in(regions),
        pretraining_samples=pretraining_samples,
        rollouts=robot or SyntheticRobot(),
        operator=operator,
        folder=RunFolder(folder),
        report=report,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every artefact but the clock's."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != "seconds.json"]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def without_seconds(results: list[IterationResult]) -> list[IterationResult]:
    return [replace(result, seconds={}) for result in results]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    robot = SyntheticRobot()
    return folder, list(refine(folder, robot).run()), robot


def test_every_region_is_tried_and_counted_apart(undisturbed):
    _, results, robot = undisturbed
    assert [result.iteration for result in results] == [1, 2]
    for result in results:
        assert (result.train_trials, result.held_out_trials) == (4, 2)
        assert result.open_gates == result.train_successes
    counts = {}
    for request in robot.requests:
        counts[request.purpose] = counts.get(request.purpose, 0) + 1
        assert (request.region.split == "held_out") == (request.purpose == "held_out")
    assert counts == {"local": 8, "gate": 8, "held_out": 4}


@pytest.mark.parametrize(
    ("iteration", "step", "done"),
    [
        (1, "pretraining", 55),
        (1, "local_rollouts", 2),
        (1, "global_training", 60),
        (1, "gate_rollouts", 3),
        (2, "local_training", 10),
        (2, "global_training", 55),
        (2, "held_out_rollouts", 2),
    ],
)
def test_killed_and_run_again_it_ends_with_the_same_bits(tmp_path, undisturbed, iteration, step, done):
    def kill(progress):
        if (progress.iteration, progress.step) == (iteration, step) and progress.done >= done:
            raise Killed

    with pytest.raises(Killed):
        list(refine(tmp_path, report=kill).run())
    results = list(refine(tmp_path).run())
    assert contents(tmp_path) == contents(undisturbed[0])
    assert without_seconds(results) == without_seconds(undisturbed[1])


def test_a_finished_run_moves_no_robot(undisturbed):
    robot = SyntheticRobot()
    assert without_seconds(list(refine(undisturbed[0], robot).run())) == without_seconds(undisturbed[1])
    assert robot.requests == []


def test_held_out_trials_never_influence_training(tmp_path, undisturbed):
    """Without held-out regions, all that was learned has the same bits."""
    list(refine(tmp_path, regions=layout(4, 2)[:4]).run())
    learned = contents(tmp_path)
    theirs = contents(undisturbed[0])
    for name, content in learned.items():
        if "held_out" not in name:
            assert content == theirs[name], name


def test_labels_of_gate_trials_do_influence_the_next_iteration(tmp_path, undisturbed):
    def contrary(result):
        return "failure" if simulated_operator(result) == "success" else "success"

    list(refine(tmp_path, operator=contrary).run())
    mine, theirs = contents(tmp_path), contents(undisturbed[0])
    first, second = (f"iterations/{number}/local_training.safetensors" for number in (1, 2))
    assert mine[first] == theirs[first]
    assert mine[second] != theirs[second]


def test_an_invalid_trial_is_made_again_and_not_counted(tmp_path):
    judged = []

    def first_invalid(result):
        judged.append(result)
        return "invalid" if len(judged) in (1, 5) else simulated_operator(result)

    robot = SyntheticRobot()
    (result,) = refine(tmp_path, robot, first_invalid, replace(CONFIG, iterations=1)).run()
    assert (result.train_trials, result.held_out_trials) == (4, 2)
    again = [request for request in robot.requests if request.attempt]
    assert [(request.purpose, request.region.name, request.attempt) for request in again] == [
        ("gate", "T1", 1),
        ("gate", "T1", 2),
    ]
    assert len({request.variation_seed for request in robot.requests}) == len(robot.requests)
    kept = TrialSet.from_bytes((tmp_path / "iterations/1/gate_trials.npz").read_bytes())
    assert kept.labels.tolist().count("invalid") == 2


def test_a_cell_that_only_gives_invalid_trials_ends_the_run(tmp_path):
    with pytest.raises(HndpError, match=f"invalid {MOST_ATTEMPTS} times.*look after the cell"):
        list(refine(tmp_path, operator=lambda result: "invalid").run())


def test_gate_rollouts_alone_can_feed_d(tmp_path):
    robot = SyntheticRobot()
    list(refine(tmp_path, robot, config=replace(CONFIG, dataset_source="gate_rollouts")).run())
    assert {request.purpose for request in robot.requests} == {"gate", "held_out"}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_runs_with_the_rollouts_and_networks_that_it_has(tmp_path, method):
    record = get_method(method)
    config = replace(CONFIG, method=method, iterations=2 if record.local_to_global else 1, global_steps=10)
    robot = SyntheticRobot()
    results = list(refine(tmp_path, robot, config=config).run())
    assert [each.train_trials for each in results] == [4] * config.iterations
    wanted = {"gate", "held_out"} | ({"local"} if record.local_to_global and record.new_images else set())
    assert {request.purpose for request in robot.requests} == wanted
    kept = {file.stem for file in (tmp_path / "iterations/1").glob("*.safetensors")}
    assert ("local_training" in kept) == record.local_to_global
    assert {"pretraining", "global_training"} <= kept


def test_the_control_takes_as_many_steps_on_as_many_images_none_of_them_new(tmp_path):
    seen = []
    control = replace(CONFIG, method="hndp_same_images")
    list(refine(tmp_path, config=control, report=seen.append).run())
    totals = {(each.iteration, each.step): each.total for each in seen if "training" in each.step}
    assert totals[1, "global_training"] == CONFIG.global_steps
    assert totals[2, "global_training"] == CONFIG.global_refinement_steps
    assert not (tmp_path / "iterations/1/local_rollouts.npz").exists()


def test_five_demonstrations_of_a_region_train_one_local_policy(tmp_path):
    shown = shown_in(REGIONS)
    fivefold = shown.take(np.repeat(np.arange(len(shown)), 5))
    results = list(refine(tmp_path, config=replace(CONFIG, iterations=1), shown=fivefold).run())
    assert results[0].train_trials == 4
    experts = load_checkpoint(tmp_path / "iterations/1/local_training.safetensors")
    assert isinstance(experts, StackedStatePolicy)
    assert experts.regions == 4


def test_missing_and_doubtful_demonstrations_are_refused(tmp_path):
    regions = layout(12, 0)
    refinement = {
        "config": CONFIG,
        "seed": 0,
        "pretraining_samples": pretraining_samples,
        "rollouts": SyntheticRobot(),
        "operator": simulated_operator,
        "folder": RunFolder(tmp_path),
        "report": silent,
    }
    with pytest.raises(HndpError, match="record those that are owed"):
        Refinement(**refinement, regions=regions, demonstrations=shown_in(regions[:11]))
    flipped = shown_in(regions)
    paths = flipped.trajectories.copy()
    paths[4] += np.linspace(0, 2, paths.shape[1])[:, None]
    with pytest.raises(DoubtfulDemonstrations, match="region 5 stands apart"):
        Refinement(**refinement, regions=regions, demonstrations=replace(flipped, trajectories=paths))
