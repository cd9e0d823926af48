"""What a training job reports of the pretraining, with the real scene."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from app.training import training_steps
from app.training.specification import RESULT, JobSpecification
from hndp_core.hierarchy import RefinementConfig
from hndp_core.hierarchy.pretraining import pretrain_encoder
from hndp_core.policies.checkpoint import save_checkpoint
from hndp_core.tasks import get_task

IMAGES, STEPS, SEED = 6, 20, 3


@pytest.fixture
def config() -> RefinementConfig:
    return RefinementConfig(pretrain_images=IMAGES, pretrain_steps=STEPS, batch_size=4, threads=1)


def test_pretraining_reports_its_pictures_and_learns_the_same(
    tmp_path: Path, config: RefinementConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    JobSpecification("pretraining", "scooping@clean", asdict(config), seed=SEED, gates=None).write(tmp_path)
    training_steps.run(tmp_path)
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    total = IMAGES + STEPS
    assert [(each["done"], each["total"]) for each in reports] == [
        *((picture, total) for picture in range(1, IMAGES + 1)),
        *((IMAGES + step, total) for step in (10, 20)),
    ]
    assert [each["at"] for each in reports if each["losses"]] == [10, 20]

    scene = get_task("scooping@clean").build_scene()
    images, positions = scene.pretraining_samples(IMAGES, SEED)
    scene.close()
    save_checkpoint(tmp_path / "silent", pretrain_encoder(config, images, positions, seed=SEED))
    assert (tmp_path / "silent").read_bytes() == (tmp_path / RESULT).read_bytes()
