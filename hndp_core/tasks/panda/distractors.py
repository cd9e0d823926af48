"""Distractors: things on the table that have nothing to do with the task. They are seen, not touched."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot, pi
from typing import Final

import numpy as np

from hndp_core.tasks.panda.simulator import Model, Spec, mujoco
from hndp_core.tasks.workspace import Workspace

CLEAR_OF_OBJECT_M: Final = 0.13
"""Least distance from the object's axis: outside of it the tool is higher than any of these things."""

_AROUND_WORKSPACE_M: Final = 0.10
_HALF_SIZE_M: Final = (0.010, 0.025)
_TRIES: Final = 200
_HIDDEN: Final = (0.0, 0.0, 0.0, 0.0)
_NAME: Final = "distractor"


@dataclass(frozen=True)
class Distractor:
    """One thing that stands on the table.

    Attributes:
        kind: "box", "cylinder" or "sphere".
        half_sizes_m: as MuJoCo takes them for that kind.
        place_m: (x, y, z) of its middle, in the robot's base frame.
        turn_rad: turn about the vertical.
        rgba: its colour.
    """

    kind: str
    half_sizes_m: tuple[float, float, float]
    place_m: tuple[float, float, float]
    turn_rad: float
    rgba: tuple[float, float, float, float]


def draw_distractors(
    count: int, seed: int, workspace: Workspace, object_m: tuple[float, float]
) -> tuple[Distractor, ...]:
    """Draw things of all shapes and colours about an object, clear of it and of each other.

    Returns:
        `count` of them, or fewer where the table is too full for more. Equal arguments give equal ones.
    """
    generator = np.random.default_rng(seed)
    taken = [(*object_m, CLEAR_OF_OBJECT_M)]
    drawn: list[Distractor] = []
    for thing in _things(generator, workspace):
        (x, y, _), radius = thing.place_m, hypot(*thing.half_sizes_m[:2])
        if all(hypot(x - other_x, y - other_y) > radius + reach for other_x, other_y, reach in taken):
            taken.append((x, y, radius))
            drawn.append(thing)
        if len(drawn) == count:
            break
    return tuple(drawn)


def _things(generator: np.random.Generator, workspace: Workspace) -> Iterator[Distractor]:
    for _ in range(_TRIES):
        x = generator.uniform(
            workspace.x_min_m - _AROUND_WORKSPACE_M, workspace.x_max_m + _AROUND_WORKSPACE_M
        )
        y = generator.uniform(
            workspace.y_min_m - _AROUND_WORKSPACE_M, workspace.y_max_m + _AROUND_WORKSPACE_M
        )
        a, b, c = (float(size) for size in generator.uniform(*_HALF_SIZE_M, 3))
        kind = ("box", "cylinder", "sphere")[generator.integers(3)]
        sizes = {"box": (a, b, c), "cylinder": (a, c, 0.0), "sphere": (a, 0.0, 0.0)}[kind]
        height = a if kind == "sphere" else c
        red, green, blue = (float(share) for share in generator.uniform(0.05, 0.95, 3))
        turn_rad = float(generator.uniform(-pi, pi))
        yield Distractor(kind, sizes, (x, y, height), turn_rad, (red, green, blue, 1.0))


def add_distractors(spec: Spec, count: int) -> None:
    """Add so many things to the model, hidden until `scatter` shows them."""
    for number in range(count):
        spec.worldbody.add_geom(
            name=f"{_NAME}{number}",
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=(0.01, 0.01, 0.01),
            rgba=_HIDDEN,
            contype=0,
            conaffinity=0,
        )


def distractor_geoms(model: Model) -> list[int]:
    """Return the numbers of the geoms that `add_distractors` added."""
    return [geom for geom in range(model.ngeom) if model.geom(geom).name.startswith(_NAME)]


def scatter(
    model: Model, geoms: list[int], workspace: Workspace, object_m: tuple[float, float], seed: int | None
) -> None:
    """Show the model's distractors about an object at (x, y) [m]; none of them without a seed."""
    things = () if seed is None else draw_distractors(len(geoms), seed, workspace, object_m)
    model.geom_rgba[geoms] = _HIDDEN
    # The compiler noted that these geoms sit in the table's frame; they no longer do.
    model.geom_sameframe[geoms] = mujoco.mjtSameFrame.mjSAMEFRAME_NONE
    for geom, thing in zip(geoms, things, strict=False):
        model.geom_type[geom] = getattr(mujoco.mjtGeom, f"mjGEOM_{thing.kind.upper()}")
        model.geom_size[geom] = thing.half_sizes_m
        model.geom_pos[geom] = thing.place_m
        mujoco.mju_axisAngle2Quat(model.geom_quat[geom], np.array([0.0, 0.0, 1.0]), thing.turn_rad)
        model.geom_rgba[geom] = thing.rgba
