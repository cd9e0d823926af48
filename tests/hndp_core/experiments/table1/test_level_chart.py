from collections.abc import Sequence
from typing import Any

import pytest

from hndp_core.experiments.table1.charts import drawing_library
from hndp_core.experiments.table1.level_chart import can_be_drawn, draw_levels
from hndp_core.experiments.table1.rows import HNDP_ROW
from hndp_core.experiments.table1.summary import summarise
from hndp_core.tasks import get_task
from tests.hndp_core.experiments.table1.made_results import result

YES, NO = True, False


@pytest.fixture
def drawn():
    """The panels of a figure of scooping, each as its ticks and the heights of its curves by label."""
    plot = drawing_library()
    figures: list[Any] = []

    def panels(*held_out: tuple[str, str, Sequence[bool]]) -> list[tuple[list[str], dict[str, list[float]]]]:
        results = [result(row, ended, task=f"scooping@{level}") for level, row, ended in held_out]
        figures.append(draw_levels(plot, "scooping", summarise(results)))
        return [(_ticks(axis), _curves(axis)) for axis in figures[-1].axes]

    yield panels
    for figure in figures:
        plot.close(figure)


def _ticks(axis: Any) -> list[str]:
    return [label.get_text() for label in axis.get_xticklabels()]


def _curves(axis: Any) -> dict[str, list[float]]:
    return {bars.get_label(): list(bars.lines[0].get_ydata()) for bars in axis.containers}


def test_the_ladder_goes_from_easy_to_hard_whatever_ran_first(drawn):
    panels = drawn(
        ("tight", HNDP_ROW, [NO, NO]), ("clean", HNDP_ROW, [YES, YES]), ("human", HNDP_ROW, [YES, NO])
    )
    assert panels == [(["clean", "human", "tight"], {"H-NDP, 1x": [1.0, 0.5, 0.0]})]


def test_fewer_train_regions_are_no_steps_of_the_ladder_but_stand_beside_the_default(drawn):
    default = get_task("scooping").default_level
    ladder, regions = drawn(
        ("clean", HNDP_ROW, [YES, YES]),
        (default, HNDP_ROW, [YES, NO]),
        ("fewest", HNDP_ROW, [NO, NO]),
        ("few", HNDP_ROW, [YES, NO]),
    )
    assert ladder == (["clean", default], {"H-NDP, 1x": [1.0, 0.5]})
    assert regions == ([f"18\n{default}", "8\nfew", "4\nfewest"], {"H-NDP, 1x": [0.5, 0.5, 0.0]})


def test_a_row_that_ran_at_one_level_alone_has_no_curve(drawn):
    results = [("clean", HNDP_ROW, [YES]), ("tight", HNDP_ROW, [NO]), ("tight", "ndp_1x", [NO])]
    ((_, curves),) = drawn(*results)
    assert list(curves) == ["H-NDP, 1x"]


@pytest.mark.parametrize("levels", [("clean",), ("clean", "few")])
def test_levels_that_do_not_stand_side_by_side_make_no_figure(levels: Sequence[str]):
    summaries = summarise([result(HNDP_ROW, [YES], task=f"scooping@{level}") for level in levels])
    assert not can_be_drawn("scooping", summaries)
