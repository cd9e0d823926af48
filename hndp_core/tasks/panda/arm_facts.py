"""Frames, inertias and servo gains of the Franka Panda, in its true joint convention.

Frames and inertial parameters are those of the arm's public URDF. Servo torques are clamped to the
arm's limits. All servos share one ratio of damping to stiffness, so that all joints lag by one time and
the path of the tool is delayed rather than bent.
"""

from dataclasses import dataclass
from math import pi
from typing import Final

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]

_LEVEL: Final = (1.0, 0.0, 0.0, 0.0)
_PLUS: Final = (0.7071067811865476, 0.7071067811865476, 0.0, 0.0)
_MINUS: Final = (0.7071067811865476, -0.7071067811865476, 0.0, 0.0)


@dataclass(frozen=True)
class Link:
    """A link and the joint that carries it, turning about its z axis.

    Attributes:
        position_m: joint frame in the parent link's frame.
        quaternion: turn of the joint frame against the parent's, w first.
        range_rad: least and greatest joint position.
        mass_kg: mass.
        centre_of_mass_m: in the link's frame.
        inertia_kgm2: xx, yy, zz, xy, xz, yz about the centre of mass.
        stiffness: servo torque per joint error [Nm/rad].
        torque_nm: greatest servo torque.
    """

    position_m: Vector
    quaternion: Quaternion
    range_rad: tuple[float, float]
    mass_kg: float
    centre_of_mass_m: Vector
    inertia_kgm2: tuple[float, float, float, float, float, float]
    stiffness: float
    torque_nm: float


LINKS: Final = (
    Link(
        (0.0, 0.0, 0.333),
        _LEVEL,
        (-2.8973, 2.8973),
        4.970684,
        (0.003875, 0.002081, -0.04762),
        (0.70337, 0.70661, 0.009117, -0.000139, 0.006772, 0.019169),
        4500.0,
        87.0,
    ),
    Link(
        (0.0, 0.0, 0.0),
        _MINUS,
        (-1.7628, 1.7628),
        0.646926,
        (-0.003141, -0.02872, 0.003495),
        (0.007962, 0.02811, 0.025995, -0.003925, 0.010254, 0.000704),
        4500.0,
        87.0,
    ),
    Link(
        (0.0, -0.316, 0.0),
        _PLUS,
        (-2.8973, 2.8973),
        3.228604,
        (0.027518, 0.039252, -0.066502),
        (0.037242, 0.036155, 0.01083, -0.004761, -0.011396, -0.012805),
        3500.0,
        87.0,
    ),
    Link(
        (0.0825, 0.0, 0.0),
        _PLUS,
        (-3.0718, -0.0698),
        3.587895,
        (-0.05317, 0.104419, 0.027454),
        (0.025853, 0.019552, 0.028323, 0.007796, -0.001332, 0.008641),
        3500.0,
        87.0,
    ),
    Link(
        (-0.0825, 0.384, 0.0),
        _MINUS,
        (-2.8973, 2.8973),
        1.225946,
        (-0.011953, 0.041065, -0.038437),
        (0.035549, 0.029474, 0.008627, -0.002117, -0.004037, 0.000229),
        2000.0,
        12.0,
    ),
    Link(
        (0.0, 0.0, 0.0),
        _PLUS,
        (-0.0175, 3.7525),
        1.666555,
        (0.060149, -0.014117, -0.010517),
        (0.001964, 0.004354, 0.005433, 0.000109, -0.001158, 0.000341),
        2000.0,
        12.0,
    ),
    Link(
        (0.088, 0.0, 0.0),
        _PLUS,
        (-2.8973, 2.8973),
        0.735522,
        (0.010517, -0.004252, 0.061597),
        (0.012516, 0.010027, 0.004815, -0.000428, -0.001196, -0.000741),
        2000.0,
        12.0,
    ),
)

SERVO_DAMPING_PER_STIFFNESS_S: Final = 0.05
JOINT_ARMATURE_KGM2: Final = 0.1
JOINT_DAMPING_NMS: Final = 1.0

HAND_POSITION_M: Final = (0.0, 0.0, 0.107)
HAND_YAW_RAD: Final = -pi / 4
HAND_MASS_KG: Final = 0.73
HAND_CENTRE_OF_MASS_M: Final = (-0.01, 0.0, 0.03)
HAND_INERTIA_KGM2: Final = (0.001, 0.0025, 0.0017)
FINGER_POSITION_M: Final = (0.0, 0.0, 0.0584)

HOME_END_EFFECTOR_M: Final = (0.3069, 0.0, 0.4870)
"""Where the point between the finger tips stands at the home joints; frames can be checked against it."""

END_EFFECTOR_OFFSET_M: Final = (0.0, 0.0, 0.1034)
