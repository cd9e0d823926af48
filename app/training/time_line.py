"""Where an experiment stands, step by step, as its page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.experiments.durations import spoken, spoken_roughly
from app.experiments.models import Experiment
from app.training.forecast import Forecast
from app.training.models import TRAININGS, Iteration, Step
from app.trials.planning import PURPOSES
from hndp_core.hierarchy import RefinementConfig, get_method, iteration_steps

TITLES: Final = {
    "pretraining": "Pretraining",
    "local_training": "Local training",
    "local_rollouts": "Local rollouts",
    "global_training": "Global training",
    "gate_rollouts": "Gate trials",
    "held_out_rollouts": "Held-out trials",
    "labelling": "Labels",
}
EXPLANATIONS: Final = {
    "pretraining": "The convolutions learn, once, what an image shows, such as where the object is.",
    "local_training": "One expert per train region learns, all at once.",
    "local_rollouts": "The experts run in their regions; their images join the data set.",
    "global_training": "One policy from images learns from the experts or, without any, from demonstrations.",
    "gate_rollouts": "The global policy runs in the train regions; the labels of these trials set the gates.",
    "held_out_rollouts": "The global policy runs where nothing was demonstrated; this only measures.",
    "labelling": "People judge the trials; then the gates are set and the next iteration starts by itself.",
}
_OF_ONE_ITERATION: Final = {
    "gate_rollouts": (
        "Train trials",
        "The global policy runs in the train regions; with one iteration this only measures.",
    ),
    "labelling": ("Labels", "People judge the trials; the experiment is finished when all are judged."),
}
_UNITS: Final = {
    "labelling": "labelled",
    **dict.fromkeys(TRAININGS, "training steps"),
    "pretraining": "images and training steps",
}


_Words = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class StepView:
    """One cell of the time line; `time` says what it took, or what is left."""

    id: int | None
    kind: str
    title: str
    explanation: str
    status: str
    done: int = 0
    total: int = 0
    progress: str = ""
    time: str = ""
    error: str | None = None


@dataclass(frozen=True)
class IterationView:
    """One row of the time line, begun or still to come: a step, or None, for each kind of the plan."""

    number: int
    status: str
    time: str
    steps: tuple[StepView | None, ...]


@dataclass(frozen=True)
class Present:
    """What the page says first: what happens now, and who has to do what.

    Attributes:
        act: what a person has to do, or that nobody has to
        iteration: number of the iteration under way, None before the start
        step: the step under way, None where there is none
        left_s: forecast for all that the machines still do [s], None where nothing is known
        left: the same in words, "" where nothing is known
    """

    act: str
    iteration: int | None
    step: StepView | None
    left_s: float | None
    left: str


def words_of(experiment: Experiment) -> _Words:
    """Title and explanation of each kind of step."""
    words = {kind: (title, EXPLANATIONS[kind]) for kind, title in TITLES.items()}
    return words if experiment.refines else {**words, **_OF_ONE_ITERATION}


def plan_kinds(experiment: Experiment) -> tuple[str, ...]:
    """Kinds of step that this experiment has at all: the columns of its time line."""
    return iteration_steps(1, RefinementConfig(**experiment.settings))


def data_source(experiment: Experiment) -> str:
    """What the global policy learns from, for people."""
    config = RefinementConfig(**experiment.settings)
    method = get_method(config.method)
    if not method.local_to_global:
        return "the demonstrations"
    if not method.new_images:
        return "the demonstrations' images again"
    return {"local_rollouts": "local rollouts", "gate_rollouts": "gate trials"}[config.dataset_source]


def view_iterations(
    experiment: Experiment, iterations: Sequence[Iteration], present: datetime
) -> list[IterationView]:
    """All iterations of the plan, those to come with the steps that they will have."""
    config, words = RefinementConfig(**experiment.settings), words_of(experiment)
    columns, forecast = plan_kinds(experiment), Forecast(iterations)
    begun = {each.number: each for each in iterations}
    rows = []
    for number in range(1, experiment.iterations + 1):
        if number in begun:
            rows.append(_begun(begun[number], columns, words, forecast, present))
        else:
            rows.append(_to_come(number, columns, words, iteration_steps(number, config)))
    return rows


def view_present(
    experiment: Experiment,
    iterations: Sequence[Iteration],
    missing: Sequence[str],
    waiting: Mapping[str, int],
    present: datetime,
) -> Present:
    """What happens now; `missing` names train regions without demonstration, `waiting` counts trials."""
    forecast = Forecast(iterations)
    under_way = next(
        (step for each in iterations for step in each.steps if step.status not in ("done", "cancelled")), None
    )
    if experiment.status not in ("running", "paused", "failed"):
        under_way = None
    left_s = _plan_left_s(experiment, iterations, forecast, present) if under_way else None
    return Present(
        act=next_act(experiment, missing, waiting, under_way),
        iteration=under_way.iteration.number if under_way else None,
        step=_view(under_way, words_of(experiment), forecast, present) if under_way else None,
        left_s=left_s,
        left=f"about {spoken_roughly(left_s)} of machine time left, apart from labelling" if left_s else "",
    )


def next_act(
    experiment: Experiment, missing: Sequence[str], waiting: Mapping[str, int], under_way: Step | None
) -> str:
    """Who has to do what now."""
    left = sum(waiting.values())
    labels = f"{left} {'trial waits' if left == 1 else 'trials wait'} for a label."
    if experiment.status == "draft":
        if missing:
            shown = ", ".join(missing[:6]) + (f" and {len(missing) - 6} more" if len(missing) > 6 else "")
            noun, verb = ("region", "needs") if len(missing) == 1 else ("regions", "need")
            return f"Train {noun} {shown} still {verb} an accepted demonstration."
        return "Every train region has its demonstration. Start the refinement."
    if experiment.status == "running" and under_way is not None and under_way.status == "waiting":
        return _labelling_act(labels, waiting, under_way, experiment.iterations)
    if experiment.status == "running" and under_way is not None and under_way.kind in PURPOSES:
        cell = experiment.cell
        if cell.motion != "ready":
            return f"Cell {cell.name}: {cell.motion_note}"
    if experiment.status == "finished" and left:
        return f"{labels} They are held-out ones, which only measure: the figures count them once labelled."
    return {
        "running": labels if left else "It runs by itself; nobody has to do anything now.",
        "paused": "Paused: what was done is kept. Resume to go on.",
        "failed": "A step has failed. Read its message, mend the cause, then retry.",
        "finished": "All planned iterations are done. The dashboard shows the figures.",
        "cancelled": "Cancelled. What was recorded and trained is kept.",
    }[experiment.status]


def _labelling_act(labels: str, waiting: Mapping[str, int], under_way: Step, iterations: int) -> str:
    """What a labelling that waits asks for; only the last one waits for held-out trials."""
    is_last = under_way.iteration.number == iterations
    if is_last and sum(waiting.values()):
        return f"{labels} The experiment is finished when all are labelled."
    if waiting.get("gate"):
        return f"{labels} The next iteration starts by itself when the gate trials are labelled."
    if under_way.done < under_way.total:
        return "Trials that were judged invalid are run again; nobody has to do anything now."
    coming = "The experiment is finished" if is_last else "The gates are set"
    return f"All labelled. {coming} in a few seconds: until then the last label can be taken back."


def curves(iteration: Iteration) -> dict[str, Any]:
    """Loss curves of one iteration, as JSON values."""
    return {
        "iteration": iteration.number,
        "steps": [
            {"kind": step.kind, "title": TITLES[step.kind], "points": step.curve}
            for step in iteration.steps
            if step.curve
        ],
    }


def _begun(
    iteration: Iteration,
    columns: Sequence[str],
    words: _Words,
    forecast: Forecast,
    present: datetime,
) -> IterationView:
    statuses = [step.status for step in iteration.steps]
    foremost = [each for each in ("failed", "running", "waiting", "cancelled") if each in statuses]
    status = "done" if iteration.finished_at is not None else (foremost or ["pending"])[0]
    left = forecast.iteration_left(iteration, present)
    if iteration.finished_at is not None:
        time = spoken((iteration.finished_at - iteration.created_at).total_seconds())
    elif status == "running" and left:
        time = f"about {spoken_roughly(left)} left"
    else:
        time = ""
    views = {step.kind: _view(step, words, forecast, present) for step in iteration.steps}
    return IterationView(iteration.number, status, time, tuple(views.get(kind) for kind in columns))


def _view(step: Step, words: _Words, forecast: Forecast, present: datetime) -> StepView:
    shown = step.total > 0 and step.status != "cancelled"
    return StepView(
        id=step.id,
        kind=step.kind,
        title=words[step.kind][0],
        explanation=words[step.kind][1],
        status=step.status,
        done=step.done,
        total=step.total,
        progress=f"{step.done} of {step.total} {_UNITS.get(step.kind, 'run')}" if shown else "",
        time=_time(step, forecast, present),
        error=step.error,
    )


def _time(step: Step, forecast: Forecast, present: datetime) -> str:
    if step.status == "done" and step.started_at and step.finished_at:
        return spoken((step.finished_at - step.started_at).total_seconds())
    left = forecast.step_left(step, present) if step.status == "running" else None
    return f"about {spoken_roughly(left)} left" if left else ""


def _to_come(number: int, columns: Sequence[str], words: _Words, kinds: Sequence[str]) -> IterationView:
    steps = tuple(
        StepView(None, kind, *words[kind], "pending") if kind in kinds else None for kind in columns
    )
    return IterationView(number, "pending", "", steps)


def _plan_left_s(
    experiment: Experiment, iterations: Sequence[Iteration], forecast: Forecast, present: datetime
) -> float | None:
    config = RefinementConfig(**experiment.settings)
    numbers = range(len(iterations) + 1, experiment.iterations + 1)
    to_come = [iteration_steps(number, config) for number in numbers]
    return forecast.plan_left(iterations, to_come, present)
