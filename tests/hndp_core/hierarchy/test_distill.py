from dataclasses import replace

import numpy as np
import pytest
import torch

from hndp_core.errors import HndpError, InvalidSetting
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import RolloutSet
from hndp_core.hierarchy.distill import train_global_policy
from hndp_core.hierarchy.first_policies import first_global_policy
from hndp_core.hierarchy.local_experts import train_local_experts
from hndp_core.hierarchy.methods import METHODS, get_method
from hndp_core.hierarchy.pretraining import pretrain_encoder
from hndp_core.policies.checkpoint import dump_checkpoint
from hndp_core.policies.encoder import prepare_images
from hndp_core.policies.learned_policy import LearnedPolicy
from hndp_core.policies.nearest_demonstration import NearestDemonstration

from .synthetic_task import DOF, SIZE, demonstrations, image, path, rollouts, states

SHOWN = demonstrations(8)
D = rollouts(SHOWN)
CONFIG = RefinementConfig(
    local_steps=150,
    basis=8,
    threads=1,
    global_steps=250,
    global_learning_rate=3e-3,
    batch_size=8,
    pretrain_steps=150,
    pretrain_learning_rate=3e-3,
    first_channels=8,
    second_channels=8,
    third_channels=8,
    second_stride=1,
    augment_noise=0.0,
)
SHORT = replace(CONFIG, global_steps=12, pretrain_steps=60, local_steps=20, pretrained_features="trained")


class Killed(Exception):
    pass


def experts(config: RefinementConfig = SHORT):
    return train_local_experts(config, SHOWN, None, None, seed=0)


def pose_images(count: int) -> tuple[np.ndarray, np.ndarray]:
    places = states(count, seed=9)
    return np.stack([image(place) for place in places]), places


def test_the_global_policy_learns_to_see_where_to_go():
    encoder = pretrain_encoder(CONFIG, *pose_images(60), seed=0)
    policy = train_global_policy(CONFIG, SHOWN, D, experts(CONFIG), encoder, seed=0)
    unseen = states(10, seed=5)
    found = np.stack([policy.plan(image(place), np.zeros(DOF)) for place in unseen])
    wanted = np.stack([path(place, np.zeros(DOF)) for place in unseen])
    mean_path = np.broadcast_to(SHOWN.trajectories.mean(axis=0), wanted.shape)
    assert np.abs(found - wanted).mean() < 0.5 * np.abs(mean_path - wanted).mean()


def test_pretraining_tells_unseen_positions():
    network = pretrain_encoder(CONFIG, *pose_images(60), seed=0)
    places = states(20, seed=5)
    found = network(prepare_images(np.stack([image(place) for place in places]))).detach().numpy()
    assert np.abs(found - places).mean() < 0.3 * np.abs(places - places.mean(axis=0)).mean()


def test_one_seed_gives_the_same_bits_and_another_seed_others():
    policies = [
        dump_checkpoint(train_global_policy(SHORT, SHOWN, D, experts(), None, seed=seed))
        for seed in (0, 0, 1)
    ]
    assert policies[0] == policies[1] != policies[2]


@pytest.mark.parametrize("step", ["pretraining", "local_training", "global_training"])
def test_killed_and_resumed_training_ends_with_the_same_bits(tmp_path, step):
    config = replace(SHORT, global_steps=120)
    local = experts()
    config = replace(config, local_refinement_steps=70)

    def train(checkpoint=None, report=lambda progress: None) -> bytes:
        kept = {"checkpoint": checkpoint, "report": report}
        if step == "pretraining":
            return dump_checkpoint(
                pretrain_encoder(replace(config, pretrain_steps=70), *pose_images(20), seed=2, **kept)
            )
        if step == "local_training":
            return dump_checkpoint(
                train_local_experts(
                    replace(config, local_refinement_steps=70), SHOWN, None, local, seed=2, **kept
                )
            )
        return dump_checkpoint(train_global_policy(config, SHOWN, D, local, None, seed=2, **kept))

    def kill(progress):
        if progress.done >= 60:
            raise Killed

    with pytest.raises(Killed):
        train(tmp_path / "training", kill)
    resumed_from = []
    assert train(tmp_path / "training", lambda progress: resumed_from.append(progress.done)) == train()
    assert min(resumed_from) > 50


