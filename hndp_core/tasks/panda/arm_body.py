"""The shape of the Franka Panda with hand and fingers, for the check before motion.

Its parts are the convex hulls that the arm's maker publishes as collision meshes.
"""

from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.arm_body import ArmBody, ArmRoom, Conflict
from hndp_core.tasks.panda.arm import add_arm
from hndp_core.tasks.panda.simulator import Model, mujoco

PANDA_ROOM: Final = ArmRoom(x_min_m=-0.5, x_max_m=1.0, y_min_m=-0.7, y_max_m=0.7, z_max_m=1.2)
"""A cell with a table before the arm, and nobody within arm's length of it."""

_BASE: Final = "link0"
"""Stands on the table and does not move: only the other parts must keep clear of table and walls."""

_AXES: Final = ("x", "y", "height")


class PandaBody(ArmBody):
    """The Panda's links, hand and fingers, as MuJoCo collides them."""

    def __init__(self, room: ArmRoom = PANDA_ROOM) -> None:
        """Build the model, which takes some ten milliseconds.

        Raises:
            MissingArmMeshes: the package with the meshes is not installed.
        """
        self.room = room
        spec = mujoco.MjSpec()
        spec.compiler.degree = False
        add_arm(spec)
        spec.add_exclude(bodyname1=_BASE, bodyname2="link1")  # neighbours; MuJoCo leaves out all other ones
        for geom in spec.geoms:
            geom.contype, geom.conaffinity, geom.margin = 1, 1, room.clearance_m
        self._model = spec.compile()
        self._data = mujoco.MjData(self._model)
        bodies = [self._model.body(body).name for body in self._model.geom_bodyid]
        self._parts = [body.replace("link", "link ") for body in bodies]
        self._moving = [geom for geom, body in enumerate(bodies) if body != _BASE]
        self._hulls = [_hull(self._model, geom) for geom in range(self._model.ngeom)]
        self.reach_m = _reach_m(self._model, self._hulls)

    def first_conflict(self, joints: Float64[np.ndarray, "rows dof"]) -> Conflict | None:
        """Return what comes too close in the first row [rad] in which anything does."""
        model, data = self._model, self._data
        places = np.empty((len(joints), model.ngeom, 3))
        turns = np.empty((len(joints), model.ngeom, 9))
        touching, row = None, 0
        for row, pose in enumerate(joints):
            data.qpos[:] = pose
            mujoco.mj_kinematics(model, data)
            mujoco.mj_collision(model, data)
            places[row], turns[row] = data.geom_xpos, data.geom_xmat
            touching = self._touching(row) if data.ncon else None
            if touching is not None:
                break
        seen = slice(row + 1)
        return self._outside(places[seen], turns[seen].reshape(-1, model.ngeom, 3, 3)) or touching

    def _touching(self, row: int) -> Conflict | None:
        """Return the two parts that are closest in the present pose, if they are too close."""
        distances = self._data.contact.dist
        closest = int(distances.argmin())
        if distances[closest] >= self.room.clearance_m:
            return None
        one, other = (self._parts[geom] for geom in sorted(self._data.contact.geom[closest]))
        return Conflict(row, other, f"distance to {one}", float(distances[closest]), self.room.clearance_m)

    def _outside(
        self, places: Float64[np.ndarray, "rows parts 3"], turns: Float64[np.ndarray, "rows parts 3 3"]
    ) -> Conflict | None:
        """Return the part that first comes too close to the table or to a wall of the room."""
        low, high = self.room.bounds()
        low, high = low + self.room.clearance_m, high - self.room.clearance_m
        conflicts = []
        for part in self._moving:
            corners = turns[:, part] @ self._hulls[part].T
            ends = places[:, part] + np.stack([corners.min(axis=2), corners.max(axis=2)])
            for values, limits, bad in ((ends[0], low, ends[0] < low), (ends[1], high, ends[1] > high)):
                if bad.any():
                    row, axis = (int(each) for each in np.argwhere(bad)[0])
                    name = self._parts[part]
                    conflicts.append(
                        Conflict(row, name, _AXES[axis], float(values[row, axis]), float(limits[axis]))
                    )
        return min(conflicts, key=lambda each: each.row, default=None)


def _hull(model: Model, geom: int) -> Float64[np.ndarray, "corners 3"]:
    """Return the corners of a part in the frame of its geom [m]."""
    mesh = model.geom_dataid[geom]
    first = model.mesh_vertadr[mesh]
    return model.mesh_vert[first : first + model.mesh_vertnum[mesh]].astype(np.float64)


def _reach_m(model: Model, hulls: list[Float64[np.ndarray, "corners 3"]]) -> Float64[np.ndarray, " dof"]:
    """Return for each joint the length of the chain from it to the farthest point that it moves [m]."""
    reach = np.zeros(model.nbody)
    for geom, hull in enumerate(hulls):
        farthest = np.linalg.norm(model.geom_pos[geom]) + np.linalg.norm(hull, axis=1).max()
        body = model.geom_bodyid[geom]
        reach[body] = max(reach[body], farthest)
    for body in range(model.nbody - 1, 0, -1):  # children have higher numbers than their parents
        parent = model.body_parentid[body]
        reach[parent] = max(reach[parent], np.linalg.norm(model.body_pos[body]) + reach[body])
    return reach[model.jnt_bodyid]
