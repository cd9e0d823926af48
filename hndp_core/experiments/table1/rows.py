"""The rows of the table: a method, with so many demonstrations and iterations (H-NDP Table I)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hndp_core.errors import UnknownName
from hndp_core.hierarchy.methods import get_method

HNDP_ROW = "hndp_1x_5"
"""What every other row is compared with, unless it names another."""


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        name: such as "hndp_1x_5"; without the last number where there is one iteration
        method: name of the method
        demonstrations: of each train region
        iterations: times that locals and global policy are trained
        paper: the paper's success rate on its real robot, by task; empty where it has none
        settings: those that differ from the table's, by name
        against: name of the row that it is compared with
    """

    name: str
    method: str
    demonstrations: int
    iterations: int
    paper: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    against: str = HNDP_ROW

    @property
    def title(self) -> str:
        """The method's name for people, and what of its settings is its own."""
        told = [get_method(self.method).title, *self.settings.values()]
        return ", ".join(told).replace("_", " ")

    @property
    def baseline(self) -> bool:
        """Whether it stands for another method than H-NDP and its variants."""
        return not self.method.startswith("hndp")

    @property
    def work(self) -> float:
        """How long a run takes, roughly, in iterations: for saying how much time is left."""
        return self.iterations + 0.5


def _row(method: str, demonstrations: int, iterations: int, paper: tuple[float, ...] = ()) -> Row:
    times = f"_{iterations}" if iterations > 1 else ""
    tasks = ("writing", "scooping", "pouring") if paper else ()
    published: dict[str, float] = dict(zip(tasks, paper, strict=True))
    return Row(f"{method}_{demonstrations}x{times}", method, demonstrations, iterations, published)


MAIN_ROWS: tuple[Row, ...] = (
    _row("ndp", 1, 1, (0.2, 0.2, 0.0)),
    _row("vanilla", 1, 1, (0.1, 0.0, 0.0)),
    _row("ndp", 5, 1, (0.5, 0.3, 0.0)),
    _row("vanilla", 5, 1, (0.1, 0.0, 0.0)),
    _row("gps", 5, 1, (0.1, 0.0, 0.0)),
    _row("hndp", 5, 1, (0.4, 0.3, 0.0)),
    _row("gps", 1, 5, (0.3, 0.0, 0.2)),
    _row("hndp", 1, 5, (0.8, 0.6, 0.3)),
)
"""The eight rows of the paper, with all methods well conditioned."""

RAW_ROWS: tuple[Row, ...] = tuple(
    _row(f"{row.method}_raw", row.demonstrations, row.iterations, tuple(row.paper.values()))
    for row in MAIN_ROWS
    if row.baseline or row.name == HNDP_ROW
)
"""The same with outputs as the papers describe them, which are not normalised."""

EXTRA_ROWS: tuple[Row, ...] = (
    _row("cnn_dmp", 1, 1),
    _row("cnn_dmp_raw", 1, 1),
    _row("act", 1, 1),
    _row("nearest", 1, 1),
    _row("hndp_same_images", 1, 5),
)
"""Beyond the paper's table, among them the control without new images."""

HNDP_FEATURES_ROW = f"{HNDP_ROW}_features"
"""What the other rows with feature points are compared with: they see the same."""

FEATURE_ROWS: tuple[Row, ...] = tuple(
    replace(
        row,
        name=f"{row.name}_features",
        settings={"visual_input": "feature_points"},
        against=HNDP_ROW if row.name == HNDP_ROW else HNDP_FEATURES_ROW,
    )
    for row in (*MAIN_ROWS, *EXTRA_ROWS)
    if row.name in ("ndp_1x", "vanilla_1x", "gps_1x_5", HNDP_ROW, "hndp_same_images_1x_5")
)
"""What sees feature points, as the policies of the papers do, instead of what pretraining told of them."""

ROWS: dict[str, Row] = {row.name: row for row in (*MAIN_ROWS, *RAW_ROWS, *EXTRA_ROWS, *FEATURE_ROWS)}


def get_row(name: str) -> Row:
    """Return the row of that name.

    Raises:
        UnknownName: no such row; the message lists those there are.
    """
    if name not in ROWS:
        raise UnknownName("row", name, ROWS)
    return ROWS[name]
