import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.tasks import Milestone, Rubric, get_task

SCOOP = Rubric((Milestone("reached", 0.2), Milestone("lifted", 0.8)), ("missed", "fell off"))


@pytest.mark.parametrize(
    ("reached", "score"),
    [((), 0.0), (("reached",), 0.2), (("reached", "lifted"), 1.0), (("no longer asked",), 0.0)],
)
def test_score_adds_up_the_credits_of_what_was_reached(reached: tuple[str, ...], score: float) -> None:
    assert SCOOP.score(reached) == score


def test_without_milestones_there_is_no_score() -> None:
    assert Rubric(failure_modes=("missed",)).score(()) is None


@pytest.mark.parametrize(
    "milestones",
    [
        (Milestone("reached", 0.5),),
        (Milestone("reached", 1.5), Milestone("lifted", -0.5)),
        (Milestone("reached", 0.5), Milestone("reached", 0.5)),
        (Milestone(" ", 1.0),),
        tuple(Milestone(str(place), 1 / 7) for place in range(7)),
    ],
)
def test_unusable_milestones_are_refused(milestones: tuple[Milestone, ...]) -> None:
    with pytest.raises(InvalidSetting, match="milestones"):
        Rubric(milestones)


def test_more_failure_modes_than_keys_are_refused() -> None:
    with pytest.raises(InvalidSetting, match="at most 8"):
        Rubric(failure_modes=tuple(str(place) for place in range(9)))


@pytest.mark.parametrize("name", ["scooping", "pouring", "writing"])
def test_own_tasks_bring_a_rubric(name: str) -> None:
    rubric = get_task(name).rubric
    assert rubric.failure_modes
    assert rubric.score(rubric.up_to(len(rubric.milestones))) == 1.0
    assert rubric.score(rubric.up_to(1)) == 0.25
