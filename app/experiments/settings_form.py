"""Settings of `RefinementConfig` as form fields: one source for label, help, range and refusal."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from typing import Any, Final

from hndp_core.errors import HndpError, InvalidSetting, UnknownName
from hndp_core.hierarchy import RefinementConfig

PREFIX: Final = "setting_"
MAIN_SETTINGS: Final = ("method", "iterations", "trials_per_region", "dataset_source")
"""They have fields of their own on the form; all others are the advanced ones."""

_GROUPS: Final = {
    "Motion": ("forcing", "basis", "attractor_", "phase_"),
    "Local policies": ("local_", "gate_"),
    "Global policy": ("global_", "batch_", "demonstration_", "first_", "second_", "third_"),
    "Pretraining": ("pretrain",),
    "Augmentation of images": ("augment_",),
}
"""Beginnings of the names of each group's settings."""

_REST: Final = "Machine"


@dataclass(frozen=True)
class SettingField:
    """One advanced setting as the form shows it."""

    name: str
    label: str
    help: str
    default: str
    value: str
    choices: tuple[str, ...]
    whole: bool
    range: str

    @property
    def input_name(self) -> str:
        return PREFIX + self.name


def setting_groups(form: Mapping[str, str]) -> dict[str, list[SettingField]]:
    """The advanced settings by group, with the values of the form where it has some."""
    groups: dict[str, list[SettingField]] = {title: [] for title in (*_GROUPS, _REST)}
    for each in fields(RefinementConfig):
        if each.name not in MAIN_SETTINGS:
            groups[_group_of(each.name)].append(_field(each, form))
    return {title: members for title, members in groups.items() if members}


def read_settings(
    form: Mapping[str, str], main: Mapping[str, Any]
) -> tuple[RefinementConfig, dict[str, str]]:
    """Return the settings, and what is wrong by input name; wrong ones keep their defaults.

    `main` holds the values of `MAIN_SETTINGS` that are known to be good.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for each in fields(RefinementConfig):
        text = form.get(PREFIX + each.name, "").strip()
        if each.name in MAIN_SETTINGS or not text:
            continue
        try:
            value = _parse(each, text)
            RefinementConfig(**{each.name: value})
        except HndpError as error:
            errors[PREFIX + each.name] = explain(error)
        else:
            values[each.name] = value
    try:
        return RefinementConfig(**values, **main), errors
    except InvalidSetting as error:  # settings that are good one by one, and not together
        errors[error.field] = explain(error)
        return RefinementConfig(**values), errors


def explain(error: HndpError) -> str:
    """What is wrong, as it reads beside its field."""
    if isinstance(error, InvalidSetting):
        return f"{error.remedy[0].upper()}{error.remedy[1:]}."
    if isinstance(error, UnknownName):
        kind, available = error.kind.replace("_", " "), ", ".join(error.available)
        return f"There is no {kind} {error.name!r}. Available: {available}."
    return str(error)


def _group_of(name: str) -> str:
    return next((title for title, beginnings in _GROUPS.items() if name.startswith(beginnings)), _REST)


def _parse(setting: Field, text: str) -> Any:
    if setting.type is str:
        return text
    kind = int if setting.type is int else float
    try:
        return kind(text)
    except ValueError:
        raise InvalidSetting(
            setting.name, text, f"give a {'whole number' if kind is int else 'number'}"
        ) from None


def _field(setting: Field, form: Mapping[str, str]) -> SettingField:
    low, high = setting.metadata["low"], setting.metadata["high"]
    return SettingField(
        name=setting.name,
        label=setting.name.replace("_", " ").capitalize(),
        help=setting.metadata["help"],
        default=_shown(setting.default),
        value=form.get(PREFIX + setting.name, _shown(setting.default)),
        choices=tuple(setting.metadata["choices"]),
        whole=setting.type is int,
        range="" if low is None else f"{_shown(low)} to {_shown(high)}",
    )


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
