"""What may be asked of an experiment as a file. The caller commits; a worker does it."""

import re
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.service import audit
from app.experiments.repository import ExperimentRepository
from app.platform.durable import Jobs
from app.transfers.models import Transfer
from app.transfers.repository import TransferRepository
from app.transfers.selection import Selection


def request_dataset(
    session: Session, jobs: Jobs, user: User, experiment_id: int, selection: Selection
) -> Transfer:
    """Ask for a data set; the same one asked for twice is written once.

    Raises:
        NotFound: no such experiment.
    """
    name = ExperimentRepository(session).get(experiment_id).name
    chosen = selection.to_json()
    for each in TransferRepository(session).under_way("dataset", experiment_id):
        if Selection.from_json(each.selection) == selection:
            return each
    return _ask(
        session, jobs, user, "dataset", file_name(name, selection.format), experiment_id, selection=chosen
    )


def request_archive(session: Session, jobs: Jobs, user: User, experiment_id: int) -> Transfer:
    """Ask for the whole experiment as one file.

    Raises:
        NotFound: no such experiment.
    """
    name = ExperimentRepository(session).get(experiment_id).name
    under_way = TransferRepository(session).under_way("archive", experiment_id)
    return (
        under_way[0]
        if under_way
        else _ask(session, jobs, user, "archive", file_name(name, "archive"), experiment_id)
    )


def request_restoration(
    session: Session, jobs: Jobs, user: User, artefact_key: str, size: int, experiment: str
) -> Transfer:
    """Ask for an experiment out of an uploaded archive, under a name of its own."""
    return _ask(
        session,
        jobs,
        user,
        "restoration",
        experiment,
        None,
        artefact_key=artefact_key,
        size=size,
    )


def file_name(experiment: str, what: str) -> str:
    """A file's name that every system takes, such as scooping-first-try-lerobot.zip."""
    plain = re.sub(r"[^a-z0-9]+", "-", experiment.lower()).strip("-")[:60] or "experiment"
    return f"{plain}-{what}.zip"


def _ask(
    session: Session,
    jobs: Jobs,
    user: User,
    kind: str,
    name: str,
    experiment_id: int | None,
    **columns: Any,
) -> Transfer:
    """The one door through which files are asked for, and the audit log."""
    row = Transfer(kind=kind, name=name, experiment_id=experiment_id, created_by_id=user.id, **columns)
    TransferRepository(session).add(row)
    act = "imported" if kind == "restoration" else "exported"
    of = "" if experiment_id is None else f" of experiment {experiment_id}"
    audit(session, user, act, f"{kind}{of}: {name}")
    jobs.transfer(session, row.id)
    return row
