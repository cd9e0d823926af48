"""What one iteration of a run keeps: its networks, its rollouts, and how long each step took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast

from hndp_core.hierarchy.run_folder import RunFolder
from hndp_core.hierarchy.steps import StepProgress, StepReport
from hndp_core.learning.optimise import TrainingProgress
from hndp_core.policies.checkpoint import dump_checkpoint, parse_checkpoint
from hndp_core.policies.network import Network

Trained = TypeVar("Trained", bound=Network)
Made = TypeVar("Made")


class IterationFolder:
    """The part of a `RunFolder` that belongs to one iteration.

    Args:
        folder: of the run
        number: 1, 2, ...
        report: told of the progress of every step
    """

    def __init__(self, folder: RunFolder, number: int, report: StepReport) -> None:
        self.number = number
        self._folder, self._report = folder, report

    def network_file(self, step: str) -> Path:
        """Where the network of a training step is kept."""
        return self._folder.file(self._key(f"{step}.safetensors"))

    def seconds(self) -> dict[str, float]:
        """Wall time of each step, as far as it ran to its end in one process."""
        return cast(dict[str, float], self._folder.read_json(self._key("seconds.json"), {}))

    def tell(self, step: str, done: int, total: int, losses: dict[str, float] | None = None) -> None:
        """Report how far a step is."""
        self._report(StepProgress(self.number, step, done, total, losses or {}))

    def trained(self, step: str, train: Callable[..., Trained]) -> Trained:
        """The network of a training step; a training that was cut off goes on from its checkpoint."""
        partial = self._folder.file(self._key(f"{step}.partial"))

        def report(progress: TrainingProgress) -> None:
            self.tell(step, progress.done, progress.total, progress.losses)

        def make() -> Trained:
            with self._timed(step):
                return train(checkpoint=partial, report=report)

        key = self._key(f"{step}.safetensors")
        network = self._folder.keep(key, make, dump_checkpoint, parse_checkpoint)
        partial.unlink(missing_ok=True)
        return cast(Trained, network)

    def rolled_out(
        self,
        step: str,
        name: str,
        make: Callable[[], Made],
        dump: Callable[[Made], bytes],
        parse: Callable[[bytes], Made],
    ) -> Made:
        """What a rollout step has made, kept as `name`.npz."""

        def timed() -> Made:
            with self._timed(step):
                return make()

        return self._folder.keep(self._key(f"{name}.npz"), timed, dump, parse)

    def _key(self, name: str) -> str:
        return f"iterations/{self.number}/{name}"

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        seconds = {**self.seconds(), step: round(time.perf_counter() - began, 3)}
        self._folder.write_json(self._key("seconds.json"), seconds)
