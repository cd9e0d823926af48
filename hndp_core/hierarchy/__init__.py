"""Local and global policies in turn: H-NDP Algorithm 1.

Settings, gates and trial seeds are exported here and load no torch, so that the web process can
use them; training lives in `local_experts`, `pretraining`, `distill` and `refine`.
"""

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.gate_targets import GateTargets, gate_targets
from hndp_core.hierarchy.gates import (
    LABELS,
    Label,
    LabelEvent,
    gates_from_labels,
    majority_gate,
    snapshot_hash,
)
from hndp_core.hierarchy.methods import METHODS, Method, get_method
from hndp_core.hierarchy.steps import iteration_steps
from hndp_core.hierarchy.trial_seeds import PURPOSES, trial_seed

__all__ = [
    "LABELS",
    "METHODS",
    "PURPOSES",
    "GateTargets",
    "Label",
    "LabelEvent",
    "Method",
    "RefinementConfig",
    "gate_targets",
    "gates_from_labels",
    "get_method",
    "iteration_steps",
    "majority_gate",
    "snapshot_hash",
    "trial_seed",
]
