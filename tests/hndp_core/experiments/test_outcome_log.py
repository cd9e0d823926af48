import numpy as np

from hndp_core.experiments.outcome_log import OutcomeLog, outcomes
from hndp_core.hierarchy.rollout_request import RolloutRequest, RolloutResult
from hndp_core.hierarchy.run_folder import RunFolder
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import Region


def request(purpose: str, region: int) -> RolloutRequest:
    return RolloutRequest(purpose, 2, Region(region, "train", 0.5, 0.1 * region), "policy", None, 0)  # type: ignore[arg-type]


def ended(outcome: Outcome | None, refusal: str | None = None) -> RolloutResult:
    nothing = np.zeros(1)
    return RolloutResult(nothing, nothing, nothing, nothing, outcome, refusal)


def test_judged_rollouts_are_written_down_with_their_measures(tmp_path):
    folder = RunFolder(tmp_path)
    answers = [ended(Outcome(True, {"almonds": 7.0})), ended(None, "joint 4 too fast")]
    log = OutcomeLog(lambda requests: iter(answers), folder)
    assert list(log([request("gate", 1), request("gate", 2)])) == answers
    first, second = outcomes(folder, 2, "gate")
    assert (first["region"], first["success"], first["measures"]) == (1, True, {"almonds": 7.0})
    assert (second["success"], second["refusal"]) == (None, "joint 4 too fast")
    assert outcomes(folder, 1, "gate") == []


def test_a_trial_that_is_run_again_stands_behind_the_others(tmp_path):
    folder = RunFolder(tmp_path)
    log = OutcomeLog(lambda requests: (ended(Outcome(False, {})) for _ in requests), folder)
    both = [request("held_out", 1), request("held_out", 2)]
    list(log(both))
    list(log([both[1].again()]))
    assert [(row["region"], row["attempt"]) for row in outcomes(folder, 2, "held_out")] == [
        (1, 0),
        (2, 0),
        (2, 1),
    ]
    list(log(both))  # the step was cut off, and starts anew
    assert len(outcomes(folder, 2, "held_out")) == 2


def test_local_rollouts_are_judged_by_nobody(tmp_path):
    folder = RunFolder(tmp_path)
    list(OutcomeLog(lambda requests: iter([ended(None)]), folder)([request("local", 1)]))
    assert not any(tmp_path.iterdir())
