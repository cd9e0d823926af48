"""What a training job is asked to do, and the names of the files in its folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from hndp_core.hierarchy import RefinementConfig

DEMONSTRATIONS, DATASET, GATE_TRIALS = "demonstrations.npz", "dataset.npz", "gate_trials.npz"
EXPERTS, WARM_START = "experts.safetensors", "warm_start.safetensors"
CHECKPOINT, RESULT, LOG = "checkpoint.safetensors", "result.safetensors", "job.log"
_SPECIFICATION = "specification.json"


@dataclass(frozen=True)
class JobSpecification:
    """What a training job shall do; everything else lies beside it as files.

    Attributes:
        kind: "pretraining", "local_training" or "global_training"
        task: name of the task
        settings: fields of `RefinementConfig`
        seed: of this step
        gates: by region index, of the iteration before; None in the first
    """

    kind: str
    task: str
    settings: dict[str, Any]
    seed: int
    gates: dict[int, int] | None

    @property
    def config(self) -> RefinementConfig:
        return RefinementConfig(**self.settings)

    def write(self, folder: Path) -> None:
        (folder / _SPECIFICATION).write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, folder: Path) -> Self:
        values = json.loads((folder / _SPECIFICATION).read_text())
        gates = values.pop("gates")
        return cls(**values, gates=None if gates is None else {int(key): gates[key] for key in gates})
