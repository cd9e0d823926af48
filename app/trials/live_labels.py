"""Labels that are given while the arm moves: each ends the motion of its trial, and is stored with it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from fastapi import FastAPI
from jaxtyping import Float64
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.motion_guard import MotionGuard
from app.platform.durable import Jobs
from app.platform.errors import AppError, Conflict
from app.trials.labelling import label_trial
from app.trials.schemas import LabelAnswer, LabelForm

ANSWER_S: Final = 8.0
"""Time in which a motion comes to rest, and its record and label are stored."""


class Judged(BaseModel):
    """Who judges which trial how, and under which token they hold the arm."""

    user_id: int
    trial_id: int
    label: LabelForm
    token: int | None = None


class NotBegun(Conflict):
    def __init__(self) -> None:
        super().__init__("This trial has not moved yet, so there is nothing to judge: nothing was stored.")


class JudgedByAnother(Conflict):
    def __init__(self) -> None:
        super().__init__("Somebody else has just judged this trial. Correct it among the last decisions.")


class NotStoredYet(Conflict):
    def __init__(self) -> None:
        super().__init__("The trial is still being stored. Look among the last decisions of the queue.")


class NotExecuted(Conflict):
    def __init__(self) -> None:
        super().__init__("The trial did not come to its end: it is run again, and its label was not stored.")


@dataclass
class LiveTrial:
    """A trial under way, from before its motion until its row is written.

    Attributes:
        begun: whether the arm has moved
        judged: the label that ended it, if one did
        closed: whether it is being written, so that a label comes too late to be written with it
        over: whether that has come to its end
        executed: whether its row says so
        answer: what was stored with it, or why it was not
    """

    trial_id: int
    begun: bool = False
    judged: Judged | None = None
    closed: bool = False
    over: bool = False
    executed: bool = False
    answer: LabelAnswer | AppError | None = None

    def note_step(self, step: int, joints: Float64[np.ndarray, " dof"]) -> None:
        """Hear of each control step."""
        self.begun = True


class LiveLabels:
    """The door for labels of the trial that a cell runs now. Thread-safe."""

    def __init__(self, jobs: Jobs, guard: MotionGuard) -> None:
        self._jobs = jobs
        self._guard = guard
        self._changed = threading.Condition()
        self._live: LiveTrial | None = None

    @contextmanager
    def of(self, trial_id: int) -> Iterator[LiveTrial]:
        """Take labels for this trial until the block ends."""
        live = LiveTrial(trial_id)
        with self._changed:
            self._live = live
        try:
            yield live
        finally:
            with self._changed:
                self._live, live.over = None, True
                self._changed.notify_all()

    def write(self, session: Session, live: LiveTrial) -> None:
        """Add the label, if one was given, to the transaction that stores the trial as executed."""
        with self._changed:
            live.closed = True
        if live.judged is not None:
            try:
                with session.begin_nested():  # a label that is refused must not take the trial with it
                    author = session.get_one(User, live.judged.user_id)
                    live.answer = label_trial(session, self._jobs, author, live.trial_id, live.judged.label)
            except AppError as refused:
                live.answer = refused

    def judge(self, judged: Judged) -> LabelAnswer | None:
        """End the motion of the trial that runs now; return its label when that is stored, and the record.

        None: the trial does not run here, or has ended by itself and is stored: it is labelled as any other.

        Raises:
            StaleLease: they may not move the arm.
            Conflict: the trial has not begun, was void in the end, or cannot be labelled so.
        """
        with self._changed:
            live = self._live
            if live is None or live.trial_id != judged.trial_id:
                return None
            self._guard.require_operator(judged.token, judged.user_id)
            if not live.begun:
                raise NotBegun
            if live.judged is None and not live.closed:
                live.judged = judged
            if not self._changed.wait_for(lambda: live.over, ANSWER_S):
                raise NotStoredYet
        return _answer(live, judged)


def _answer(live: LiveTrial, judged: Judged) -> LabelAnswer | None:
    if not live.executed:
        raise NotExecuted
    if live.judged is None:
        return None
    if live.judged.label.request_key != judged.label.request_key:
        raise JudgedByAnother
    if isinstance(live.answer, AppError):
        raise live.answer
    return live.answer


def offer_live_labels(service: FastAPI, labels: LiveLabels) -> None:
    """POST /judge, a part of the cell's live service: the label that was stored, or null where the trial does
    not run any more.
    """

    @service.post("/judge")
    def judge(asked: Judged) -> dict[str, Any]:
        stored = labels.judge(asked)
        return {"label": None if stored is None else stored.model_dump()}
