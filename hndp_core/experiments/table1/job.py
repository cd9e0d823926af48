"""One job of the table in a process of its own: `python -m hndp_core.experiments.table1.job JOB`.

Killed at any moment, the same job goes on where it was and ends with the same bits.
"""

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, Self

from hndp_core.experiments.process_life import die_with_parent
from hndp_core.experiments.table1.planned_run import Conditions, PlannedRun
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.steps import iteration_steps

Part = Literal["pretraining", "demonstrations", "run"]


@dataclass(frozen=True)
class Job:
    """What one process does.

    Attributes:
        part: material that rows share, or the run itself
        run: for which it is done
        conditions: of the table
        data_dir: keeps the work
        out: takes the result
        jobs: how many run at the same time; nothing but durations depends on it
        keep: whether images and policies are kept afterwards
    """

    part: Part
    run: PlannedRun
    conditions: Conditions
    data_dir: Path
    out: Path
    jobs: int = 1
    keep: bool = False

    @property
    def done_file(self) -> Path:
        """What is there when the job is done."""
        shared = self.data_dir / "shared" / self.conditions.fingerprint
        return {
            "pretraining": shared / self.run.pretraining_key / "pretraining.safetensors",
            "demonstrations": shared / self.run.material_key / "demonstrations.npz",
            "run": result_file(self.out, self.run),
        }[self.part]

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.done_file.exists()

    def needs(self) -> list["Job"]:
        """Jobs that must be done before this one."""
        if self.part != "run":
            return []
        parts: list[Part] = ["demonstrations"]
        if "pretraining" in iteration_steps(1, self.run.settings(self.conditions).config):
            parts.append("pretraining")
        return [replace(self, part=part) for part in parts]

    @property
    def run_folder(self) -> Path:
        """Where the run works."""
        return self.data_dir / "runs" / self.run.key

    def to_json(self) -> str:
        """All of it, for the process's command line."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`."""
        values = json.loads(text)
        conditions = values.pop("conditions")
        return cls(
            part=values["part"],
            run=PlannedRun(**values["run"]),
            conditions=Conditions(
                RefinementConfig(**conditions["config"]), conditions["regions"], conditions["held_out"]
            ),
            data_dir=Path(values["data_dir"]),
            out=Path(values["out"]),
            jobs=values["jobs"],
            keep=values["keep"],
        )


def result_file(out: Path, run: PlannedRun) -> Path:
    """Where the result of a run stands."""
    return out / "table1" / f"{run.key}.json"


def do(job: Job) -> None:
    """Do the job in this process, unless it is done."""
    from hndp_core.experiments.table1 import material, row_run  # they load torch

    doers = {"pretraining": material.pretrain, "demonstrations": material.demonstrate, "run": row_run.run_row}
    if not job.done:
        doers[job.part](job)


def main() -> None:
    """Do the job of the command line, and die with the process that gave it."""
    die_with_parent()
    do(Job.from_json(sys.argv[1]))


if __name__ == "__main__":
    main()
