"""The settings of one refinement: which method, how long, on which data (H-NDP Algorithm 1)."""

import json
import math
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, cast

from hndp_core.errors import InvalidSetting, UnknownName
from hndp_core.hierarchy.methods import METHODS, get_method

FORCINGS = ("goal_scaled", "unscaled")
DATASET_SOURCES = ("local_rollouts", "gate_rollouts")
PRETRAINED_FEATURES = ("kept", "trained")
VISUAL_INPUTS = ("readout", "feature_points")


def _setting(
    default: Any, help: str, *, low: float | None = None, high: float | None = None, choices=()
) -> Any:
    """A field with its help text and its valid values, so that a form can show and refuse the same things."""
    return field(
        default=default, metadata={"help": help, "low": low, "high": high, "choices": tuple(choices)}
    )


@dataclass(frozen=True)
class RefinementConfig:
    """Frozen, flat settings; `fields(RefinementConfig)` carry help, low, high and choices as metadata.

    Raises:
        UnknownName: for a method, forcing or data source that does not exist.
        InvalidSetting: for a number of the wrong type or outside its range, with the field's name; for
            several iterations of a method that has nothing to refine.
    """

    method: str = _setting("hndp", "Learning method.", choices=METHODS)
    iterations: int = _setting(5, "Times that locals and global policy are trained in turn.", low=1, high=100)
    trials_per_region: int = _setting(
        1,
        "Trials of the global policy per train region and iteration; their majority sets the gate.",
        low=1,
        high=25,
    )
    dataset_source: str = _setting(
        "local_rollouts",
        "What feeds D: rollouts of the local policies (the paper) or the gate trials alone.",
        choices=DATASET_SOURCES,
    )
    threads: int = _setting(
        2, "CPU threads of training; part of the seed's promise of same bits.", low=1, high=64
    )

    forcing: str = _setting(
        "unscaled", "Forcing term: times (g - y0) as in the papers, or not.", choices=FORCINGS
    )
    basis: int = _setting(30, "Radial basis functions per joint.", low=2, high=200)
    attractor_gain: float = _setting(25.0, "Gain of the critically damped attractor.", low=1.0, high=200.0)
    phase_decay: float = _setting(1.0, "Decay rate of the canonical system's phase.", low=0.1, high=10.0)

    local_hidden: int = _setting(40, "Neurons of a local policy's hidden layer.", low=1, high=10_000)
    local_steps: int = _setting(
        400, "Full-batch Adam steps of the local policies at first.", low=1, high=100_000
    )
    local_learning_rate: float = _setting(
        1e-2, "Peak learning rate of the local policies.", low=1e-7, high=1.0
    )
    local_refinement_steps: int = _setting(
        200, "Adam steps of all local policies from the second iteration on.", low=1, high=100_000
    )
    local_refinement_learning_rate: float = _setting(
        1e-3,
        "Peak learning rate of the local policies from the second iteration on; at a high one they fit "
        "demonstration and gate trial each, and answer the few millimetres between them with a wild slope.",
        low=1e-7,
        high=1.0,
    )
    gate_weight: float = _setting(
        1.0,
        "Weight of the pull towards the global trajectory where a gate is open (Eq. 6).",
        low=0.0,
        high=100.0,
    )

    global_steps: int = _setting(
        500, "Minibatch Adam steps of the global policy in the first iteration.", low=1, high=1_000_000
    )
    batch_size: int = _setting(24, "Observations per minibatch.", low=2, high=1024)
    global_learning_rate: float = _setting(
        3e-3, "Peak learning rate of the global policy.", low=1e-7, high=1.0
    )
    global_refinement_steps: int = _setting(
        150, "Minibatch Adam steps of the global policy from the second iteration on.", low=1, high=1_000_000
    )
    global_refinement_learning_rate: float = _setting(
        3e-4,
        "Peak learning rate of the global policy from the second iteration on; a high one fits the camera's "
        "jitter in the images of D.",
        low=1e-7,
        high=1.0,
    )
    visual_input: str = _setting(
        "readout",
        "What a global policy sees: what pretraining taught to tell (place or class), or the feature points.",
        choices=VISUAL_INPUTS,
    )
    pretrained_features: str = _setting(
        "kept",
        "Whether pretrained convolutions are kept in global training, or trained on with it.",
        choices=PRETRAINED_FEATURES,
    )
    demonstration_weight: float = _setting(
        1.0, "Weight of the demonstrations beside the local policies (Eq. 7).", low=0.0, high=100.0
    )

    first_channels: int = _setting(32, "Feature maps of the first convolution.", low=1, high=512)
    second_channels: int = _setting(32, "Feature maps of the second convolution.", low=1, high=512)
    third_channels: int = _setting(32, "Feature maps whose positions are the features.", low=1, high=512)
    second_stride: int = _setting(
        2, "Stride of the second convolution; 2 is three times cheaper.", low=1, high=2
    )
    global_hidden: int = _setting(100, "Neurons of each fully connected layer.", low=1, high=10_000)

    pretrain_images: int = _setting(
        1000, "Images with approximate poses for pretraining; 0: none.", low=0, high=100_000
    )
    pretrain_steps: int = _setting(
        2400, "Minibatch Adam steps of the pose pretraining.", low=1, high=1_000_000
    )
    pretrain_learning_rate: float = _setting(
        3e-3, "Peak learning rate of the pretraining.", low=1e-7, high=1.0
    )

    augment_light: float = _setting(0.1, "Random change of brightness, relative.", low=0.0, high=0.9)
    augment_colour: float = _setting(
        0.05, "Random change of each colour channel, relative.", low=0.0, high=0.9
    )
    augment_shift_px: float = _setting(
        0.0, "Random shift of the image, up to this many pixels.", low=0.0, high=8.0
    )
    augment_noise: float = _setting(0.01, "Deviation of pixel noise on a scale of 1.", low=0.0, high=0.5)

    def __post_init__(self) -> None:
        for each in fields(self):
            _check(each, getattr(self, each.name))
        method = get_method(self.method)
        if self.iterations > 1 and not method.local_to_global:
            remedy = f"{method.title} has no local policies to refine, so choose 1 iteration"
            raise InvalidSetting("iterations", self.iterations, remedy)

    def to_json(self) -> str:
        """The settings as one JSON object with sorted keys: equal settings give equal text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "RefinementConfig":
        """The inverse of `to_json`; fields left out take their defaults.

        Raises:
            InvalidSetting: for text that is no JSON object.
            UnknownName: for a field that does not exist.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise InvalidSetting("settings", text[:80], f"give a JSON object ({error})") from error
        if not isinstance(values, dict):
            raise InvalidSetting("settings", text[:80], "give a JSON object")
        known = [each.name for each in fields(cls)]
        for name in values:
            if name not in known:
                raise UnknownName("setting", name, known)
        return cls(**cast(dict[str, Any], values))


def _check(setting: Field, value: Any) -> None:
    choices, low, high = (setting.metadata[key] for key in ("choices", "low", "high"))
    if choices:
        if value not in choices:
            raise UnknownName(setting.name, str(value), choices)
        return
    whole = setting.type is int
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise InvalidSetting(setting.name, value, f"give a {'whole number' if whole else 'number'}")
    if not (math.isfinite(value) and low <= value <= high):
        raise InvalidSetting(setting.name, value, f"choose between {low:g} and {high:g}")
