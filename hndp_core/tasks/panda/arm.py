"""Model of the Franka Panda with hand, as MuJoCo bodies.

The arm is drawn with its collision meshes (twelve times as fast as the visual ones) and collides with
nothing: what touches objects is the tool, and leaving the arm out keeps a rollout quick.
"""

from importlib.util import find_spec
from math import cos, sin
from pathlib import Path

from hndp_core.errors import HndpError
from hndp_core.tasks.panda import arm_facts as facts
from hndp_core.tasks.panda.simulator import Body, Spec, mujoco

_MESHES = Path("envs/assets/kitchen_franka/franka_assets/meshes/collision")
_WHITE = (0.93, 0.93, 0.92, 1.0)
_GREY = (0.35, 0.36, 0.38, 1.0)


class MissingArmMeshes(HndpError):
    """The package that carries the Panda's meshes is not installed."""

    def __init__(self) -> None:
        super().__init__("The Panda's meshes were not found: install the package gymnasium-robotics 1.4.2.")


def mesh_folder() -> Path:
    """Return the folder of the Panda's meshes, without importing the package that carries them.

    Raises:
        MissingArmMeshes: not installed.
    """
    package = find_spec("gymnasium_robotics")
    for location in (package.submodule_search_locations or []) if package else []:
        if (Path(location) / _MESHES / "link0.stl").is_file():
            return Path(location) / _MESHES
    raise MissingArmMeshes


def add_arm(spec: Spec) -> Body:
    """Add the Panda at the origin with position servos on joints 1 to 7; return the body of its hand."""
    folder = mesh_folder()
    for name in [*(f"link{number}" for number in range(8)), "hand", "finger"]:
        spec.add_mesh(name=name, file=str(folder / f"{name}.stl"))
    body = spec.worldbody.add_body(name="link0")
    _draw(body, "link0", _WHITE)
    for number, link in enumerate(facts.LINKS, start=1):
        body = body.add_body(
            name=f"link{number}",
            pos=link.position_m,
            quat=link.quaternion,
            mass=link.mass_kg,
            ipos=link.centre_of_mass_m,
            fullinertia=link.inertia_kgm2,
            explicitinertial=True,
            gravcomp=1.0,
        )
        _draw(body, f"link{number}", _WHITE)
        _add_joint(spec, body, number, link)
    return _add_hand(body)


def _add_joint(spec: Spec, body: Body, number: int, link: facts.Link) -> None:
    name = f"joint{number}"
    body.add_joint(
        name=name,
        axis=(0, 0, 1),
        range=link.range_rad,
        armature=facts.JOINT_ARMATURE_KGM2,
        damping=[facts.JOINT_DAMPING_NMS, 0, 0],
    )
    servo = spec.add_actuator(name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    servo.set_to_position(kp=link.stiffness, kv=link.stiffness * facts.SERVO_DAMPING_PER_STIFFNESS_S)
    servo.forcerange = (-link.torque_nm, link.torque_nm)
    servo.ctrlrange = link.range_rad


def _add_hand(flange: Body) -> Body:
    hand = flange.add_body(
        name="hand",
        pos=facts.HAND_POSITION_M,
        quat=(cos(facts.HAND_YAW_RAD / 2), 0.0, 0.0, sin(facts.HAND_YAW_RAD / 2)),
        mass=facts.HAND_MASS_KG,
        ipos=facts.HAND_CENTRE_OF_MASS_M,
        inertia=facts.HAND_INERTIA_KGM2,
        explicitinertial=True,
        gravcomp=1.0,
    )
    _draw(hand, "hand", _WHITE)
    for quaternion in ((1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)):
        _draw(hand, "finger", _GREY, facts.FINGER_POSITION_M, quaternion)
    return hand


def _draw(
    body: Body,
    mesh: str,
    rgba: tuple[float, float, float, float],
    position: facts.Vector = (0.0, 0.0, 0.0),
    quaternion: facts.Quaternion = (1.0, 0.0, 0.0, 0.0),
) -> None:
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_MESH,
        meshname=mesh,
        pos=position,
        quat=quaternion,
        rgba=rgba,
        contype=0,
        conaffinity=0,
        mass=0,
    )
