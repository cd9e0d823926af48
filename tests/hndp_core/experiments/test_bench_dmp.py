import sys

import pytest
import torch

from hndp_core.errors import MissingPackage
from hndp_core.experiments.bench import dmp, prodmp
from hndp_core.motion import DmpConfig, euler_rollout


def still_peer(config, batch):
    """Stands in for the peer where it is not installed: the start, held."""
    return lambda parameters, start: (
        (start + parameters.sum()).unsqueeze(1).repeat(1, config.rollout_length, 1)
    )


def test_figures_of_every_way_at_every_size(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dmp, "prodmp_trajectory", still_peer)
    record = dmp.measure(((2, 3), (7, 2)), rounds=1, turn_s=0.0)
    for way in ("layer", "euler", "prodmp", "matmul"):
        for part in ("forward", "forward_backward"):
            for size in ("2x3", "7x2"):
                least = record.figures[f"{way}_{part}_ms_min_{size}"]
                assert 0 < least <= record.figures[f"{way}_{part}_ms_median_{size}"]
    assert record.figures["speedup_vs_euler_7x2"] == pytest.approx(
        record.figures["euler_forward_backward_ms_min_7x2"]
        / record.figures["layer_forward_backward_ms_min_7x2"]
    )
    assert record.figures["ratio_to_matmul_7x2"] == pytest.approx(
        record.figures["layer_forward_ms_min_7x2"] / record.figures["matmul_forward_ms_min_7x2"]
    )
    assert not record.met  # the targets are of a size that was not measured


def test_the_targets_are_of_sizes_that_are_measured():
    measured = {f"{dof}x{batch}" for dof, batch in dmp.SIZES}
    assert {name.rsplit("_", 1)[1] for name in dmp.TARGETS} <= measured


@pytest.mark.parametrize("absent", ["mp_pytorch.mp", "matplotlib"])
def test_without_the_peer_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, absent: str):
    for name in [name for name in sys.modules if name.startswith("mp_pytorch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(MissingPackage, match=r"mp_pytorch.*requirements/dev\.txt"):
        prodmp.prodmp_trajectory(DmpConfig(), 1)


def test_the_peer_solves_the_same_problem():
    """Without forcing both approach the goal alike, but for the Euler steps of ours."""
    pytest.importorskip("matplotlib", reason="the peer imports it")
    config = DmpConfig(dof=2, basis=5, rollout_length=300)
    goal, start = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.0, 0.5]])
    parameters = torch.cat([torch.zeros(1, 2, 5), goal[..., None]], dim=-1)
    found = prodmp.prodmp_trajectory(config, 1)(parameters.flatten(1), start)
    ours = euler_rollout(config, parameters[..., :-1], goal, start, torch.zeros(1, 2))
    torch.testing.assert_close(found, ours, rtol=0, atol=0.05)
    assert (found[:, -1] - goal).abs().max() < 1e-3
