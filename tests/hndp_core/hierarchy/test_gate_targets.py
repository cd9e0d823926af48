import numpy as np
import pytest

from hndp_core.errors import HndpError
from hndp_core.hierarchy.datasets import TrialSet
from hndp_core.hierarchy.gate_targets import GateTargets, gate_targets

from .synthetic_task import demonstrations


def trials(regions: list[int], labels: list[str]) -> TrialSet:
    count = len(regions)
    rows = np.arange(float(count))
    return TrialSet(
        regions=np.array(regions),
        labels=np.array(labels),
        images=np.zeros((count, 4, 4, 3), np.uint8),
        states=np.column_stack([rows, rows]),
        starts=np.column_stack([rows, rows]),
        trajectories=np.broadcast_to(rows[:, None, None], (count, 5, 2)),
    )


def test_gate_targets_refuse_half_open_gates_and_missing_rows():
    rows = {"states": np.zeros((2, 2)), "starts": np.zeros((2, 7)), "trajectories": np.zeros((2, 5, 7))}
    with pytest.raises(HndpError, match="0 or 1"):
        GateTargets(gates=np.array([1.0, 0.5]), **rows)
    with pytest.raises(HndpError, match="3 rows"):
        GateTargets(gates=np.ones(3), **rows)
    assert GateTargets(gates=np.array([1.0, 0.0]), **rows).open_count == 1


def test_state_start_and_trajectory_come_from_one_successful_trial():
    judged = trials([1, 2, 1, 2, 1], ["failure", "failure", "success", "invalid", "success"])
    targets = gate_targets(demonstrations(2), judged, {1: 1, 2: 0})
    assert targets.gates.tolist() == [1.0, 0.0]
    assert targets.states[:, 0].tolist() == [2.0, 1.0]
    assert targets.starts[:, 0].tolist() == targets.trajectories[:, 0, 0].tolist() == [2.0, 1.0]


def test_an_open_gate_without_a_successful_trial_is_refused():
    with pytest.raises(HndpError, match="Region 1 has no trial"):
        gate_targets(demonstrations(1), trials([1], ["failure"]), {1: 1})


def test_invalid_trials_are_not_counted():
    judged = trials([1, 2, 1], ["invalid", "failure", "success"])
    assert (judged.successes, judged.counted) == (1, 2)
    assert judged.labels_by_region() == {1: ["invalid", "success"], 2: ["failure"]}
