import pytest
import torch
from torch import nn

from hndp_core.errors import CheckpointError
from hndp_core.learning.minibatch import epoch_batch, generator_for
from hndp_core.learning.optimise import optimise, torch_threads
from hndp_core.learning.training_checkpoint import TrainingCheckpoint, fingerprint

STEPS = 30


class Killed(Exception):
    pass


def fresh() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))


def train(model: nn.Module, checkpoint: TrainingCheckpoint, report=lambda progress: None) -> bytes:
    inputs = torch.linspace(-1, 1, 36).reshape(12, 3)

    def losses(step: int) -> dict[str, torch.Tensor]:
        rows = epoch_batch(12, 5, step, seed=4)
        noise = torch.randn(5, 1, generator=generator_for(4, "noise", step))
        return {
            "fit": (model(inputs[rows]) - inputs[rows].sum(1, keepdim=True) + 0.1 * noise).square().mean()
        }

    optimise(
        model,
        losses,
        steps=STEPS,
        learning_rate=1e-2,
        checkpoint=checkpoint,
        report=report,
        report_every=1,
        checkpoint_every=5,
    )
    return b"".join(value.numpy().tobytes() for value in model.state_dict().values())


@pytest.mark.parametrize("killed_at", [1, 5, 7, 24, STEPS])
def test_killed_and_resumed_training_ends_with_the_same_bits(tmp_path, killed_at):
    undisturbed = train(fresh(), TrainingCheckpoint(None, "a"))

    def kill(progress):
        if progress.done == killed_at:
            raise Killed

    checkpoint = TrainingCheckpoint(tmp_path / "state.safetensors", "a")
    with pytest.raises(Killed):
        train(fresh(), checkpoint, kill)
    assert train(fresh(), checkpoint) == undisturbed


def test_a_resumed_training_does_not_repeat_finished_steps(tmp_path):
    checkpoint = TrainingCheckpoint(tmp_path / "state.safetensors", "a")
    train(fresh(), checkpoint)
    seen: list[int] = []
    train(fresh(), checkpoint, lambda progress: seen.append(progress.done))
    assert seen == []


def test_the_checkpoint_of_another_training_is_refused(tmp_path):
    path = tmp_path / "state.safetensors"
    train(fresh(), TrainingCheckpoint(path, "a"))
    with pytest.raises(CheckpointError, match="other settings"):
        train(fresh(), TrainingCheckpoint(path, "b"))
    path.write_bytes(b"torn")
    with pytest.raises(CheckpointError, match="delete it"):
        train(fresh(), TrainingCheckpoint(path, "a"))


def test_fingerprints_tell_settings_data_and_weights_apart():
    model = fresh()
    before = fingerprint("a", 1, torch.zeros(2).numpy(), model)
    assert before == fingerprint("a", 1, torch.zeros(2).numpy(), fresh())
    with torch.no_grad():
        next(model.parameters())[0, 0] += 1e-6
    others = {
        fingerprint("a", 1, torch.zeros(2).numpy(), model),
        fingerprint("a1", torch.zeros(2).numpy(), fresh()),
    }
    assert before not in others
    assert len(others) == 2


def test_every_epoch_visits_every_row_once():
    for epoch in range(3):
        rows = torch.cat([epoch_batch(12, 4, 3 * epoch + part, seed=0) for part in range(3)])
        assert sorted(rows.tolist()) == list(range(12))


def test_the_number_of_threads_is_restored():
    before = torch.get_num_threads()
    with torch_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
