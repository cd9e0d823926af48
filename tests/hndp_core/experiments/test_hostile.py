"""The oracle, what is drawn for it, and that the check before motion lets nothing unsafe through."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.errors import HndpError
from hndp_core.experiments.bench import hostile
from hndp_core.experiments.hostile_trajectories import hostile_trajectories, slow_way, swing, way
from hndp_core.experiments.motion_oracle import bone_ends, violation
from hndp_core.robots import check_trajectory
from hndp_core.robots import simulated as simulated_module
from hndp_core.tasks import get_task
from hndp_core.tasks.panda.arm_body import PandaBody
from hndp_core.tasks.panda.arm_facts import HOME_END_EFFECTOR_M
from hndp_core.tasks.panda.scooping import ScoopingTask

HOME = np.array([0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4])
RATE_HZ = 50.0
BODY = PandaBody()
KINDS = 13


def test_the_oracles_kinematics_reach_the_published_home():
    np.testing.assert_allclose(bone_ends(HOME[None])[0, -1], HOME_END_EFFECTOR_M, atol=2e-4)


def test_the_oracle_names_each_kind_of_violation():
    generator = np.random.default_rng(0)
    legal = swing(HOME, RATE_HZ, generator)
    assert violation(HOME, legal, RATE_HZ) is None
    jump, missing, beyond = legal.copy(), legal.copy(), legal.copy()
    jump[50:, 2] += 0.01
    missing[3, 3] = np.nan
    beyond[:, 3] += 3.0
    assert violation(HOME, jump, RATE_HZ) == "difference of order 2"
    assert violation(HOME, missing, RATE_HZ) == "not finite"
    assert violation(HOME, beyond, RATE_HZ) == "position"
    assert violation(HOME, legal[:, :6], RATE_HZ) == "wrong shape"
    assert violation(HOME, legal.tolist(), RATE_HZ) == "no array of float64"
    turned = HOME + 2.8 * np.eye(7)[0]
    assert violation(HOME, way(HOME, turned, int(2.3 * RATE_HZ)), RATE_HZ) == "difference of order 1"
    down, folded = HOME.copy(), np.array([0.0, -1.2, 0.0, -3.0, 0.0, 0.6, 0.0])
    down[1] = 1.2
    assert violation(HOME, slow_way(HOME, down, RATE_HZ), RATE_HZ) == "table"
    assert violation(HOME, slow_way(HOME, folded, RATE_HZ), RATE_HZ) == "self-collision"
    far = HOME.copy()
    far[5] = 5.5
    on_the_way = slow_way(HOME, far, RATE_HZ, share=1.0)
    cut = on_the_way[on_the_way[:, 5] < 3.74]
    assert violation(HOME, cut, RATE_HZ) == "no room to stop"


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 2**31))
def test_nothing_unsafe_passes_the_check(seed: int):
    for kind, trajectory in hostile_trajectories(HOME, RATE_HZ, KINDS, seed):
        try:
            check_trajectory(HOME, trajectory, RATE_HZ, body=BODY)  # pyright: ignore[reportArgumentType]
        except HndpError:
            continue
        assert violation(HOME, trajectory, RATE_HZ) is None, kind


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 2**31))
def test_slow_waves_pass_the_check(seed: int):
    path = swing(HOME, RATE_HZ, np.random.default_rng(seed))
    np.testing.assert_array_equal(check_trajectory(HOME, path, RATE_HZ, body=BODY), path)


def test_what_is_drawn_depends_on_the_seed_alone():
    first, again, other = (
        [repr(each) for _, each in hostile_trajectories(HOME, RATE_HZ, 5, seed)] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_the_bench_counts_what_a_deaf_check_lets_through(monkeypatch: pytest.MonkeyPatch):
    scene = get_task("scooping").build_scene()
    monkeypatch.setattr(ScoopingTask, "build_scene", lambda _: scene)
    guarded = hostile.measure(hostile=2 * KINDS, legal=6, tasks=("scooping",))
    assert guarded.figures["unsafe_executed"] == guarded.figures["legal_refused"] == 0
    assert guarded.figures["unexplained_errors"] == 0
    assert guarded.figures["hostile_unsafe"] > KINDS
    assert guarded.met

    def deaf(start: np.ndarray, trajectory: np.ndarray, *_: object, **__: object) -> np.ndarray:
        return np.array(trajectory, dtype=np.float64)

    monkeypatch.setattr(simulated_module, "check_trajectory", deaf)
    unguarded = hostile.measure(hostile=2 * KINDS, legal=3, tasks=("scooping",))
    assert unguarded.figures["unsafe_executed"] > 0
    assert not unguarded.met
