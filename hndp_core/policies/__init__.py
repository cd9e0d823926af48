"""Networks that turn what the robot sees or knows into one motion, and their checkpoints."""

from hndp_core.policies.checkpoint import dump_checkpoint, load_checkpoint, parse_checkpoint, save_checkpoint
from hndp_core.policies.chunking_policy import ChunkingPolicy
from hndp_core.policies.contracts import GlobalPolicy, LocalPolicies
from hndp_core.policies.encoder import EncoderConfig, SpatialSoftmaxEncoder, prepare_images
from hndp_core.policies.learned_policy import LearnedPolicy
from hndp_core.policies.nearest_demonstration import NearestDemonstration
from hndp_core.policies.network import Network
from hndp_core.policies.pose_network import PoseNetwork
from hndp_core.policies.spatial_softmax import pixel_grid, spatial_softmax
from hndp_core.policies.stacked_state_policy import StackedStatePolicy
from hndp_core.policies.standardiser import Standardiser
from hndp_core.policies.state_policy import StatePolicy
from hndp_core.policies.transformer_config import TransformerConfig
from hndp_core.policies.visuomotor_policy import VisuomotorPolicy

__all__ = [
    "ChunkingPolicy",
    "EncoderConfig",
    "GlobalPolicy",
    "LearnedPolicy",
    "LocalPolicies",
    "NearestDemonstration",
    "Network",
    "PoseNetwork",
    "SpatialSoftmaxEncoder",
    "StackedStatePolicy",
    "Standardiser",
    "StatePolicy",
    "TransformerConfig",
    "VisuomotorPolicy",
    "dump_checkpoint",
    "load_checkpoint",
    "parse_checkpoint",
    "pixel_grid",
    "prepare_images",
    "save_checkpoint",
    "spatial_softmax",
]