def test_an_empty_d_leaves_the_demonstrations_to_learn_from():
    policy = train_global_policy(SHORT, SHOWN, RolloutSet.empty(SIZE, 2, DOF), experts(), None, seed=0)
    assert policy.plan(SHOWN.images[0], SHOWN.starts[0]).shape == SHOWN.trajectories[0].shape


def test_observations_of_undemonstrated_regions_train_nothing():
    stranger = replace(D, regions=D.regions + 1)
    with pytest.raises(HndpError, match="without a demonstration"):
        train_global_policy(SHORT, SHOWN, stranger, experts(), None, seed=0)


def test_training_goes_on_from_the_policy_before_and_leaves_it_as_it_was():
    before = train_global_policy(SHORT, SHOWN, D, experts(), None, seed=0)
    content = dump_checkpoint(before)
    losses = []
    train_global_policy(
        replace(SHORT, global_refinement_learning_rate=1e-7),
        SHOWN,
        D,
        experts(),
        before,
        seed=1,
        report=lambda progress: losses.append(progress.losses),
    )
    assert dump_checkpoint(before) == content
    found = np.stack([before.plan(*seen) for seen in zip(SHOWN.images, SHOWN.starts, strict=True)])
    assert ((found - SHOWN.trajectories) ** 2).mean() < 0.5 * (SHOWN.trajectories**2).mean()
    assert losses[0]["demonstration"] < 0.5 * (SHOWN.trajectories**2).mean()


@pytest.mark.parametrize("choice", ["kept", "trained"])
def test_pretrained_features_are_kept_or_trained_on_as_asked(choice):
    encoder = pretrain_encoder(SHORT, *pose_images(10), seed=0)
    policy = train_global_policy(
        replace(SHORT, pretrained_features=choice), SHOWN, D, experts(), encoder, seed=0
    )
    same = [torch.equal(one, other) for one, other in zip(*map(parameters, (policy, encoder)), strict=True)]
    assert set(same) == {choice == "kept"}


@pytest.mark.parametrize("method", ["hndp", "act", "nearest"])
@pytest.mark.parametrize(("choice", "numbers"), [("readout", 2), ("feature_points", None)])
def test_policies_see_what_pretraining_taught_or_its_feature_points(method, choice, numbers):
    config = replace(SHORT, method=method, iterations=1, visual_input=choice)
    encoder = pretrain_encoder(config, *pose_images(10), seed=0)
    policy = first_global_policy(config, SHOWN, encoder, seed=0)
    assert isinstance(policy, LearnedPolicy | NearestDemonstration)
    assert policy.encoder.config.features == (numbers or encoder.encoder.config.coordinates)
    learned = encoder.encoder.state_dict()
    assert all(torch.equal(value, learned[name]) for name, value in policy.encoder.state_dict().items())


@pytest.mark.parametrize("method", METHODS)
def test_every_method_killed_and_resumed_ends_with_the_same_bits(tmp_path, method):
    config = replace(SHORT, method=method, iterations=1, global_steps=70)
    local, dataset = None, RolloutSet.empty(SIZE, 2, DOF)
    if get_method(method).local_to_global:
        local, dataset = experts(replace(SHORT, method=method)), D

    def train(checkpoint=None, report=lambda progress: None) -> bytes:
        kept = {"checkpoint": checkpoint, "report": report}
        return dump_checkpoint(train_global_policy(config, SHOWN, dataset, local, None, seed=2, **kept))

    def kill(progress):
        if progress.done >= 60:
            raise Killed

    if get_method(method).motion == "replay":
        assert train() == train(report=kill)
        return
    with pytest.raises(Killed):
        train(tmp_path / "training", kill)
    resumed_from = []
    assert train(tmp_path / "training", lambda progress: resumed_from.append(progress.done)) == train()
    assert min(resumed_from) > 50


def test_without_local_policies_only_the_demonstrations_are_learned():
    config = replace(SHORT, method="ndp", iterations=1)
    losses = []
    train_global_policy(
        config,
        SHOWN,
        RolloutSet.empty(SIZE, 2, DOF),
        None,
        None,
        seed=0,
        report=lambda progress: losses.append(progress.losses),
    )
    assert {each["distillation"] for each in losses} == {0.0}
    with pytest.raises(HndpError, match="no local policies to ask"):
        train_global_policy(config, SHOWN, D, None, None, seed=0)


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(InvalidSetting, match="choose cpu"):
        train_global_policy(SHORT, SHOWN, D, experts(), None, seed=0, device="abacus")


def parameters(network) -> list[torch.Tensor]:
    return list(network.encoder.parameters())
