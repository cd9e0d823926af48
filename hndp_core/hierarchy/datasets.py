"""What training learns from: demonstrations of every region, and the data set D that grows by rollouts."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from jaxtyping import Int, Int64, Shaped

from hndp_core.data.trajectory import pack_arrays, unpack_arrays
from hndp_core.errors import HndpError, ShapeMismatch


class _Rows:
    """Arrays with one row per observation, stored as npz without pickle."""

    def __len__(self) -> int:
        return len(self.regions)  # type: ignore[attr-defined]

    def _check_rows(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]
            values = getattr(self, each.name)
            if len(values) != len(self):
                raise ShapeMismatch(each.name, values.shape, f"{len(self)} rows")

    def to_bytes(self) -> bytes:
        """The rows as an npz file."""
        names = [each.name for each in fields(self)]  # type: ignore[arg-type]
        return pack_arrays({name: getattr(self, name) for name in names})

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote; pickled content is refused.

        Raises:
            HndpError: for a file of another kind.
        """
        arrays = unpack_arrays(content)
        wanted = [each.name for each in fields(cls)]  # type: ignore[arg-type]
        if sorted(arrays) != sorted(wanted):
            raise HndpError(
                f"This file is no {cls.__name__}: it holds {sorted(arrays)}, expected {sorted(wanted)}."
            )
        return cls(**arrays)

    def take(self, rows: Int[np.ndarray, " chosen"]) -> Self:
        """The chosen rows, in the order given."""
        return type(self)(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})  # type: ignore[arg-type]


@dataclass(frozen=True)
class DemonstrationSet(_Rows):
    """Accepted demonstrations, r of each train region, in region order; the paper has r = 1 and r = 5.

    Attributes:
        regions: (M r,) int64, `Region.index`; the rows of a region stand side by side
        images: (M r, H, W, 3) uint8 first images
        states: (M r, S) privileged states at the start
        starts: (M r, dof) start joints [rad]
        trajectories: (M r, T, dof) joint paths [rad], row t at time (t + 1) dt

    Raises:
        HndpError: some regions have more demonstrations than others, or their rows are mixed.
    """

    regions: np.ndarray
    images: np.ndarray
    states: np.ndarray
    starts: np.ndarray
    trajectories: np.ndarray

    def __post_init__(self) -> None:
        self._check_rows()
        if self.trajectories.ndim != 3 or self.trajectories.shape[2] != self.starts.shape[1]:
            raise ShapeMismatch(
                "trajectories", self.trajectories.shape, "(demonstrations, time, joints) as in starts"
            )
        if self.regions.tolist() != np.repeat(self.region_order, self.per_region).tolist():
            raise HndpError(
                "The demonstrations are not equally many of each region, region by region: "
                "accept as many of every region, and keep those of one region together."
            )

    @property
    def region_order(self) -> list[int]:
        """(M,) `Region.index` of each region, in the order of their rows."""
        return list(dict.fromkeys(self.regions.tolist()))

    @property
    def per_region(self) -> int:
        """r, the number of demonstrations of each region."""
        return len(self) // max(1, len(self.region_order))

    def by_region(self, name: str) -> Shaped[np.ndarray, "region repeat ..."]:
        """The array of that name with one row a region."""
        values = getattr(self, name)
        return values.reshape(len(self.region_order), self.per_region, *values.shape[1:])

    def first_of_each_region(self) -> Self:
        """One demonstration of each region."""
        return self.take(np.arange(0, len(self), max(1, self.per_region)))

    def observations(self, iteration: int) -> "RolloutSet":
        """The first image of each region as rows for D: what a control without new images learns from."""
        return _observed(self.first_of_each_region(), iteration)


@dataclass(frozen=True)
class RolloutSet(_Rows):
    """The data set D: start observations of rollouts in train regions (H-NDP Algorithm 1). It only grows.

    What the local policy of the region does from such an observation is computed anew when the
    global policy is trained, since the local policies change from one iteration to the next (Eq. 3).

    Attributes:
        regions: (N,) int64, `Region.index` of a train region
        iterations: (N,) int64, when the row was collected
        images: (N, H, W, 3) uint8
        states: (N, S)
        starts: (N, dof) [rad]
    """

    regions: np.ndarray
    iterations: np.ndarray
    images: np.ndarray
    states: np.ndarray
    starts: np.ndarray

    def __post_init__(self) -> None:
        self._check_rows()

    @classmethod
    def empty(cls, image_size: int, state_size: int, dof: int) -> Self:
        """D before the first rollout."""
        return cls(
            regions=np.zeros(0, np.int64),
            iterations=np.zeros(0, np.int64),
            images=np.zeros((0, image_size, image_size, 3), np.uint8),
            states=np.zeros((0, state_size)),
            starts=np.zeros((0, dof)),
        )

    def grown(self, other: Self) -> Self:
        """A new set with the rows of `other` after the rows of this one."""
        names = [each.name for each in fields(self)]
        return type(self)(
            **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names}
        )

    def experts_of(self, demonstrations: DemonstrationSet) -> Int64[np.ndarray, " rollout"]:
        """For each row of D the local policy of its region, counted as the regions are.

        Raises:
            HndpError: for a row from a region without a demonstration.
        """
        position = {region: row for row, region in enumerate(demonstrations.region_order)}
        strangers = sorted({region for region in self.regions.tolist() if region not in position})
        if strangers:
            raise HndpError(
                f"D holds rollouts of regions {strangers} without a demonstration: accept one for each."
            )
        return np.array([position[region] for region in self.regions.tolist()], dtype=np.int64)


@dataclass(frozen=True)
class TrialSet(_Rows):
    """Judged rollouts of the global policy in one iteration; for evaluation, or to set gates, never both.

    Attributes:
        regions: (K,) int64, `Region.index` within its split
        labels: (K,) text: success, failure or invalid
        images: (K, H, W, 3) uint8
        states: (K, S)
        starts: (K, dof) [rad]
        trajectories: (K, T, dof) commanded joints [rad]
    """

    regions: np.ndarray
    labels: np.ndarray
    images: np.ndarray
    states: np.ndarray
    starts: np.ndarray
    trajectories: np.ndarray

    def __post_init__(self) -> None:
        self._check_rows()

    @property
    def counted(self) -> int:
        """Trials that count: all but the invalid ones."""
        return int((self.labels != "invalid").sum())

    @property
    def successes(self) -> int:
        """Trials judged successful."""
        return int((self.labels == "success").sum())

    def labels_by_region(self) -> dict[int, list[str]]:
        """The labels of each region, for `gates_from_labels`."""
        return {
            region: self.labels[self.regions == region].tolist()
            for region in sorted(set(self.regions.tolist()))
        }

    def observations(self, iteration: int) -> RolloutSet:
        """The start observations as rows for D. Only for trials in train regions."""
        return _observed(self, iteration)


def _observed(seen: DemonstrationSet | TrialSet, iteration: int) -> RolloutSet:
    return RolloutSet(
        regions=seen.regions,
        iterations=np.full(len(seen), iteration, dtype=np.int64),
        images=seen.images,
        states=seen.states,
        starts=seen.starts,
    )
